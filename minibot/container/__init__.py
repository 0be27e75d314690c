"""The composition root: builds every part, hands it its collaborators, closes it in the end."""

from minibot.container.daemon import build
from minibot.container.outside import Outside

__all__ = ["Outside", "build"]
