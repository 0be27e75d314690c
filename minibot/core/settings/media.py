"""The section of what people send beside words."""

from os.path import expanduser
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from minibot.core.settings.section import HttpBase, Seconds, Section

ENDPOINT_MODEL = "gpt-4o-mini-transcribe"


class Transcription(Section):
    """Speech to text."""

    enabled: bool = False
    engine: Literal["endpoint", "local"] = "endpoint"
    """A server that speaks like OpenAI's ``/audio/transcriptions``, or Whisper on this machine."""
    base_url: HttpBase = "https://api.openai.com/v1"
    """Of the endpoint, as ``api_key``."""
    api_key: SecretStr = SecretStr("")
    """A server of one's own may do without."""
    model: str = ENDPOINT_MODEL
    """The server's name for it; for the local engine see `model_folder`."""
    language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")
    """What is spoken, by ISO 639-1; empty to have that recognised too."""
    timeout_seconds: Seconds = 120
    """For one message."""

    @model_validator(mode="after")
    def _complete_when_enabled(self) -> Self:
        if not self.enabled:
            return self
        if self.engine == "local" and self.model in ("", ENDPOINT_MODEL):
            raise ValueError(
                'model is missing: for engine = "local" the name of a Whisper model, '
                'such as "small", or the folder of one, such as "/srv/whisper-small"'
            )
        if self.engine == "endpoint" and not self.base_url:
            raise ValueError("base_url is missing: where /audio/transcriptions is, without that")
        if not self.model:
            raise ValueError("model is missing: the name the server has for it")
        return self

    @property
    def model_folder(self) -> Path | None:
        """Where the local engine's model lies, in CTranslate2's format; None if it has a name.

        A folder is what begins with ``/``, ``~`` or ``.``.
        """
        if not self.model.startswith(("/", "~", ".")):
            return None
        return Path(expanduser(self.model)).absolute()


class Media(Section):
    """Photos, documents and voice messages."""

    max_file_mb: int = Field(default=20, ge=1, le=2_000)
    """What is larger is not fetched. Telegram's own server gives bots 20 MB at the most."""
    quota_mb_per_owner: int = Field(default=500, ge=1, le=1_000_000)
    """Of one person, or of one person in one group; what was used longest ago goes first."""
    expiry_days: int = Field(default=30, ge=1, le=3_650)
    """Days without use after which a file goes."""
    max_pages: int = Field(default=20, ge=1, le=10_000)
    """Of a document that the model is shown: pages, slides or sheets."""
    max_characters: int = Field(default=40_000, ge=1_000, le=1_000_000)
    """Of a document that the model is shown."""
    read_seconds: Seconds = 20
    """How long reading one file may take."""
    transcription: Transcription = Transcription()

    @model_validator(mode="after")
    def _a_file_fits(self) -> Self:
        if self.max_file_mb > self.quota_mb_per_owner:
            raise ValueError("quota_mb_per_owner is less than max_file_mb: no such file would fit")
        return self
