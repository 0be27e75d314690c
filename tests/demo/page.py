"""Scenes as one HTML page that needs nothing else."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path

from tests.demo import rich
from tests.demo.entities import to_html
from tests.demo.scenes import Bubble, Day, Entry, Note, Preview, Scene
from tests.peers.telegram.files import FileStore
from tests.peers.telegram.wire import Json

_STYLE = Path(__file__).with_name("style.css")
_COLOURS = 6
_CARDS = {
    "document": "📄",
    "voice": "🎤",
    "audio": "🎵",
    "video": "🎬",
    "video_note": "🎬",
    "animation": "🎞",
    "sticker": "🙂",
}


def page(title: str, scenes: Sequence[Scene], files: FileStore) -> str:
    phones = "\n".join(_Phone(scene, files).html() for scene in scenes)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{_STYLE.read_text()}</style>
</head>
<body>
<main>
{phones}
</main>
</body>
</html>
"""


class _Phone:
    """One scene as its person sees it."""

    def __init__(self, scene: Scene, files: FileStore) -> None:
        self._scene = scene
        self._files = files
        self._in_group = scene.chat["type"] != "private"

    def html(self) -> str:
        scene = self._scene
        name = str(scene.chat.get("title") or scene.chat.get("first_name"))
        entries = "\n".join(map(self._entry, scene.entries))
        return f"""<section>
<h2>{escape(scene.heading)}</h2>
<div class="phone">
<header>{_avatar(name)}<div><b>{escape(name)}</b>
<small>{escape(_members(scene.chat))}</small></div></header>
<div class="chat">
{entries}
</div>
</div>
</section>"""

    def _entry(self, entry: Entry) -> str:
        if isinstance(entry, Day):
            return f'<div class="day">{_day(entry.day)}</div>'
        if isinstance(entry, Note):
            return f'<div class="note">{escape(entry.text)}</div>'
        if isinstance(entry, Preview):
            return _preview(entry)
        return self._bubble(entry)

    def _bubble(self, bubble: Bubble) -> str:
        message = bubble.message
        own = message.get("from", {}).get("id") == self._scene.viewer
        parts = [
            self._name(message, own=own),
            _forwarded(message),
            _answered(message),
            *self._cards(message),
            _words(message),
            _foot(bubble, own=own),
        ]
        photo = " with-photo" if "photo" in message else ""
        html = (
            f'<div class="row {"own" if own else "theirs"}"><div class="message{photo}">'
            f'<div class="bubble">{"".join(parts)}</div>{_keyboard(bubble)}</div></div>'
        )
        if bubble.grown:
            edits = "1 edit" if bubble.grown == 1 else f"{bubble.grown} edits"
            return f'<div class="note">grew in place, in {edits}</div>\n{html}'
        return html

    def _name(self, message: Json, *, own: bool) -> str:
        if own or not self._in_group:
            return ""
        name = str(message.get("from", {}).get("first_name", ""))
        return f'<div class="name colour{_colour(name)}">{escape(name)}</div>'

    def _cards(self, message: Json) -> list[str]:
        cards = []
        if "photo" in message:
            data = self._files.by_id[message["photo"][-1]["file_id"]].content()
            source = f"data:image/jpeg;base64,{b64encode(data).decode()}"
            cards.append(f'<img class="photo" alt="a photo" src="{source}">')
        for kind, sign in _CARDS.items():
            if kind in message:
                cards.append(_card(sign, kind, message[kind]))
        return cards


def _members(chat: Json) -> str:
    return "bot" if chat["type"] == "private" else f"{chat['members']} members"


def _avatar(name: str) -> str:
    return f'<span class="avatar colour{_colour(name)}">{escape(name[:1].upper())}</span>'


def _colour(name: str) -> int:
    return sum(map(ord, name)) % _COLOURS


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


def _preview(preview: Preview) -> str:
    times = "once" if preview.count == 1 else f"{preview.count} times"
    return (
        '<div class="row theirs"><div class="message"><div class="bubble draft">'
        f'{_words(preview.message)}<span class="caret"></span></div></div></div>\n'
        f'<div class="note">a draft, shown {times} while it was written</div>'
    )


def _forwarded(message: Json) -> str:
    origin = message.get("forward_origin")
    if not origin:
        return ""
    chat = origin.get("chat") or origin.get("sender_chat") or {}
    person = origin.get("sender_user") or {}
    name = origin.get("sender_user_name") or person.get("first_name") or chat.get("title") or ""
    return f'<div class="forwarded">Forwarded from <b>{escape(str(name))}</b></div>'


def _answered(message: Json) -> str:
    answered = message.get("reply_to_message")
    if not answered:
        return ""
    name = str(answered.get("from", {}).get("first_name", ""))
    words = str(answered.get("text") or answered.get("caption") or "")
    if not words:
        words = next((kind.capitalize() for kind in ("photo", *_CARDS) if kind in answered), "")
    return (
        f'<div class="answered colour{_colour(name)}"><b>{escape(name)}</b>'
        f"<span>{escape(words)}</span></div>"
    )


def _card(sign: str, kind: str, media: Json) -> str:
    name = str(media.get("file_name") or kind.replace("_", " ").capitalize())
    more = f"{media['duration']} s" if media.get("duration") else _size(media.get("file_size", 0))
    return (
        f'<div class="card"><span>{sign}</span><div><b>{escape(name)}</b>'
        f"<small>{escape(more)}</small></div></div>"
    )


def _size(count: int) -> str:
    return f"{count / 1024:.1f} kB" if count >= 1024 else f"{count} bytes"


def _words(message: Json) -> str:
    if "rich_message" in message:
        return f'<div class="text rich">{rich.to_html(message["rich_message"]["blocks"])}</div>'
    if "text" in message:
        return f'<div class="text">{to_html(message["text"], message.get("entities", []))}</div>'
    if message.get("caption"):
        entities = message.get("caption_entities", [])
        return f'<div class="text">{to_html(message["caption"], entities)}</div>'
    return ""


def _foot(bubble: Bubble, *, own: bool) -> str:
    reactions = "".join(f'<span class="reaction">{escape(one)}</span>' for one in bubble.reactions)
    edited = "edited " if bubble.message.get("edit_date") else ""
    ticks = ' <span class="ticks">✓✓</span>' if own else ""
    return f'{reactions}<div class="foot">{edited}{_time(bubble.at)}{ticks}</div>'


def _time(at: datetime) -> str:
    return f"{at:%H:%M}"


def _keyboard(bubble: Bubble) -> str:
    rows = bubble.message.get("reply_markup", {}).get("inline_keyboard", [])
    if not rows:
        return ""
    written = "".join(
        f"<div>{''.join(_button(button, bubble.pressed) for button in row)}</div>" for row in rows
    )
    return f'<div class="keyboard">{written}</div>'


def _button(button: Json, pressed: set[str]) -> str:
    chosen = ' class="pressed"' if button.get("callback_data") in pressed else ""
    return f"<span{chosen}>{escape(button['text'])}</span>"
