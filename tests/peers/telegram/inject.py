"""The other side of the conversation: what users do."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.peers.telegram import drafts, reactions, topics, writing
from tests.peers.telegram.views import find_button
from tests.peers.telegram.webhook import update_chat_id
from tests.peers.telegram.wire import Json
from tests.peers.telegram.world import Bot, World, user_json
from tests.peers.telegram.writing import Action, existing, note

_GROUP_USER = 500_001


def inject(world: World, spec: Json) -> Json:
    """Make a user do something; ``update_id`` is None when the bot does not get to hear of it.

    A spec that makes no sense raises AttributeError, KeyError, TypeError or ValueError.
    """
    t = time.monotonic()
    bot = world.bots[spec["token"]] if spec.get("token") else world.default_bot
    if "update" in spec:
        return _inject_raw(world, bot, spec=spec, t=t)
    chat_id = int(spec["chat_id"])
    chat = world.chat(chat_id, spec.get("chat_type"))
    user_id = int(spec.get("user_id", chat_id if chat_id > 0 else _GROUP_USER))
    user = user_json(user_id) | spec.get("user", {})
    action = Action(world, bot, chat, user, spec, str(spec.get("kind", "text")), t)
    return _DEEDS.get(action.kind, writing.write)(action)


def _inject_raw(world: World, bot: Bot, *, spec: Json, t: float) -> Json:
    """Queue an update as it is, however wrong; only its number is the server's."""
    content = {k: v for k, v in spec["update"].items() if k != "update_id"}
    update_id = bot.push(content, unfiltered=bool(spec.get("unfiltered")))
    kind, payload = next(iter(content.items()), ("", None))
    message = payload if isinstance(payload, dict) else {}
    chat_id = update_chat_id(content) or None
    message_id = message.get("message_id")
    if chat_id is not None:
        chat = message.get("chat")
        chat_type = chat.get("type") if isinstance(chat, dict) else None
        known = world.chat(chat_id, chat_type if isinstance(chat_type, str) else None)
        topics.learn_thread(known, message.get("message_thread_id"))
        if isinstance(message_id, int) and isinstance(message.get("from"), dict):
            writing.remember(bot, message, chat=known)
    text = message.get("text") or message.get("caption") or ""
    event = {
        "t": t,
        "dir": "in",
        "method": f"update:{kind}",
        "chat_id": chat_id,
        "message_id": message_id,
        "text": text if isinstance(text, str) else "",
        "update_id": update_id,
    }
    world.transcript.record(event)
    return {"update_id": update_id, "t": t}


# buttons


def _press(action: Action) -> Json:
    bot = action.bot
    message, data = _pressed_button(action)
    query_id = str(bot.next_update_id * 1000 + action.world.rng.randrange(1000))
    bot.callbacks[query_id] = action.t
    bot.pressed[query_id] = action.user["id"]
    query = {
        "id": query_id,
        "from": action.user,
        "message": message,
        "chat_instance": str(action.chat.id),
        "data": data,
    }
    update_id = bot.push({"callback_query": query})
    note(action, message["message_id"], text=data, update_id=update_id)
    return {"update_id": update_id, "callback_query_id": query_id, "t": action.t}


def _pressed_button(action: Action) -> tuple[Json, str]:
    """The message and what is sent of the button; ``data`` may be forged, as a client may."""
    spec = action.spec
    message_id = spec.get("message_id")
    if "label" in spec:
        number = None if message_id is None else int(message_id)
        return find_button(action.bot, action.chat.id, str(spec["label"]), message_id=number)
    message = existing(action, message_id, what="for the callback")
    return message, str(spec.get("data", ""))


def _stop(action: Action) -> Json:
    """Press the client's own Stop beside the draft that is shown."""
    draft_id = action.spec.get("draft_id")
    wanted = None if draft_id is None else int(draft_id)
    draft, stopped = drafts.stop(action.bot, action.chat, draft_id=wanted, now=action.t)
    update_id = action.bot.push({"stopped_message_generation": stopped})
    note(action, None, text=draft.text, update_id=update_id)
    return {"update_id": update_id, "draft_id": draft.id, "t": action.t}


# reactions


def _react(action: Action) -> Json:
    """Set somebody's reaction; ``emoji`` is one, several, or none to take it away."""
    spec, chat = action.spec, action.chat
    given = spec.get("emoji") or []
    emoji = [given] if isinstance(given, str) else [str(name) for name in given]
    message_id = int(spec["message_id"])
    anonymous = bool(spec.get("anonymous"))
    actor = chat.id if anonymous else int(action.user["id"])
    before, after = reactions.react(
        action.bot, chat, message_id=message_id, emoji=emoji, actor=actor
    )
    changed = reactions.update(chat, message_id, before=before, after=after)
    changed |= {"actor_chat": chat.to_json()} if anonymous else {"user": action.user}
    heard = reactions.heard(chat)
    update_id = action.bot.push({"message_reaction": changed}) if heard else None
    note(action, message_id, text="".join(emoji), update_id=update_id)
    return {"update_id": update_id, "message_id": message_id, "t": action.t}


_DEEDS: dict[str, Callable[[Action], Json]] = {
    "callback": _press,
    "stop": _stop,
    "stop_draft": _stop,
    "reaction": _react,
    "album": writing.write_album,
    "split": writing.write_split,
    "topic": writing.open_topic,
    "migrate": writing.migrate,
}
