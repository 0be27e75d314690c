"""From Markdown to what Telegram shows: text with entities, and rich messages."""
