"""Topics: conversations of their own inside one chat, and what they are called."""

from enum import StrEnum

LONGEST_NAME = 128
"""Characters (Bot API, createForumTopic)."""

LONGEST_TITLE = 48
"""Characters of a name that minibot makes up: of more, a list of topics shows the beginning."""

AROUND = " \t\"'`*_#~|.,:;-–—«»“”„‘’「」《》"
"""What models and people put around a title that is not a part of it."""

_EMPHASIS = str.maketrans("", "", "*`")


class TopicLack(StrEnum):
    """Why there can be no new topic in a place."""

    SWITCHED_OFF = "switched off"
    """The bot's private chats have no topics."""
    NO_FORUM = "no forum"
    """The group has none."""
    NO_RIGHTS = "no rights"
    """The bot may not open any there."""


def title_of(text: str) -> str:
    """Make a title of the beginning of a text; empty where it holds no word."""
    plain = text.translate(_EMPHASIS)
    lines = (" ".join(line.split()).strip(AROUND) for line in plain.splitlines())
    title = next((line for line in lines if any(map(str.isalnum, line))), "")
    if len(title) <= LONGEST_TITLE:
        return title
    cut = title[:LONGEST_TITLE]
    # A word is left whole, unless the language has no spaces or the word has no end.
    whole = cut[: cut.rfind(" ")] if cut.rfind(" ") > LONGEST_TITLE // 2 else cut[:-1]
    return f"{whole.rstrip(AROUND)}…"
