"""The answer of a minibot that has no language model yet: honest, useful, without a network."""

import re
from collections.abc import AsyncGenerator

from minibot.core.llm import CompletionRequest, Finished, FinishReason, Role, StreamEvent, TextDelta

QUOTED_LINES = 6
QUOTED_CHARACTERS = 400
RECALLED_CHARACTERS = 80

GREETINGS = frozenset({"hello", "hi", "hey", "hallo", "hola", "salut", "ciao", "привет", "/start"})
PLEAS = frozenset({"help", "/help", "?", "help me", "what can you do", "who are you"})

HOW_TO_CONNECT = """\
Put a provider into `config.toml`, save it, and write to me again. No restart is needed:

```toml
[llm]
provider = "openai"  # or "openai_responses", "claude", "google", "openrouter"
api_key = "${OPENAI_API_KEY}"
model = "gpt-5-mini"
```

A model on your own machine works as well, and needs no key:

```toml
[llm]
provider = "openai"
base_url = "http://localhost:11434/v1"
model = "llama3.2"
```"""

HELP = f"""\
I am minibot's **offline responder**. I stand in for a language model until you connect one.

**What already works**
- your messages are stored before I read them, and none is lost at a restart
- I answer in order, and remember what you said
- commands work as they will later

**What does not**: I cannot think. I repeat what I understood, and that is all.

**How to connect a model**
{HOW_TO_CONNECT}"""

GREETING = """\
Hello! The line works: your message arrived, and so did this answer.

I am minibot's **offline responder**, because no language model is connected yet. Write me \
anything and I will tell you what I understood, or send `help` to see how to connect a model."""

FAREWELL = "_Send_ `help` _to see how to connect a model that can answer._"


class OfflineModel:
    """Answers at once, the same way every time, and says that it is no model."""

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        """Answer; see the port."""
        for piece in re.findall(r"\s*\S+\s*", _reply(request)):
            yield TextDelta(piece)
        yield Finished(FinishReason.STOP)

    async def close(self) -> None:
        """Nothing is open."""


def _reply(request: CompletionRequest) -> str:
    said = [entry.text for entry in request.messages if entry.role is Role.USER]
    last = said[-1] if said else ""
    plain = " ".join(last.lower().strip(" \n\t.!?").split()) or last.strip()
    if plain in PLEAS:
        return HELP
    if not plain or plain in GREETINGS:
        return GREETING
    return _echo(last, previous=said[-2] if len(said) > 1 else "")


def _echo(text: str, *, previous: str) -> str:
    parts = ["**This is what I understood:**", _quoted(text), _described(text)]
    if previous.strip():
        parts.append(f"Before that you wrote: “{_shortened(previous, RECALLED_CHARACTERS)}”")
    parts.append(FAREWELL)
    return "\n\n".join(parts)


def _quoted(text: str) -> str:
    lines = _shortened_lines(text)
    return "\n".join(f"> {line}" for line in lines)


def _shortened_lines(text: str) -> list[str]:
    kept = [line.strip() for line in text.strip().splitlines() if line.strip()]
    shown = [_shortened(line, QUOTED_CHARACTERS) for line in kept[:QUOTED_LINES]]
    return [*shown, "…"] if len(kept) > QUOTED_LINES else shown


def _shortened(text: str, limit: int) -> str:
    """Give one line of at most so many characters, cut behind a word where there is one."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


def _described(text: str) -> str:
    words = len(text.split())
    amount = "1 word" if words == 1 else f"{words} words"
    if text.rstrip().endswith(("?", "？", "؟")):
        return (
            f"It is a question of **{amount}**. I cannot answer it: no language model is connected."
        )
    return f"It has **{amount}**. I can say no more about it: no language model is connected."
