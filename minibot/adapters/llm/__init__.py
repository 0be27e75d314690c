"""Language models: the providers by the name they have in config.toml."""

from minibot.adapters.llm.registry import PROVIDERS, open_model

__all__ = ["PROVIDERS", "open_model"]
