"""aiogram without the cost of the types that minibot does not use.

``aiogram.types`` completes the schemas of all its 450 models while it is imported: 2.8 s of
CPU and 165 MB, of which a client that reads raw dictionaries needs next to nothing. While the
import runs, `model_rebuild` therefore does nothing. The types stay incomplete and are not to
be used; the few models that are, answers and methods, pydantic completes at their first use,
as aiogram's own `defer_build` asks. Measured: 0.6 s and 58 MB.
"""

from typing import Any

import pydantic


def _leave_incomplete(*_args: Any, **_kwargs: Any) -> None:
    return None


_complete = pydantic.BaseModel.__dict__["model_rebuild"]
type.__setattr__(pydantic.BaseModel, "model_rebuild", classmethod(_leave_incomplete))
try:
    import aiogram.types  # noqa: F401
finally:
    type.__setattr__(pydantic.BaseModel, "model_rebuild", _complete)

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.methods.base import Response

__all__ = [
    "AiogramError",
    "AiohttpSession",
    "Bot",
    "ClientDecodeError",
    "Response",
    "TelegramAPIServer",
    "TelegramBadRequest",
    "TelegramConflictError",
    "TelegramEntityTooLarge",
    "TelegramForbiddenError",
    "TelegramMethod",
    "TelegramMigrateToChat",
    "TelegramNetworkError",
    "TelegramNotFound",
    "TelegramRetryAfter",
    "TelegramUnauthorizedError",
]
