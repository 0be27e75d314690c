"""Speech to text on this machine: what goes wrong is told, and the words come back."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minibot.adapters.media import speech
from minibot.adapters.media.speech import LocalTranscriber, problems_on_trial, problems_with
from minibot.adapters.media.speech_worker import is_text
from minibot.core.errors import MediaUnreadable
from minibot.core.settings import Transcription
from tests.adapters.media.speech_model import INSTALLED, MODEL, SPEECH, with_model

FIND_WITHOUT_EXTRA = """
import sys
sys.modules["faster_whisper"] = None  # as if it were not installed
from minibot.adapters.media.speech import problems_with
from minibot.core.settings import Transcription
settings = Transcription(enabled=True, engine="local", model="small")
print(*(f"{each.key}: {each.message}" for each in problems_with(settings)))
"""
LOAD_WITHOUT_EXTRA = """
import sys
sys.modules["faster_whisper"] = None
from minibot.adapters.media.speech_worker import main
main()
"""
ORDER = '{"path": "", "folder": "", "model": "small", "language": "", "seconds": 9}'


def settings_for(model: str | Path, **more: object) -> Transcription:
    return Transcription.model_validate(
        {"enabled": True, "engine": "local", "model": str(model), **more}
    )


async def heard(path: Path, model: str | Path, **more: object) -> str:
    settings = settings_for(model, **more)
    return await LocalTranscriber().transcribe(str(path), name="speech.ogg", settings=settings)


async def trial(model: str | Path, **more: object) -> str:
    (problem,) = await problems_on_trial(settings_for(model, **more))
    assert problem.key == "media.transcription.model"
    return problem.message


@pytest.fixture
def model_like(tmp_path: Path) -> Path:
    """A folder that shows nothing wrong until it is loaded."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in speech.PARTS:
        (folder / name).write_bytes(b"no model")
    return folder


def run_python(code: str, order: str = "") -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], input=order, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_without_the_library_the_extra_is_named() -> None:
    assert run_python(FIND_WITHOUT_EXTRA) == (
        'media.transcription.engine: engine = "local" needs the extra: '
        'pip install "minibot[whisper]"\n'
    )


def test_a_process_without_the_library_names_the_extra() -> None:
    assert r"pip install \"minibot[whisper]\"" in run_python(LOAD_WITHOUT_EXTRA, ORDER)


@pytest.mark.parametrize("off", [{"enabled": False}, {"engine": "endpoint"}])
async def test_what_is_not_in_use_needs_nothing(off: dict[str, object], tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "gone", **off)
    assert problems_with(settings) == await problems_on_trial(settings) == ()


def test_a_model_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = problems_with(settings_for(tmp_path / "gone"))[-1].message
    assert message.startswith(f"there is no folder {tmp_path}/gone: name the one with the model")


def test_a_folder_without_a_model_tells_what_it_lacks(model_like: Path) -> None:
    (model_like / "model.bin").unlink()
    message = problems_with(settings_for(model_like))[-1].message
    assert message.startswith(f"{model_like} has no model.bin: it has to hold a Whisper model")


def test_a_folder_with_all_parts_is_not_complained_of(model_like: Path) -> None:
    keys = [each.key for each in problems_with(settings_for(model_like))]
    assert "media.transcription.model" not in keys


async def test_a_model_that_cannot_be_loaded_is_told(
    model_like: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Be it for what is in the folder or, where it is not installed, for want of the library."""
    with pytest.raises(MediaUnreadable, match="cannot use its model: `minibot check` says why"):
        await heard(SPEECH, model_like)
    fault = f"the model in {model_like} cannot be loaded" if INSTALLED else "pip install"
    assert fault in caplog.records[-1].__dict__["problem"]


async def test_a_process_that_dies_hurts_nobody(
    model_like: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(speech, "WORKER", "no.such.module")
    with pytest.raises(MediaUnreadable, match="cannot use its model"):
        await heard(SPEECH, model_like)
    assert "ended its process (exit code 1)" in caplog.records[-1].__dict__["problem"]


def test_one_that_dies_after_the_model_was_loaded_blames_the_file() -> None:
    model, words = speech._said(b'{"text": "", "problem": ""}\n{"text": "hal', -11, "small")
    assert (model.problem, words.problem) == ("", "it is damaged, or too long to be heard")


async def test_what_takes_too_long_is_given_up_and_ended(model_like: Path) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    with pytest.raises(MediaUnreadable, match="took longer than 0.01 seconds"):
        await heard(SPEECH, model_like, timeout_seconds=0.01)
    assert not await asyncio.to_thread(children.read_text)


async def test_a_file_that_is_gone_is_told(tmp_path: Path, model_like: Path) -> None:
    with pytest.raises(MediaUnreadable, match="send it again"):
        await heard(tmp_path / "gone", model_like)


def test_a_list_of_files_is_no_sound(tmp_path: Path) -> None:
    """A decoder would open what the list names."""
    names = tmp_path / "list"
    names.write_text("#EXTM3U\n#EXTINF:4,\n/media/of/another.ogg\n")
    assert is_text(str(names))
    assert not is_text(str(SPEECH))


@with_model
async def test_words_come_back() -> None:
    words = (await heard(SPEECH, MODEL, language="en")).lower()
    assert "good morning" in words
    assert "weather in london" in words


@with_model
async def test_a_model_that_works_passes_its_trial() -> None:
    assert await problems_on_trial(settings_for(MODEL)) == ()


@with_model
async def test_two_are_heard_one_after_the_other() -> None:
    transcriber, settings = LocalTranscriber(), settings_for(MODEL)
    first, second = await asyncio.gather(
        *(transcriber.transcribe(str(SPEECH), name="x", settings=settings) for _ in range(2))
    )
    assert first == second != ""


@with_model
@pytest.mark.parametrize("data", [b"no sound", b"OggS\0\2" + bytes(90), b""])
async def test_what_is_no_sound_is_told(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(data)
    with pytest.raises(MediaUnreadable, match="no sound in it"):
        await heard(path, MODEL)


@with_model
async def test_a_language_the_model_does_not_know_is_told() -> None:
    assert 'knows no language = "zz" but ' in await trial(MODEL, language="zz")


@with_model
async def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    await asyncio.to_thread(shutil.copytree, MODEL, folder)
    os.truncate(folder / "model.bin", 1_000_000)
    assert (await trial(folder)).startswith(f"the model in {folder} cannot be loaded (")


@with_model
async def test_a_damaged_vocabulary_ends_the_process_and_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    await asyncio.to_thread(shutil.copytree, MODEL, folder)
    (folder / "tokenizer.json").write_text("{")
    assert f"loading {folder} ended its process" in await trial(folder)


@with_model
async def test_a_model_that_was_not_fetched_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert "faster_whisper.download_model('small')" in await trial("small")


@with_model
async def test_a_name_nobody_gave_lists_the_known_ones() -> None:
    assert "no Whisper model is called smal: there are tiny" in await trial("smal")
