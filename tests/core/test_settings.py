"""Defaults are safe, mistakes are refused, and two snapshots can be compared."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from minibot.core.settings import (
    RESTART_KEYS,
    HttpClientTool,
    LanguageModelSettings,
    LogFile,
    Media,
    Memory,
    ModelContext,
    ModelPrices,
    ModelRetry,
    ModelTimeouts,
    NotesTool,
    RedisMemory,
    Runtime,
    Section,
    Settings,
    SlackChannel,
    SqlMemory,
    TelegramChannel,
    Transcription,
    WebSearchTool,
)
from minibot.core.settings_diff import diff, waiting_for_restart

TOKEN = "123456:canary-secret"
NAMED = {"provider": "openai", "base_url": "http://x", "model": "m"}


def settings(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


def test_nobody_may_talk_by_default() -> None:
    telegram = Settings().channels.telegram
    assert not telegram.enabled
    assert telegram.allowed_user_ids == ()
    assert telegram.allowed_chat_ids == ()
    assert telegram.owners == ()
    assert not Settings().channels.console.enabled


def test_a_snapshot_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().llm.model = "other"  # type: ignore[misc]


@pytest.mark.parametrize("who", [True, 1.0, None, "@bob", "", "1_0", "٣", "1e3", "0x1", 2**63])
def test_an_id_is_a_whole_number_and_nothing_like_it(who: object) -> None:
    for key in ("allowed_user_ids", "allowed_chat_ids", "owner_user_ids"):
        with pytest.raises(ValidationError, match="must be a numeric id"):
            TelegramChannel.model_validate({key: [who]})


def test_everybody_must_be_spelled_out_and_never_in_groups_or_owners() -> None:
    assert TelegramChannel(allowed_user_ids=("*",)).allowed_user_ids == ("*",)
    for key in ("allowed_chat_ids", "owner_user_ids"):
        with pytest.raises(ValidationError):
            TelegramChannel.model_validate({key: ["*"]})


def test_an_id_may_be_in_quotes() -> None:
    telegram = TelegramChannel.model_validate({"allowed_user_ids": ["12", "-5"]})
    assert telegram.allowed_user_ids == (12, -5)


def test_groups_are_answered_when_they_mean_the_bot() -> None:
    groups = TelegramChannel().groups
    assert (groups.mode, groups.trigger_words) == ("addressed", ("minibot",))
    given = {"mode": "off", "trigger_words": ["Ёлка", "小助手", "hey bot"]}
    assert TelegramChannel.model_validate({"groups": given}).groups.mode == "off"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("mode", "sometimes", "addressed"),
        ("trigger_words", "minibot", "tuple"),
        ("trigger_words", [" "], "must be words of at most 64 characters"),
        ("trigger_words", ["?!"], "must be words of at most 64 characters"),
        ("trigger_words", ["x" * 65], "must be words of at most 64 characters"),
        ("trigger_words", ["/ask"], "must be plain words"),
        ("trigger_words", [" @minibot"], "must be plain words"),
        ("trigger_words", ["x"] * 51, "at most 50"),
    ],
)
def test_a_mistake_about_groups_is_named(key: str, value: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        TelegramChannel.model_validate({"groups": {key: value}})


def test_the_owner_is_the_first_allowed_person_unless_named() -> None:
    assert TelegramChannel(allowed_user_ids=("*", 5, 6)).owners == (5,)
    assert TelegramChannel(allowed_user_ids=(5,), owner_user_ids=(7, 8)).owners == (7, 8)
    assert TelegramChannel(allowed_user_ids=("*",)).owners == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "bot_token is missing"),
        ({"bot_token": "hello"}, "does not look like a token"),
        ({"bot_token": "12:a b"}, "does not look like a token"),
        ({"bot_token": ":secret"}, "does not look like a token"),
        ({"bot_token": "12:"}, "does not look like a token"),
        ({"bot_token": TOKEN, "mode": "webhook"}, "webhook_url is missing"),
        (
            {"bot_token": TOKEN, "mode": "webhook", "webhook_url": "https://a"},
            "webhook_secret is missing",
        ),
    ],
)
def test_telegram_that_is_on_must_be_complete(values: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        TelegramChannel.model_validate({"enabled": True, **values})
    assert TOKEN not in str(caught.value)
    assert TelegramChannel.model_validate({"enabled": False, **values})


def test_a_complete_webhook_is_taken() -> None:
    telegram = TelegramChannel(
        enabled=True,
        bot_token=SecretStr(TOKEN),
        mode="webhook",
        webhook_url="https://example.com/hook",
        webhook_secret=SecretStr("a-Z_9"),
    )
    assert telegram.bot_id == "123456"


@pytest.mark.parametrize("secret", ["é", "a b", "a" * 257])
def test_a_webhook_secret_is_what_telegram_takes(secret: str) -> None:
    with pytest.raises(ValidationError, match="must be 1-256 characters"):
        TelegramChannel(webhook_secret=SecretStr(secret))


@pytest.mark.parametrize(
    ("section", "values"),
    [
        (SlackChannel, {"enabled": True}),
        (Memory, {"mongo": {"enabled": True}}),
        (Memory, {"backend": "mongo"}),
    ],
)
def test_what_this_version_has_not_is_refused_when_switched_on(
    section: type[Section], values: dict[str, object]
) -> None:
    with pytest.raises(ValidationError, match="is not available"):
        section.model_validate(values)


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        (Runtime, {"max_concurrent_turns": 0}, "greater than or equal"),
        (Runtime, {"log_level": "LOUD"}, "should be"),
        (Media, {"max_file_mb": 0}, "greater than or equal"),
        (Media, {"quota_mb_per_owner": 10}, "quota_mb_per_owner is less than max_file_mb"),
        (Transcription, {"enabled": True, "base_url": ""}, "base_url is missing"),
        (Transcription, {"enabled": True, "model": ""}, "model is missing"),
        (Transcription, {"enabled": True, "engine": "local"}, "name of a Whisper model"),
        (Transcription, {"enabled": True, "engine": "local", "model": ""}, "name of a Whisper"),
        (Transcription, {"language": "German"}, "should match pattern"),
        (Transcription, {"base_url": "localhost"}, "must begin with http"),
        (ModelTimeouts, {"total_seconds": 0}, "greater than 0"),
        (ModelTimeouts, {"total_seconds": float("nan")}, "finite"),
        (ModelTimeouts, {"total_seconds": float("inf")}, "finite"),
        (ModelTimeouts, {"total_seconds": True}, "not true or false"),
        (ModelContext, {"history_window": True}, "not true or false"),
        (LanguageModelSettings, {"max_new_tokens": True}, "not true or false"),
        (LanguageModelSettings, {"temperature": False}, "not true or false"),
        (LanguageModelSettings, {"base_url": "localhost"}, "must begin with http"),
        (LanguageModelSettings, {"provider": "openai"}, "model is missing"),
        (LanguageModelSettings, {"provider": "openai", "model": "m"}, "api_key is missing"),
        (TelegramChannel, {"api_base_url": "localhost"}, "must begin with http"),
        (TelegramChannel, {"api_base_url": ""}, "at least 1 character"),
        (ModelRetry, {"min_wait_seconds": 11}, "larger than max_wait_seconds"),
        (SqlMemory, {"enabled": True, "url": "postgresql://x"}, "must begin with sqlite"),
        (RedisMemory, {"url": "localhost:6379"}, "must begin with redis://"),
        (NotesTool, {"sqlite_url": "notes.db"}, "must begin with sqlite"),
        (NotesTool, {"default_limit": 101}, "larger than max_limit"),
        (NotesTool, {"default_owner_id": "a b"}, "should match pattern"),
        (HttpClientTool, {"allowed_private_networks": [5]}, "must be a network"),
        (HttpClientTool, {"allowed_private_networks": ["10.0.0.1/8"]}, "host bits"),
        (WebSearchTool, {"enabled": True}, "base_url is missing"),
        (WebSearchTool, {"enabled": True, "provider": "brave"}, "api_key is missing"),
        (LanguageModelSettings, {**NAMED, "fallbacks": [{}]}, "the offline responder is none"),
        (
            LanguageModelSettings,
            {**NAMED, "fallbacks": [{"provider": "openai"}]},
            "model is missing",
        ),
        (LogFile, {"path": "/var/log/x"}, "must be a relative path"),
        (LogFile, {"path": "a/../../x"}, "must be a relative path"),
        (Settings, {"llm": {"modle": "x"}}, "Extra inputs"),
    ],
)
def test_a_mistake_is_refused(
    section: type[Section], values: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        section.model_validate(values)


def test_a_server_without_a_key_is_taken_when_it_is_ones_own() -> None:
    llm = LanguageModelSettings(provider="openai", model="m", base_url="http://127.0.0.1:1/v1/")
    assert llm.base_url == "http://127.0.0.1:1/v1"


def test_the_log_level_may_be_in_small_letters() -> None:
    assert Runtime.model_validate({"log_level": "debug"}).log_level == "DEBUG"


def test_the_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    runtime = {"data_dir": tmp_path}
    assert settings(runtime=runtime).database_path == tmp_path / "minibot.db"
    url = f"sqlite+aiosqlite:///{tmp_path}/sub/own.db"
    own = settings(runtime=runtime, memory={"sqlalchemy": {"enabled": True, "url": url}})
    assert own.database_path == tmp_path / "sub" / "own.db"


@pytest.mark.parametrize("rest", ["", "/elsewhere/x.db", "{data}", "{data}/../x.db", "{data}-2/x"])
def test_a_database_elsewhere_is_refused(tmp_path: Path, rest: str) -> None:
    url = "sqlite+aiosqlite:///" + rest.format(data=tmp_path)
    with pytest.raises(ValidationError, match=r"memory.sqlalchemy.url must name a file below"):
        settings(
            runtime={"data_dir": tmp_path}, memory={"sqlalchemy": {"enabled": True, "url": url}}
        )


def test_a_database_behind_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "out").symlink_to(tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path}/data/out/x.db"
    with pytest.raises(ValidationError, match="must name a file below"):
        settings(
            runtime={"data_dir": tmp_path / "data"},
            memory={"sqlalchemy": {"enabled": True, "url": url}},
        )


def test_what_differs_is_named_by_its_key_in_the_file() -> None:
    old = settings(llm={"model": "a", "retry": {"attempts": 1}}, logging={"json": True})
    new = settings(
        llm={"model": "b", "api_key": "canary", "retry": {"attempts": 1}},
        channels={"telegram": {"allowed_user_ids": [1]}},
    )
    changed = ("channels.telegram.allowed_user_ids", "llm.api_key", "llm.model", "logging.json")
    assert diff(old, new) == changed
    assert diff(new, old) == changed
    assert diff(new, new.model_copy(deep=True)) == ()


def test_secrets_are_compared_by_value() -> None:
    one, other = settings(llm={"api_key": "canary 1"}), settings(llm={"api_key": "canary 2"})
    assert diff(one, other) == ("llm.api_key",)
    assert diff(one, settings(llm={"api_key": "canary 1"})) == ()


def test_keys_that_wait_for_a_restart_are_picked() -> None:
    new = settings(
        runtime={"data_dir": "other", "log_level": "DEBUG"}, scheduler={"enabled": False}
    )
    changed = diff(Settings(), new)
    assert changed == ("runtime.data_dir", "runtime.log_level", "scheduler.enabled")
    assert waiting_for_restart(changed) == ("runtime.data_dir", "scheduler.enabled")


def test_every_key_that_waits_for_a_restart_exists() -> None:
    for key in RESTART_KEYS:
        node: Any = Settings()
        for part in key.split("."):
            node = getattr(node, part)
        assert not isinstance(node, Section)


def test_a_fallback_inherits_what_it_does_not_say() -> None:
    llm = settings(
        llm={
            "provider": "openai",
            "model": "first",
            "api_key": "k",
            "temperature": 0.5,
            "retry": {"attempts": 1},
            "timeouts": {"first_token_seconds": 7},
            "fallbacks": [
                {"provider": "claude", "model": "second", "api_key": "k2", "temperature": 1},
            ],
        }
    ).llm
    first, second = llm.chain
    assert (first.title, second.title) == ("openai/first", "claude/second")
    assert (first.temperature, second.temperature) == (0.5, 1)
    assert second.retry.attempts == 1
    assert second.timeouts.first_token_seconds == 7
    assert second.prices == ModelPrices()


def test_models_of_a_chain_are_the_same_whatever_the_context_says() -> None:
    brief, long = (
        settings(llm={"context": {"system_prompt": prompt}}).llm.chain for prompt in ("a", "b")
    )
    assert brief == long
    assert len({*brief, *long}) == 1


@pytest.mark.parametrize("name", ["minibot.db", "../notes.db"])
def test_notes_have_a_file_of_their_own_below_the_data_folder(name: str) -> None:
    url = f"sqlite+aiosqlite:///./data/{name}"
    with pytest.raises(ValidationError, match="sqlite_url"):
        settings(tools={"kv_memory": {"sqlite_url": url}})


def test_notes_are_with_the_rest_unless_they_are_elsewhere() -> None:
    assert settings().notes_path is None
    own = settings(tools={"kv_memory": {"sqlite_url": "sqlite+aiosqlite:///./data/notes.db"}})
    assert own.notes_path == Path("data/notes.db")
