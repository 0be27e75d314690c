"""The legacy Markdown parse mode: flat entities, four escapes."""

from __future__ import annotations

import re

from tests.peers.entities.text import Entity, EntityError, Output, byte_offset, utf16_len

_KINDS = {"_": "italic", "*": "bold", "`": "code", "[": "text_link"}
_PLAIN = re.compile(r"[^\\_*`\[]+")
_LANGUAGE = re.compile(r"[^\s`]+(?=\s)")


def parse_markdown(text: str) -> tuple[str, list[Entity]]:
    out = Output()
    i = 0
    while i < len(text):
        plain = _PLAIN.match(text, i)
        if plain is not None:
            out.push(plain.group())
            i = plain.end()
        elif text[i] == "\\":
            if text[i + 1 : i + 2] in _KINDS:
                i += 1
            out.push(text[i])
            i += 1
        else:
            i = _entity(text, i, out=out)
    return "".join(out.parts), out.entities


def _entity(text: str, begin: int, *, out: Output) -> int:
    """Read the entity whose mark is at ``begin``; answer the index behind it."""
    block = text.startswith("```", begin)
    mark = "```" if block else "]" if text[begin] == "[" else text[begin]
    start, language = _block_header(text, begin + 3) if block else (begin + 1, "")
    end = text.find(mark, start)
    if end < 0:
        offset = byte_offset(text, begin)
        raise EntityError(f"Can't find end of the entity starting at byte offset {offset}")
    inner = text[start:end]
    entity: Entity = {
        "type": "pre" if block else _KINDS[text[begin]],
        "offset": out.size,
        "length": utf16_len(inner),
    }
    after = end + len(mark)
    if language:
        entity["language"] = language
    if mark == "]":
        entity["url"], after = _url(text, after, inner=inner)
    out.push(inner)
    if inner:
        out.entities.append(entity)
    return after


def _block_header(text: str, i: int) -> tuple[int, str]:
    """Skip the language and the first line end of a code block."""
    found = _LANGUAGE.match(text, i)
    language = found.group() if found is not None else ""
    i += len(language)
    if text.startswith("\n", i):
        i += 1
    return i, language


def _url(text: str, i: int, *, inner: str) -> tuple[str, int]:
    close = text.find(")", i) if text.startswith("(", i) else -1
    if close < 0:
        return inner, i
    return text[i + 1 : close], close + 1
