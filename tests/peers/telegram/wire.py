"""What goes over the wire: parameters in, JSON and errors out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

Json = dict[str, Any]

_INTEGER = re.compile(r"-?\d{1,20}")


class ApiError(Exception):
    """An error answer of the Bot API."""

    def __init__(self, code: int, description: str, *, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(text: str) -> ApiError:
    return ApiError(400, f"Bad Request: {text}")


def retry_later(seconds: int) -> ApiError:
    text = f"Too Many Requests: retry after {seconds}"
    return ApiError(429, text, parameters={"retry_after": seconds})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    filename: str
    content_type: str
    data: bytes


Uploads = dict[str, Upload]


# answers


def dumps(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # a lone surrogate becomes its JSON escape


def json_response(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=dumps(value), status=status, content_type="application/json")


def error_response(exc: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": exc.code, "description": exc.description}
    if exc.parameters:
        body["parameters"] = exc.parameters
    response = json_response(body, exc.code)
    if exc.parameters and "retry_after" in exc.parameters:
        response.headers["Retry-After"] = str(exc.parameters["retry_after"])
    return response


# parameters


async def read_params(request: web.BaseRequest) -> tuple[Json, Uploads]:
    """Merge the query string with a JSON, urlencoded or multipart body.

    Raises ValueError when the body is not what its content type says.
    """
    params: Json = dict(request.query) if request.query_string else {}
    if not request.body_exists:
        return params, {}
    content_type = request.content_type
    if content_type == "multipart/form-data":
        fields, uploads = await _read_multipart(request)
        return params | fields, uploads
    body = await request.read()
    if content_type == "application/json":
        loaded = json.loads(body) if body else {}
        if not isinstance(loaded, dict):
            raise ValueError("object expected")
        params.update({k: v for k, v in loaded.items() if v is not None})
    elif body:
        params.update(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    return params, {}


async def _read_multipart(request: web.BaseRequest) -> tuple[Json, Uploads]:
    fields: Json = {}
    uploads: Uploads = {}
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        if part.filename is None:
            fields[part.name] = data.decode("utf-8")
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, kind, data)
    return fields, uploads


def json_param(params: Json, key: str) -> Any:
    """A parameter that may be JSON or, in a form, JSON in a string; None when absent."""
    value = params.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            what = "reply markup" if key == "reply_markup" else key
            raise bad_request(f"can't parse {what} JSON object") from None
    return value


def is_int(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return True
    return isinstance(value, str) and _INTEGER.fullmatch(value) is not None


def int_param(params: Json, key: str, *, default: int = 0) -> int:
    value = params.get(key)
    return int(value) if value is not None and is_int(value) else default


def bool_param(params: Json, key: str) -> bool:
    value = params.get(key)
    return value is True or str(value).lower() in ("true", "1", "yes")
