"""What two processes say to each other: JSON behind its length, with a version and limits."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from desktop_app.screen_wish import READERS, ScreenWish

PROTOCOL = 1
LONGEST_REQUEST = 1 << 20  # bytes
LONGEST_REPLY = 1 << 24
MOST_PICTURES = 1000
_LENGTH = struct.Struct(">I")


class BadMessage(Exception):
    """What came is not what this version understands."""


class Command(str, Enum):
    """What a second process may ask for."""

    OPEN = "open"  # raise the window and show pictures
    READ_SCREEN = "ocr"


@dataclass(frozen=True, slots=True)
class Request:
    """The wish of a second process."""

    command: Command
    pictures: tuple[str, ...] = ()
    wish: ScreenWish = field(default_factory=ScreenWish)
    activation: str = ""  # what lets a window come to the front on Wayland


@dataclass(frozen=True, slots=True)
class Accepted:
    """The wish was understood; the reply may take as long as a person does."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How it ended: an exit code, what belongs on stdout, and what belongs on stderr."""

    code: int
    text: str = ""
    problem: str = ""


def encode(message: Request | Accepted | Reply) -> bytes:
    """A message with its length before it."""
    body: dict[str, Any] = {"protocol": PROTOCOL, **asdict(message)}
    body["kind"] = type(message).__name__.lower()
    data = json.dumps(body).encode()
    return _LENGTH.pack(len(data)) + data


def decode_request(data: bytes) -> Request:
    """The wish in a message. Raises BadMessage."""
    body = _body(data, "request")
    try:
        pictures = tuple(body["pictures"])
        wish = _wish(body["wish"])
        request = Request(Command(body["command"]), pictures, wish, body["activation"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadMessage(f"not a request: {error}") from error
    texts = (*request.pictures, request.activation)
    if len(pictures) > MOST_PICTURES or not all(isinstance(text, str) for text in texts):
        raise BadMessage("not a request: pictures")
    return request


def _wish(body: dict[str, Any]) -> ScreenWish:
    region = body["region"]
    wish = ScreenWish(
        body["reader"],
        body["screen"],
        tuple(region) if region is not None else None,
        body["repeat"],
    )
    numbers = [*(wish.region or ()), *([] if wish.screen is None else [wish.screen])]
    if any(type(number) is not int or abs(number) > 1 << 20 for number in numbers):
        raise ValueError("region")
    if (wish.region is not None and len(wish.region) != 4) or wish.reader not in READERS:
        raise ValueError("region or reader")
    return wish


def decode_reply(data: bytes) -> Accepted | Reply:
    """The answer in a message. Raises BadMessage."""
    body = _body(data, "")
    if body.get("kind") == "accepted":
        return Accepted()
    code, text, problem = body.get("code"), body.get("text"), body.get("problem")
    if type(code) is not int or not isinstance(text, str) or not isinstance(problem, str):
        raise BadMessage("not a reply")
    return Reply(code, text, problem)


def _body(data: bytes, kind: str) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadMessage("not JSON") from error
    if not isinstance(body, dict):
        raise BadMessage("not an object")
    if body.get("protocol") != PROTOCOL:
        raise BadMessage(f"protocol {body.get('protocol')!r}, this program has {PROTOCOL}")
    if kind and body.get("kind") != kind:
        raise BadMessage(f"not a {kind}")
    return body


class Frames:
    """Cuts what arrives in pieces into whole messages."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._data = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. Raises BadMessage where one is too long."""
        self._data += data
        whole: list[bytes] = []
        while len(self._data) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._data)
            if length > self._longest:
                raise BadMessage(f"{length} bytes are too many")
            end = _LENGTH.size + length
            if len(self._data) < end:
                break
            whole.append(self._data[_LENGTH.size : end])
            self._data = self._data[end:]
        return whole
