"""The demo itself: played by the real process, every scene is there."""

import re
from pathlib import Path

import pytest

from tests.demo.page import page
from tests.demo.picture import NoBrowser, take_picture
from tests.demo.script import FRIDAY, perform
from tests.demo.stage import on_stage


async def test_every_scene_is_played_and_seen(tmp_path: Path) -> None:
    async with on_stage(tmp_path, FRIDAY) as stage:
        await perform(stage)
        shown = page("Demo", stage.scenes, stage.telegram.files)

    assert len(stage.scenes) == shown.count("<section>") == 6
    for words in (
        "1,480.24 €",
        "My last answer here",
        "while it was written",
        "(Stopped.)",
        "The end.",
        "Remembered <b>Allergy</b>",
        "data:image/jpeg",
        "🔐",
        "call Ann",
        "Saturday, 29 May",
        "Lemon risotto",
        "shopping.txt",
        "😍",
    ):
        assert words in shown
    pressed = re.findall(r'<span class="pressed">([^<]*)</span>', shown)
    assert [label.split()[-1] for label in pressed] == ["Continue", "Once", "Save", "Done"]
    assert "127.0.0.1" not in shown
    assert str(tmp_path) not in shown


def test_without_a_browser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NoBrowser, match="apt install chromium"):
        take_picture(tmp_path / "demo.html", tmp_path / "demo.png")
