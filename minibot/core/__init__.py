"""The domain: pure values and rules. Standard library only, and pydantic in `settings`."""
