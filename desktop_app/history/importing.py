"""Reading an exported file: everything is checked before anything is taken."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from desktop_app.exchange import AnswerState
from desktop_app.history.export import FORMAT, FORMAT_VERSION
from desktop_app.history.records import (
    HistoryError,
    HistoryFault,
    StoredConversation,
    StoredPicture,
    StoredTurn,
    Summary,
)
from engine.messages import Speaker, StopReason

LONGEST_ID = 64
LARGEST_NUMBER = 2**53  # beyond it, JSON numbers are no longer exact everywhere
PNG = b"\x89PNG\r\n\x1a\n"
Kind = TypeVar("Kind", bound=Enum)


def from_json(text: str) -> tuple[StoredConversation, ...]:
    """The conversations of an exported file. Raises HistoryError."""
    try:
        document = Entry(json.loads(text, parse_constant=_no_constant), "file")
    except (ValueError, RecursionError) as error:
        raise HistoryError(HistoryFault.BAD_IMPORT, f"not JSON: {error}") from error
    if document.text("format") != FORMAT:
        raise HistoryError(HistoryFault.BAD_IMPORT, "another format")
    if document.whole("version") > FORMAT_VERSION:
        raise HistoryError(HistoryFault.NEWER_IMPORT, str(document.whole("version")))
    pictures = {entry.text("key"): _picture(entry) for entry in document.entries("pictures")}
    read = [_conversation(entry, pictures) for entry in document.entries("conversations")]
    if len({conversation.summary.id for conversation in read}) < len(read):
        raise HistoryError(HistoryFault.BAD_IMPORT, "an id comes twice")
    return tuple(read)


def _no_constant(name: str) -> float:
    raise ValueError(name)


class Entry:
    """One JSON object that is asked for values of a kind; ``where`` is for the report."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise HistoryError(HistoryFault.BAD_IMPORT, f"{where}: not an object")
        self._value: dict[str, Any] = value
        self._where = where

    def has(self, name: str) -> bool:
        """Whether there is such a value at all; older files lack some."""
        return name in self._value

    def wrong(self, name: str) -> HistoryError:
        """The error about one value."""
        return HistoryError(HistoryFault.BAD_IMPORT, f"{self._where}: {name}")

    def text(self, name: str) -> str:
        """A string that can be written as UTF-8."""
        value = self._checked(name, lambda value: isinstance(value, str))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.wrong(name) from error
        return str(value)

    def number(self, name: str) -> float:
        """A finite number, not below zero."""
        return float(self._checked(name, _is_number))

    def whole(self, name: str) -> int:
        """A whole number, not below zero."""
        return int(self._checked(name, lambda value: _is_number(value) and isinstance(value, int)))

    def flag(self, name: str) -> bool:
        """True or false."""
        return bool(self._checked(name, lambda value: isinstance(value, bool)))

    def member(self, name: str, kind: type[Kind]) -> Kind:
        """One of an enumeration's values."""
        try:
            return kind(self.text(name))
        except ValueError as error:
            raise self.wrong(name) from error

    def optional(self, name: str, kind: type[Kind]) -> Kind | None:
        """One of an enumeration's values, or null."""
        return None if self._value.get(name, "") is None else self.member(name, kind)

    def data(self, name: str) -> bytes:
        """Bytes in base64."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.wrong(name) from error

    def entries(self, name: str) -> list[Entry]:
        """A list of objects."""
        values = self._checked(name, lambda value: isinstance(value, list))
        return [Entry(value, f"{name}[{number}]") for number, value in enumerate(values)]

    def _checked(self, name: str, good: Callable[[Any], bool]) -> Any:
        value = self._value.get(name)
        if not good(value):
            raise self.wrong(name)
        return value


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= LARGEST_NUMBER and math.isfinite(value)


def _picture(entry: Entry) -> StoredPicture:
    data, thumbnail = entry.data("data"), entry.data("thumbnail")
    if hashlib.sha256(data).hexdigest() != entry.text("key"):
        raise entry.wrong("key")
    if thumbnail and not thumbnail.startswith(PNG):
        raise entry.wrong("thumbnail")
    width, height = entry.whole("width"), entry.whole("height")
    names = (entry.text("key"), entry.text("name"), entry.text("media"))
    return StoredPicture(*names, width, height, data, thumbnail)


def _conversation(entry: Entry, pictures: dict[str, StoredPicture]) -> StoredConversation:
    summary = Summary(
        entry.text("id"),
        entry.text("title"),
        entry.number("created"),
        entry.number("updated"),
        entry.text("model"),
        entry.flag("pinned"),
        entry.flag("renamed"),
        entry.text("picture"),
        entry.text("picture_name"),
    )
    if not 0 < len(summary.id) <= LONGEST_ID:
        raise entry.wrong("id")
    if summary.picture and summary.picture not in pictures:
        raise entry.wrong("picture")
    turns = tuple(_turn(turn) for turn in entry.entries("turns"))
    if len({(turn.position, turn.version) for turn in turns}) < len(turns):
        raise entry.wrong("turns")
    if any(turn.position % 2 != (turn.speaker is Speaker.ASSISTANT) for turn in turns):
        raise entry.wrong("positions")
    return StoredConversation(summary, pictures.get(summary.picture), turns)


def _turn(entry: Entry) -> StoredTurn:
    return StoredTurn(
        entry.whole("position"),
        entry.member("speaker", Speaker),
        entry.text("text"),
        entry.number("created"),
        entry.member("state", AnswerState),
        entry.optional("stop_reason", StopReason),
        entry.whole("tokens_written"),
        entry.number("write_seconds"),
        entry.whole("version"),
        entry.flag("shown"),
        entry.whole("follows") if entry.has("follows") else 0,
        entry.text("model") if entry.has("model") else "",
    )
