"""Embeddings: deterministic vectors, nearer for texts that share words."""

import base64
import hashlib
import json
import re
import struct
from typing import Any

from tests.peers.llm.conversation import ApiError, Json, count_tokens


def answer(body: Json, default_dim: int) -> Json:
    """Answer an embeddings request."""
    source = body.get("input")
    if source is None or source == "" or source == []:
        raise ApiError(400, "'$.input' is invalid.")
    inputs = source if isinstance(source, list) and not isinstance(source[0], int) else [source]
    dim = int(body.get("dimensions") or default_dim)
    texts = [item if isinstance(item, str) else json.dumps(item) for item in inputs]
    data: list[Json] = []
    for index, text in enumerate(texts):
        value: Any = embed(text, dim)
        if body.get("encoding_format") == "base64":
            value = base64.b64encode(struct.pack(f"<{dim}f", *value)).decode()
        data.append({"object": "embedding", "index": index, "embedding": value})
    tokens = sum(map(count_tokens, texts))
    return {
        "object": "list",
        "data": data,
        "model": body.get("model", "fake-embedding"),
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def embed(text: str, dim: int) -> list[float]:
    """Give a unit vector."""
    vector = [0.0] * dim
    for word in re.findall(r"\w+", text.lower()) or [text]:
        digest = hashlib.sha256(word.encode()).digest()
        for k in range(0, 16, 4):
            slot = int.from_bytes(digest[k : k + 3], "little") % dim
            vector[slot] += 1.0 if digest[k + 3] & 1 else -1.0
    norm = sum(x * x for x in vector) ** 0.5 or 1.0
    return [x / norm for x in vector]
