"""Providers by name.

The imports inside the factories are deliberate: llm-async and its HTTP client take 0.12 s and
30 MB to load, which a person who starts with the offline responder should not pay.
"""

from collections.abc import Callable

from minibot.adapters.llm.offline import OfflineModel
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.ports import LanguageModel
from minibot.core.settings import ModelSettings


def open_model(settings: ModelSettings) -> LanguageModel:
    """Build the model that the settings name; nothing is sent before it is asked."""
    factory = PROVIDERS.get(settings.provider)
    if factory is None:
        known = ", ".join(sorted(PROVIDERS))
        message = f'there is no provider "{settings.provider}"; known are: {known}'
        raise ConfigurationError("config.toml", [Problem(key="llm.provider", message=message)])
    return factory(settings)


def _openai(settings: ModelSettings) -> LanguageModel:
    from llm_async import OpenAIProvider

    from minibot.adapters.llm.chat import ChatWire
    from minibot.adapters.llm.network import open_network_model

    return open_network_model(settings, OpenAIProvider, ChatWire)


def _openrouter(settings: ModelSettings) -> LanguageModel:
    from llm_async import OpenRouterProvider

    from minibot.adapters.llm.chat import ChatWire
    from minibot.adapters.llm.network import open_network_model

    return open_network_model(settings, OpenRouterProvider, ChatWire)


def _openai_responses(settings: ModelSettings) -> LanguageModel:
    from llm_async.providers.openai_responses import OpenAIResponsesProvider

    from minibot.adapters.llm.network import open_network_model
    from minibot.adapters.llm.responses import ResponsesWire

    return open_network_model(settings, OpenAIResponsesProvider, ResponsesWire)


def _claude(settings: ModelSettings) -> LanguageModel:
    from llm_async import ClaudeProvider

    from minibot.adapters.llm.claude import ClaudeWire
    from minibot.adapters.llm.network import open_network_model

    return open_network_model(settings, ClaudeProvider, ClaudeWire)


def _google(settings: ModelSettings) -> LanguageModel:
    from llm_async import GoogleProvider

    from minibot.adapters.llm.google import GoogleWire
    from minibot.adapters.llm.network import open_network_model

    return open_network_model(settings, GoogleProvider, GoogleWire)


def _offline(settings: ModelSettings) -> LanguageModel:
    return OfflineModel()


PROVIDERS: dict[str, Callable[[ModelSettings], LanguageModel]] = {
    "openai": _openai,
    "openai_responses": _openai_responses,
    "claude": _claude,
    "google": _google,
    "openrouter": _openrouter,
    "offline": _offline,
}
