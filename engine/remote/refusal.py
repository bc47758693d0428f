"""A server's refusal, by status and body, as a typed error.

There is no common vocabulary: the phrases are those of vLLM, llama.cpp, Ollama and the
interface's inventor.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .address import Server
from .errors import RemoteError, RemoteFault
from .exchange import Reply

LONGEST_DETAIL = 300
MOST_BODY = 65_536
_TOO_LONG = re.compile(
    r"context[ _](length|size|window)|max_model_len|maximum model length"
    r"|too many tokens|prompt (is )?too long",
    re.IGNORECASE,
)
_NO_PICTURES = re.compile(
    r"image input|multi-?modal|mmproj|support(ed|s|ing)? (image|vision)|image_url"
    r"|at most 0 image|cannot unmarshal array|(must|should) be a(?: valid)? string",
    re.IGNORECASE,
)
_STATUS = {
    401: RemoteFault.REFUSED,
    403: RemoteFault.REFUSED,
    405: RemoteFault.NO_API,
    407: RemoteFault.PROXY,
    413: RemoteFault.TOO_LARGE,
    429: RemoteFault.BUSY,
    503: RemoteFault.BUSY,
}


def refusal(
    server: Server, reply: Reply, body: bytes, *, model: str = "", picture: bool = False
) -> RemoteError:
    """The error for any status but 200. ``picture``: whether one was sent."""
    words, code = _words(body, reply)
    status = _status(reply.status, code)
    detail = reply.headers.get("location", "") if 300 <= status < 400 else _shown(words, server)
    return RemoteError(
        _fault(status, f"{words} {code}", picture=picture, api=_is_api_error(body)),
        server.name,
        detail=detail,
        status=status,
        model=model,
        retry_after=_seconds(reply.headers.get("retry-after", "")),
    )


def _fault(status: int, words: str, *, picture: bool, api: bool) -> RemoteFault:
    if status in _STATUS:
        return _STATUS[status]
    if status == 404:
        # a wrong path is 404 as well, and only the words tell it from a wrong model
        known = api and "model" in words.lower()
        return RemoteFault.NO_SUCH_MODEL if known else RemoteFault.NO_API
    if 300 <= status < 400:
        return RemoteFault.MOVED
    if status < 300:
        return RemoteFault.BAD_ANSWER
    if _TOO_LONG.search(words):
        return RemoteFault.TOO_LONG
    if picture and _NO_PICTURES.search(words):
        return RemoteFault.PICTURES_UNSUPPORTED
    return RemoteFault.SERVER if status >= 500 else RemoteFault.REJECTED


def _status(status: int, code: object) -> int:
    """The status, or the one in an error that came within a stream that had begun well."""
    if status == 200:
        return code if isinstance(code, int) and 400 <= code < 600 else 500
    return status


def _words(body: bytes, reply: Reply) -> tuple[str, object]:
    """The message and the code of an error body in any of its common shapes."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        plain = reply.content_type in ("text/plain", "")
        return (body.decode("utf-8", errors="replace") if plain else "", "")
    if isinstance(told, dict):
        told = told.get("error", told)
    if not isinstance(told, dict):
        return str(told), ""
    message = told.get("message") or told.get("detail") or told.get("msg") or ""
    return message if isinstance(message, str) else json.dumps(message), told.get("code", "")


def _is_api_error(body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and ("error" in told or told.get("object") == "error")


def _shown(words: str, server: Server) -> str:
    """On one line, not too long, and without the key, which some servers repeat."""
    if server.key:
        words = words.replace(server.key, "…")
    return " ".join(words.split())[:LONGEST_DETAIL]


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
