"""What a message of a user can have in it beside text."""

from __future__ import annotations

from tests.peers.telegram.files import FileStore, media_json
from tests.peers.telegram.wire import Json


def media(files: FileStore, kind: str, spec: Json) -> Json | list[Json]:
    """Keep the file of a spec, and give it as a message shows it."""
    info: Json = spec.get("file") or {}
    found = media_json(kind, files.add_injected(kind, info))
    if isinstance(found, dict):
        said = {"file_name": "name", "mime_type": "mime", "duration": "duration"}
        said |= {"emoji": "emoji", "set_name": "set_name"} if kind == "sticker" else {}
        found.update({shown: info[name] for shown, name in said.items() if info.get(name)})
    return found


def things(kind: str, spec: Json, *, message_id: int) -> Json | None:
    """A location, a contact, a poll or a throw of dice; None for a kind that is none of these."""
    if kind == "location":
        place = {name: float(spec.get(name, 0.0)) for name in ("latitude", "longitude")}
        return {"location": place}
    if kind == "contact":
        said = {"phone_number": "+10000000000", "first_name": "Ada", **spec.get("contact", {})}
        return {"contact": said}
    if kind == "poll":
        return {"poll": _poll(spec, message_id)}
    if kind == "dice":
        return {"dice": {"emoji": spec.get("emoji", "🎲"), "value": int(spec.get("value", 1))}}
    return None


def _poll(spec: Json, message_id: int) -> Json:
    options = [str(option) for option in spec.get("options", ("Yes", "No"))]
    return {
        "id": str(5_000_000_000 + message_id),
        "question": str(spec.get("question", spec.get("text", "?"))),
        "options": [{"text": option, "voter_count": 0} for option in options],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": bool(spec.get("allows_multiple_answers")),
    }
