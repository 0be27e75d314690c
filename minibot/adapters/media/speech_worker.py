"""The process that hears one file: an order on standard input, what it finds on standard output.

Run as ``python -m minibot.adapters.media.speech_worker``; see `minibot.adapters.media.speech`.
One line of JSON tells of the model and a second of the file, so that the end of this process
tells which of them was to blame.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minibot.adapters.media.confinement import confine
from minibot.core.errors import MediaUnreadable

MEMORY_FOR_SPEECH = 3 * 1024**3
"""Of address space, in bytes, beside the model."""
MEMORY_FOR_MODEL = 3
"""Times its size: it is read, and converted to whole numbers of 8 bits."""
MOST_THREADS = 4

NO_SOUND = "there is no sound in it that I could hear"
FETCH = "{python} -c \"import faster_whisper; faster_whisper.download_model('{model}')\""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    path: str
    """Empty to try the model only."""
    folder: str
    """Of the model; empty when it has a name."""
    model: str
    language: str
    seconds: float


class ModelUnusable(Exception):
    """Its text says why and what to do."""


def main() -> None:
    order = Order(**json.load(sys.stdin.buffer))
    try:
        model = load(order)
    except ModelUnusable as error:
        _say(problem=str(error))
        return
    _say()
    if not order.path:
        return
    try:
        _say(text=hear(model, order))
    except MediaUnreadable as error:
        _say(problem=str(error))
    except MemoryError:
        _say(problem="it is too long to be heard")


def load(order: Order) -> Any:
    """Give faster-whisper's model. Raises `ModelUnusable`."""
    try:
        from faster_whisper import WhisperModel  # an optional extra
    except ImportError as error:
        raise ModelUnusable(
            f'faster-whisper cannot be used ({error}): pip install "minibot[whisper]"'
        ) from error
    folder = order.folder or _kept_under(order.model)
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    try:
        size = (Path(folder) / "model.bin").stat().st_size
        confine(
            memory=MEMORY_FOR_SPEECH + MEMORY_FOR_MODEL * size,
            cpu_seconds=order.seconds * threads,
        )
        model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise ModelUnusable(
            f"the model in {folder} cannot be loaded ({error}): fetch it anew, in CTranslate2's "
            "format, or choose a smaller one"
        ) from error
    known = model.supported_languages
    if order.language and order.language not in known:
        raise ModelUnusable(
            f'the model in {folder} knows no language = "{order.language}" but '
            f"{', '.join(known)}: leave language empty, or choose another model"
        )
    return model


def _kept_under(name: str) -> str:
    """Give the folder into which a model was fetched before. Raises `ModelUnusable`."""
    from faster_whisper import available_models, download_model

    try:
        return str(download_model(name, local_files_only=True))
    except OSError as error:
        raise ModelUnusable(
            f"the model {name} is not on this machine, or not all of it: fetch it once, as the "
            f"user minibot runs as, with {FETCH.format(python=sys.executable, model=name)}"
        ) from error
    except ValueError as error:
        raise ModelUnusable(
            f"no Whisper model is called {name}: there are {', '.join(available_models())}, "
            "those of the Hugging Face Hub as owner/name, and folders such as /srv/whisper-small"
        ) from error


def hear(model: Any, order: Order) -> str:
    """Give the words in a file. Raises `MediaUnreadable`, and `MemoryError` for a long one."""
    import av
    from faster_whisper import decode_audio

    if is_text(order.path):
        raise MediaUnreadable(NO_SOUND)
    try:
        sound = decode_audio(order.path)
    except MemoryError:
        raise
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
        raise MediaUnreadable(NO_SOUND) from error
    try:
        # Where nobody speaks, Whisper makes words up: that is cut out.
        segments, _ = model.transcribe(sound, language=order.language or None, vad_filter=True)
        return "".join(segment.text for segment in segments).strip()
    except RuntimeError as error:
        raise MediaUnreadable("the speech recognition failed at it") from error


def is_text(path: str) -> bool:
    """Tell a list of other files, which the decoder would open, from sound."""
    try:
        with Path(path).open("rb") as file:
            return not any(byte < 9 for byte in file.read(1024))
    except OSError as error:
        raise MediaUnreadable("it is not kept any more: send it again") from error


def _say(*, text: str = "", problem: str = "") -> None:
    said = {"text": text.encode("utf-8", "replace").decode(), "problem": problem}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
