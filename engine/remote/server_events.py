"""Server-sent events out of bytes that may be cut anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 2**24  # bytes of one event; a text of that size is no piece of an answer
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; ``name`` is empty where the server gave none."""

    name: str
    data: bytes


class EventParser:
    """Collects lines into events, as the standard of the web says, and a little beyond it.

    llama.cpp has sent errors as a field of that name; an event that the end of the stream cuts
    off before its blank line counts.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0  # of the rest, without finding a line's end
        self._after_return = False  # a line feed now belongs to the line before
        self._begun = False
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0  # of the data

    def push(self, data: bytes) -> list[ServerEvent]:
        """The events that these bytes complete. Raises ValueError for one beyond all measure."""
        if self._after_return and data:
            data = data.removeprefix(b"\n")
            self._after_return = False
        self._rest += data
        found = [event for line in self._lines() if (event := self._line(line)) is not None]
        if len(self._rest) + self._size > LONGEST:
            raise ValueError("an event without an end")
        return found

    def finish(self) -> list[ServerEvent]:
        """What is left at the end of the stream."""
        return self.push(b"\n\n")

    def _lines(self) -> list[bytes]:
        lines, start = list[bytes](), 0
        while (end := _LINE_END.search(self._rest, max(start, self._searched))) is not None:
            lines.append(bytes(self._rest[start : end.start()]))
            start = end.end()
            self._after_return = end[0] == b"\r" and start == len(self._rest)
        del self._rest[:start]
        self._searched = len(self._rest)
        return lines

    def _line(self, line: bytes) -> ServerEvent | None:
        if not self._begun:
            line, self._begun = line.removeprefix(_MARK), True
        if not line:
            return self._complete()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"error":
            self._name = "error"
        if field in (b"data", b"error"):
            self._data.append(value)
            self._size += len(value)
        elif field == b"event":
            self._name = value.decode("utf-8", errors="replace")
        return None

    def _complete(self) -> ServerEvent | None:
        name, data = self._name, self._data
        self._name, self._data, self._size = "", [], 0
        return ServerEvent(name, b"\n".join(data)) if data else None
