"""The section of what people send beside words."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from minibot.core.settings.section import HttpBase, Seconds, Section


class Transcription(Section):
    """Speech to text, by a server that speaks like OpenAI's ``/audio/transcriptions``."""

    enabled: bool = False
    base_url: HttpBase = "https://api.openai.com/v1"
    api_key: SecretStr = SecretStr("")
    """A server of one's own may do without."""
    model: str = "gpt-4o-mini-transcribe"
    timeout_seconds: Seconds = 120

    @model_validator(mode="after")
    def _complete_when_enabled(self) -> Self:
        if self.enabled and not self.base_url:
            raise ValueError("base_url is missing: where /audio/transcriptions is, without that")
        if self.enabled and not self.model:
            raise ValueError("model is missing: the name the server has for it")
        return self


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
