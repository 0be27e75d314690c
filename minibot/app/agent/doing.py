"""What a tool does, in the words of the line that is shown meanwhile."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "http_fetch": "🌐 reading a web page",
    "web_search": "🔎 searching the web",
    "note_save": "📝 writing a note",
    "note_get": "📝 looking at a note",
    "note_search": "📝 looking through notes",
    "note_delete": "📝 deleting a note",
    "file_write": "📄 writing a file",
    "file_read": "📄 reading a file",
    "file_list": "📄 looking through files",
    "send_file": "📎 sending a file",
    "chat_history_search": "💬 looking through our conversation",
    "chat_history_info": "💬 looking through our conversation",
    "schedule": "⏰ making a plan",
    "create_task": "🗂 planning work",
    "create_tasks": "🗂 planning work",
}


def doing(tool: str) -> str:
    """Say what happens while a tool runs."""
    return WORDS.get(tool, f"🔧 {tool}")
