"""Wires what reads the files that people send."""

from dataclasses import dataclass

from minibot.adapters.media.engines import ChosenTranscriber
from minibot.adapters.media.reading import ProcessReader
from minibot.adapters.media.speech import LocalTranscriber
from minibot.adapters.media.transcription import HttpTranscriber
from minibot.core.ports import MediaReader, Transcriber


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMeans:
    reader: MediaReader
    transcriber: Transcriber


def media_means() -> MediaMeans:
    """Give what reads and what listens; nothing is opened before it is needed."""
    transcriber = ChosenTranscriber({"endpoint": HttpTranscriber(), "local": LocalTranscriber()})
    return MediaMeans(reader=ProcessReader(), transcriber=transcriber)
