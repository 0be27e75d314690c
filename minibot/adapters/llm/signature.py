"""What a provider wants to see again beside a tool call, safe from everybody else.

A history may hold the calls of several models. What one of them signed means nothing to another,
and most refuse a question that holds a signature they did not make; so it is kept under the name
of its format and its model, and given back to these two alone.
"""

import re

from minibot.core.llm import ToolCall

NO_SIGNATURE = "skip_thought_signature_validator"
"""What Google's API takes in place of the signature of a call that was made elsewhere."""

_UNSIGNED_GEMINI = re.compile(r"gemini-[012]\b")


def sealed(form: str, model: str, said: str) -> str:
    """Give what is kept in a call; empty when there is nothing to keep."""
    return f"{form}:{model}:{said}" if said else ""


def unsealed(call: ToolCall, form: str, model: str) -> str:
    """Give what this model signed a call with; empty when it did not."""
    prefix = f"{form}:{model}:"
    return call.signature[len(prefix) :] if call.signature.startswith(prefix) else ""


def demands_signatures(model: str) -> bool:
    """Say whether it is a model of Google's that refuses calls without a signature.

    Those from Gemini 3 on do; an alias such as ``gemini-flash-latest`` names one of them.
    """
    return model.startswith("gemini") and not _UNSIGNED_GEMINI.match(model)
