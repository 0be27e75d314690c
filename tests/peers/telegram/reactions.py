"""Reactions: of the bot to messages, and of people."""

from __future__ import annotations

import time

from tests.peers.telegram.keeping import record
from tests.peers.telegram.messages import open_chat
from tests.peers.telegram.wire import Json, bad_request, int_param, json_param
from tests.peers.telegram.world import Bot, Call, Chat

# Bot API, ReactionTypeEmoji. None has a variation selector.
_KNOWN = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥
🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨
🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡
"""
EMOJI = frozenset(_KNOWN.split())
"""What one may react with."""


async def set_reaction(call: Call) -> bool:
    chat = open_chat(call, flood=False)
    message_id = _first_of_album(call.bot, chat.id, int_param(call.params, "message_id"))
    if (chat.id, message_id) not in call.bot.messages:
        raise bad_request("message to react not found")
    wanted = json_param(call.params, "reaction") or []
    if not isinstance(wanted, list):
        raise bad_request("can't parse reaction types: expected an Array of ReactionType")
    if len(wanted) > 1:  # all a bot may set, for it has no premium
        raise bad_request("REACTIONS_TOO_MANY")
    there = call.bot.reactions.setdefault((chat.id, message_id), {})
    chosen = [_checked(reaction, there=there) for reaction in wanted]
    _replace(there, call.bot.id, chosen)
    text = "".join(str(reaction.get("emoji", "")) for reaction in chosen)
    record(call, "setMessageReaction", chat_id=chat.id, message_id=message_id, text=text)
    return True


def _first_of_album(bot: Bot, chat_id: int, message_id: int) -> int:
    """An album has its reactions at its first message."""
    album = bot.messages.get((chat_id, message_id), {}).get("media_group_id")
    if album is None:
        return message_id
    return min(
        number
        for (chat, number), message in bot.messages.items()
        if chat == chat_id and message.get("media_group_id") == album
    )


def _checked(reaction: Json, *, there: dict[int, list[Json]]) -> Json:
    kind = reaction.get("type")
    if kind == "emoji" and reaction.get("emoji") in EMOJI:
        return {"type": "emoji", "emoji": reaction["emoji"]}
    if kind == "custom_emoji" and any(reaction in theirs for theirs in there.values()):
        return reaction
    if kind not in ("emoji", "custom_emoji", "paid"):
        raise bad_request("can't parse ReactionType: invalid reaction type specified")
    raise bad_request("REACTION_INVALID")


def react(
    bot: Bot, chat: Chat, *, message_id: int, emoji: list[str], actor: int
) -> tuple[list[Json], list[Json]]:
    """Change somebody's reaction; give the reactions before and after.

    Raises ValueError when there is no such message, or no such reaction.
    """
    if (chat.id, message_id) not in bot.messages:
        raise ValueError(f"no such message to react to: {message_id}")
    unknown = [name for name in emoji if name not in EMOJI and not name.isdecimal()]
    if unknown:
        raise ValueError(f"nobody can react with {unknown}")
    there = bot.reactions.setdefault((chat.id, message_id), {})
    before = there.get(actor, [])
    after: list[Json] = [
        {"type": "custom_emoji", "custom_emoji_id": name}
        if name.isdecimal()
        else {"type": "emoji", "emoji": name}
        for name in emoji
    ]
    _replace(there, actor, after)
    return before, after


def _replace(there: dict[int, list[Json]], actor: int, chosen: list[Json]) -> None:
    if chosen:
        there[actor] = chosen
    else:
        there.pop(actor, None)


def heard(chat: Chat) -> bool:
    """Whether the bot hears of reactions in a chat: in groups only as an administrator."""
    return chat.type == "private" or chat.bot_admin


def update(chat: Chat, message_id: int, *, before: list[Json], after: list[Json]) -> Json:
    """All of a message_reaction update but who did it."""
    return {
        "chat": chat.to_json(),
        "message_id": message_id,
        "date": int(time.time()),
        "old_reaction": before,
        "new_reaction": after,
    }
