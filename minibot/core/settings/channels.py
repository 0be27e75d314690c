"""Sections of the channels: ways to talk with people."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from minibot.core.settings.section import HttpBase, Port, Section, unavailable


def _numeric_id(value: object) -> object:
    """Take a whole number or its digits: anything cleverer could let in somebody unnamed."""
    if value == "*":
        return value
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    if digits.isascii() and digits.isdigit() and len(digits) < 20:
        value = int(str(value))
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError("must be a numeric id (names are not accepted: they can change hands)")
    return value


UserId = Annotated[int | Literal["*"], BeforeValidator(_numeric_id)]
NumericId = Annotated[int, BeforeValidator(_numeric_id)]


MOST_TRIGGER_WORDS, LONGEST_TRIGGER_WORD = 50, 64


class TelegramGroups(Section):
    """What is answered in groups that did not choose for themselves."""

    mode: Literal["addressed", "always", "off"] = "addressed"
    trigger_words: tuple[str, ...] = Field(default=("minibot",), max_length=MOST_TRIGGER_WORDS)
    """Whole words that mean the bot wherever they stand; case does not matter."""

    @field_validator("trigger_words")
    @classmethod
    def _words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            if not any(char.isalnum() for char in word) or len(word) > LONGEST_TRIGGER_WORD:
                raise ValueError(
                    f'must be words of at most {LONGEST_TRIGGER_WORD} characters, such as "minibot"'
                )
            if word.strip().startswith(("/", "@")):
                raise ValueError(
                    "must be plain words: commands and the bot's @name call it in any case"
                )
        return value


class TelegramChannel(Section):
    enabled: bool = False
    bot_token: SecretStr = SecretStr("")
    api_base_url: HttpBase = Field(default="https://api.telegram.org", min_length=1)
    allowed_user_ids: tuple[UserId, ...] = ()
    """Who may talk to the bot; nobody when empty, everybody with "*"."""
    allowed_chat_ids: tuple[NumericId, ...] = ()
    """Groups the bot answers in, for those in `allowed_user_ids`. A private chat needs no entry."""
    owner_user_ids: tuple[NumericId, ...] = ()
    """Who is told about trouble; the first of `allowed_user_ids` when empty."""
    groups: TelegramGroups = TelegramGroups()
    mode: Literal["long_polling", "webhook"] = "long_polling"
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8443
    long_answer_parts: int = Field(default=4, ge=0, le=100)
    """An answer of more messages than these comes as a file, too; 0 for never."""

    @model_validator(mode="after")
    def _complete_when_enabled(self) -> Self:
        if not self.enabled:
            return self
        token = self.bot_token.get_secret_value()
        if not token:
            raise ValueError(
                "bot_token is missing: @BotFather gives you one; "
                "put it here or in .env and write ${TELEGRAM_BOT_TOKEN}"
            )
        bot_id, colon, secret = token.partition(":")
        if not (bot_id.isascii() and bot_id.isdigit() and colon and secret) or any(
            char.isspace() for char in token
        ):
            raise ValueError("bot_token does not look like a token: digits, a colon, a secret")
        if self.mode == "webhook":
            self._require_webhook_keys()
        return self

    def _require_webhook_keys(self) -> None:
        if not self.webhook_url.startswith(("http://", "https://")):
            raise ValueError("webhook_url is missing: webhook mode needs a public https:// address")
        if not self.webhook_secret.get_secret_value():
            raise ValueError("webhook_secret is missing: make one up, 1-256 of A-Z a-z 0-9 _ -")

    @field_validator("webhook_secret")
    @classmethod
    def _secret_characters(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not (
            len(secret) <= 256
            and secret.isascii()
            and all(char.isalnum() or char in "_-" for char in secret)
        ):
            raise ValueError("must be 1-256 characters of A-Z a-z 0-9 _ -")
        return value

    @property
    def bot_id(self) -> str:
        """The number before the colon of the token: public, and stable across new tokens."""
        return self.bot_token.get_secret_value().partition(":")[0]

    @property
    def owners(self) -> tuple[int, ...]:
        """Who is told about trouble."""
        named = [user for user in self.allowed_user_ids if isinstance(user, int)]
        return self.owner_user_ids or tuple(named[:1])


class SlackChannel(Section):
    enabled: Annotated[bool, unavailable("the Slack channel")] = False
    bot_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    allowed_user_ids: tuple[str, ...] = ()


class ConsoleChannel(Section):
    enabled: bool = False


class Channels(Section):
    telegram: TelegramChannel = TelegramChannel()
    slack: SlackChannel = SlackChannel()
    console: ConsoleChannel = ConsoleChannel()
