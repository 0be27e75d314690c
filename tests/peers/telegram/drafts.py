"""Drafts: what is shown of an answer while it is written."""

from __future__ import annotations

from tests.peers.telegram.keeping import record
from tests.peers.telegram.messages import open_chat, read_text
from tests.peers.telegram.rich import read_rich
from tests.peers.telegram.topics import thread_of
from tests.peers.telegram.wire import Json, bad_request, bool_param, int_param
from tests.peers.telegram.world import Bot, Call, Chat, ShownDraft

DRAFT_LIVES = 30.0
"""Seconds for which a draft is shown after its last change (Bot API, sendMessageDraft)."""


async def send_draft(call: Call) -> bool:
    chat = _draft_chat(call)
    text, entities = read_text(call, "text", unit="utf16")
    _keep(call, "sendMessageDraft", chat=chat, text=text, entities=entities)
    return True


async def send_rich_draft(call: Call) -> bool:
    chat = _draft_chat(call)
    rich = read_rich(call, draft=True)
    _keep(call, "sendRichMessageDraft", chat=chat, text=rich.text, entities=[])
    return True


def _draft_chat(call: Call) -> Chat:
    """The chat of a draft, if it may have one, and if the draft has a number."""
    chat = open_chat(call, flood=False)
    if chat.type != "private":
        raise bad_request("drafts can be sent only to private chats")
    if int_param(call.params, "draft_id") == 0:
        raise bad_request("invalid draft_id specified")
    return chat


def _keep(call: Call, method: str, *, chat: Chat, text: str, entities: list[Json]) -> None:
    """Show a draft instead of the one before, and write it to the transcript."""
    draft = ShownDraft(
        id=int_param(call.params, "draft_id"),
        text=text,
        entities=entities,
        t=call.t,
        can_stop=bool_param(call.params, "can_stop"),
        keep_on_stop=bool_param(call.params, "keep_on_stop"),
        thread=thread_of(call, chat),
    )
    before = shown(call.bot, chat.id, now=call.t)
    call.bot.drafts[chat.id] = draft
    animated = before is not None and before.id == draft.id
    more: Json = {"draft_id": draft.id, "animated": animated}
    record(call, method, chat_id=chat.id, message_id=None, text=text, more=more)


def shown(bot: Bot, chat_id: int, *, now: float) -> ShownDraft | None:
    """Give the draft people see at a monotonic moment."""
    draft = bot.drafts.get(chat_id)
    return draft if draft is not None and now - draft.t <= DRAFT_LIVES else None


def stop(bot: Bot, chat: Chat, *, draft_id: int | None, now: float) -> tuple[ShownDraft, Json]:
    """Press Stop beside the draft that is shown; give the draft, and what the bot hears of it.

    Raises ValueError when nothing is shown, something else is, or it has no such button.
    """
    draft = shown(bot, chat.id, now=now)
    if draft is None or not draft.can_stop or draft_id not in (None, draft.id):
        raise ValueError(f"there is no draft to be stopped in chat {chat.id}")
    if not draft.keep_on_stop:
        del bot.drafts[chat.id]
    stopped: Json = {"chat": chat.to_json(), "draft_id": draft.id}
    if draft.thread is not None:
        stopped["message_thread_id"] = draft.thread
    return draft, stopped
