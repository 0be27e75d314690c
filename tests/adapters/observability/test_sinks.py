import os
import stat
from pathlib import Path

import pytest

from minibot.adapters.observability.sinks import RotatingFile, open_log_file
from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def settings(data_dir: Path, **file: object) -> Settings:
    return Settings.model_validate(
        {"runtime": {"data_dir": data_dir}, "logging": {"file": {"enabled": True, **file}}}
    )


def test_full_file_moves_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "a.log", max_bytes=20, backups=2)
    for number in range(8):
        file.write(f"line {number}...")  # 10 bytes with its end
    file.close()
    assert held(tmp_path) == {
        "a.log": "line 6...\nline 7...\n",
        "a.log.1": "line 4...\nline 5...\n",
        "a.log.2": "line 2...\nline 3...\n",
    }


def test_without_backups_the_file_begins_anew(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "a.log", max_bytes=20, backups=0)
    for number in range(3):
        file.write(f"line {number}...")
    file.close()
    assert held(tmp_path) == {"a.log": "line 2...\n"}


def test_what_an_earlier_run_wrote_counts(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("0123456789abcde")
    file = RotatingFile(tmp_path / "a.log", max_bytes=20, backups=1)
    file.write("new line")
    file.close()
    assert held(tmp_path) == {"a.log": "new line\n", "a.log.1": "0123456789abcde"}


def test_line_longer_than_the_file_is_written_whole(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "a.log", max_bytes=5, backups=1)
    file.write("long line")
    file.write("next")
    file.close()
    assert held(tmp_path) == {"a.log": "next\n", "a.log.1": "long line\n"}


def test_size_is_counted_in_bytes(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "a.log", max_bytes=10, backups=1)
    file.write("ééé")
    file.write("ééé")
    file.close()
    assert held(tmp_path) == {"a.log": "ééé\n", "a.log.1": "ééé\n"}


def test_missing_files_do_not_stop_rotation(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "a.log", max_bytes=10, backups=3)
    file.write("12345678")
    (tmp_path / "a.log").unlink()
    file.write("12345678")
    file.close()
    assert held(tmp_path) == {"a.log": "12345678\n"}


def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = open_log_file(settings(tmp_path / "data", path="deep/logs/a.log"))
        assert file is not None
        file.close()
    finally:
        os.umask(before)
    for folder in ("data", "data/deep", "data/deep/logs"):
        assert mode(tmp_path / folder) == 0o700
    assert mode(tmp_path / "data/deep/logs/a.log") == 0o600


def test_rotated_files_stay_private(tmp_path: Path) -> None:
    (tmp_path / "a.log").touch(mode=0o644)
    file = RotatingFile(tmp_path / "a.log", max_bytes=5, backups=1)
    file.write("one")
    file.write("two")
    file.close()
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_no_file_unless_switched_on(tmp_path: Path) -> None:
    assert open_log_file(settings(tmp_path / "data", enabled=False)) is None
    assert not (tmp_path / "data").exists()


def test_file_that_cannot_be_opened_is_named_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be")
    with pytest.raises(ConfigurationError, match=r"logging\.file\.path: .*cannot be opened"):
        open_log_file(settings(tmp_path))
