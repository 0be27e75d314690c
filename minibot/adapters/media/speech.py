"""Speech to text on this machine: Whisper, run by CTranslate2. Needs the extra ``whisper``.

The model is loaded anew for each message: that costs a second or a few, and between messages
nothing of it is in memory.
"""

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minibot.adapters.media.own_process import have_done
from minibot.core.errors import MediaUnreadable, Problem
from minibot.core.settings import Transcription

log = logging.getLogger(__name__)

WORKER = "minibot.adapters.media.speech_worker"
LIBRARY = "faster_whisper"
PARTS = ("model.bin", "tokenizer.json")
"""Files without which a folder holds no model."""

_WHERE_MODELS_ARE = ("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME")
_KEY = "media.transcription"


class LocalTranscriber:
    """Implements `minibot.core.ports.Transcriber`, one message after the other."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def transcribe(self, path: str, *, name: str, settings: Transcription) -> str:
        if not await asyncio.to_thread(os.path.exists, path):
            raise MediaUnreadable("it is not kept any more: send it again")
        try:
            async with self._turn:
                model, heard = await _ask(path, settings)
        except TimeoutError:
            raise MediaUnreadable(
                f"recognising the speech took longer than {settings.timeout_seconds:g} seconds"
            ) from None
        except OSError as error:
            log.warning("no process to recognise speech in", extra={"problem": str(error)})
            raise MediaUnreadable("there is no room to hear it just now: send it again") from error
        if model.problem:
            log.warning("the speech model cannot be used", extra={"problem": model.problem})
            raise MediaUnreadable(
                "the speech recognition cannot use its model: `minibot check` says why"
            )
        if heard.problem:
            raise MediaUnreadable(heard.problem)
        return heard.text

    async def close(self) -> None: ...


def problems_with(settings: Transcription) -> tuple[Problem, ...]:
    """Say what keeps the local engine from working, as far as that shows without loading it."""
    if not _is_on(settings):
        return ()
    problems: list[Problem] = []
    if find_spec(LIBRARY) is None:
        message = 'engine = "local" needs the extra: pip install "minibot[whisper]"'
        problems.append(Problem(key=f"{_KEY}.engine", message=message))
    folder = settings.model_folder
    if folder is not None and (missing := _missing(folder)):
        problems.append(Problem(key=f"{_KEY}.model", message=missing))
    return tuple(problems)


async def problems_on_trial(settings: Transcription) -> tuple[Problem, ...]:
    """Load the model, and say what keeps it from working beside `problems_with`."""
    if not _is_on(settings) or problems_with(settings):
        return ()
    try:
        model, _ = await _ask("", settings)
        problem = model.problem
    except TimeoutError:
        problem = (
            f"loading {settings.model} took longer than timeout_seconds = "
            f"{settings.timeout_seconds:g}: choose a smaller model, or give it more time"
        )
    except OSError as error:
        problem = f"no process can be started to load it in: {error}"
    return (Problem(key=f"{_KEY}.model", message=problem),) if problem else ()


def _is_on(settings: Transcription) -> bool:
    return settings.enabled and settings.engine == "local"


def _missing(folder: Path) -> str:
    if not folder.is_dir():
        return f"there is no folder {folder}: name the one with the model, or a model such as small"
    gone = [name for name in PARTS if not (folder / name).is_file()]
    if not gone:
        return ""
    return (
        f"{folder} has no {' and no '.join(gone)}: it has to hold a Whisper model in "
        "CTranslate2's format, such as Systran/faster-whisper-small at the Hugging Face Hub"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One line of the process."""

    text: str = ""
    problem: str = ""


async def _ask(path: str, settings: Transcription) -> tuple[_Said, _Said]:
    """Have a process load the model and hear a file, if one is named; what it says of each.

    Raises:
        TimeoutError, OSError: as `have_done`.
    """
    folder = settings.model_folder
    order = {
        "path": path,
        "folder": "" if folder is None else str(folder),
        "model": settings.model,
        "language": settings.language,
        "seconds": settings.timeout_seconds,
    }
    ended = await have_done(
        WORKER,
        json.dumps(order).encode(),
        seconds=settings.timeout_seconds,
        more={
            # Nothing is fetched on the way: it may be hundreds of megabytes.
            "HF_HUB_OFFLINE": "1",
            **{name: os.environ[name] for name in _WHERE_MODELS_ARE if name in os.environ},
        },
    )
    if ended.exit_code:
        log.warning("the speech recognition broke", extra={"exit_code": ended.exit_code})
    return _said(ended.output, ended.exit_code, settings.model)


def _said(output: bytes, exit_code: int, model: str) -> tuple[_Said, _Said]:
    lines = _lines(output)
    if not lines:
        broken = f"loading {model} ended its process (exit code {exit_code}): fetch it anew"
        return _Said(problem=broken), _Said()
    if len(lines) == 1:
        return lines[0], _Said(problem="it is damaged, or too long to be heard")
    return lines[0], lines[1]


def _lines(output: bytes) -> Sequence[_Said]:
    """What is whole of what a process said before its end."""
    said: list[_Said] = []
    for line in output.splitlines():
        try:
            fields: dict[str, Any] = json.loads(line)
            said.append(_Said(text=str(fields["text"]), problem=str(fields["problem"])))
        except (ValueError, KeyError, TypeError):
            break
    return said
