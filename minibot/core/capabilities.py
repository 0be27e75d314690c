"""What a model can do, as far as is known without asking it."""

from dataclasses import dataclass, replace

from minibot.core.settings import CapabilityOverrides, ModelSettings

MARGIN = 0.9
"""The part of a context that is used: tokens are estimated, not counted."""

ANSWER_TOKENS = 4_096
"""Kept free for the answer when the settings do not say how long it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a model can do."""

    vision: bool = False
    tools: bool = True
    context_tokens: int = 32_768


def capabilities_of(settings: ModelSettings) -> Capabilities:
    """Look a model up by the beginning of its name; the settings have the last word."""
    name = settings.model.lower().rpartition("/")[2]  # openrouter writes "vendor/model"
    known = next((found for prefix, found in _KNOWN if name.startswith(prefix)), Capabilities())
    return _overridden(known, settings.capabilities)


def room_for_questions(settings: ModelSettings) -> int:
    """Give the tokens a request may have, the answer left free."""
    context = capabilities_of(settings).context_tokens
    answer = min(settings.max_new_tokens or ANSWER_TOKENS, context // 2)
    return int(context * MARGIN) - answer


def _overridden(known: Capabilities, said: CapabilityOverrides) -> Capabilities:
    if said.vision is not None:
        known = replace(known, vision=said.vision)
    if said.tools is not None:
        known = replace(known, tools=said.tools)
    if said.context_tokens is not None:
        known = replace(known, context_tokens=said.context_tokens)
    return known


def _sees(context_tokens: int) -> Capabilities:
    return Capabilities(vision=True, context_tokens=context_tokens)


def _reads(context_tokens: int, *, tools: bool = True) -> Capabilities:
    return Capabilities(tools=tools, context_tokens=context_tokens)


# The longest prefix first, where one begins with another. The figures are those of the
# providers' model pages; a model that is not here is taken for a modest one with tools.
_KNOWN: tuple[tuple[str, Capabilities], ...] = (
    ("gpt-5", _sees(272_000)),
    ("gpt-4.1", _sees(1_047_576)),
    ("gpt-4o", _sees(128_000)),
    ("gpt-4-turbo", _sees(128_000)),
    ("gpt-4", _reads(8_192)),
    ("gpt-3.5", _reads(16_385)),
    ("gpt-oss", _reads(131_072)),
    ("o1-mini", _reads(128_000, tools=False)),
    ("o1", _sees(200_000)),
    ("o3", _sees(200_000)),
    ("o4", _sees(200_000)),
    ("claude", _sees(200_000)),
    ("gemini", _sees(1_048_576)),
    ("gemma-3n", _sees(32_768)),
    ("gemma3n", _sees(32_768)),
    ("gemma-3", _sees(131_072)),
    ("gemma3", _sees(131_072)),
    ("grok-4", _sees(256_000)),
    ("grok-2-vision", _sees(32_768)),
    ("grok", _reads(131_072)),
    ("llama-4", _sees(131_072)),
    ("llama4", _sees(131_072)),
    ("llama-3.2-11b-vision", _sees(131_072)),
    ("llama-3.2-90b-vision", _sees(131_072)),
    ("llama3.2-vision", _sees(131_072)),
    ("llama", _reads(131_072)),
    ("llava", _sees(4_096)),
    ("minicpm-v", _sees(32_768)),
    ("pixtral", _sees(131_072)),
    ("qwen2.5-vl", _sees(32_768)),
    ("qwen2.5vl", _sees(32_768)),
    ("qwen2-vl", _sees(32_768)),
    ("qwen3-vl", _sees(131_072)),
    ("qwen-vl", _sees(32_768)),
    ("qvq", _sees(131_072)),
    ("qwen", _reads(32_768)),
    ("deepseek", _reads(65_536)),
    ("mistral-small", _sees(131_072)),
    ("mistral-medium", _sees(131_072)),
    ("mistral", _reads(32_768)),
    ("kimi-vl", _sees(131_072)),
    ("kimi", _reads(131_072)),
    ("glm-4v", _sees(65_536)),
    ("glm-4.1v", _sees(65_536)),
    ("glm-4.5v", _sees(65_536)),
    ("glm", _reads(131_072)),
)
