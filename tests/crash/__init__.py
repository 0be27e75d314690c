"""Kills minibot again and again, and counts what people lost by it."""
