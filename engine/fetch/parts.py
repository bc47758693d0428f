"""The half-fetched file on the disk: what of it can be trusted, and how it becomes the real one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path

from .disk import disk_errors, read_json, sync_folder, write_json
from .errors import FetchError

PART = ".part"
NOTE = ".part.json"


@dataclass(frozen=True, slots=True)
class Note:
    """Where a part comes from, and how much of it is known to be on the disk for good."""

    url: str = ""
    etag: str = ""
    size: int | None = None
    synced: int = 0


def read_note(path: Path) -> Note:
    """The note beside a part; an empty one where there is none or it makes no sense."""
    content = read_json(path)
    url, etag = content.get("url"), content.get("etag")
    size, synced = content.get("size"), content.get("synced")
    return Note(
        url if isinstance(url, str) else "",
        etag if isinstance(etag, str) else "",
        size if isinstance(size, int) else None,
        synced if isinstance(synced, int) else 0,
    )


class Part:
    """``NAME.part`` with a note beside it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.target = folder / name
        self.path = folder / (name + PART)
        self.note_path = folder / (name + NOTE)
        self.note = read_note(self.note_path)

    @property
    def size(self) -> int:
        """The bytes that are there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def recover(self, boot: float) -> None:
        """Cut off what a power cut may have left unwritten. Raises FetchError.

        After a restart of the system a file can be longer than what reached the disk, its end
        being zeros; only what was synced counts then. After a mere crash everything is there.
        """
        with disk_errors(self.path), suppress(FileNotFoundError):
            status = self.path.stat()
            if status.st_mtime <= boot and status.st_size > self.note.synced:
                os.truncate(self.path, self.note.synced)

    def adopt(self) -> None:
        """Go on from a real file that is too short. Raises FetchError."""
        with disk_errors(self.target):
            os.replace(self.target, self.path)
            self.describe(Note(synced=self.size))

    def describe(self, note: Note) -> None:
        """Replace the note. Raises OSError."""
        write_json(self.note_path, asdict(note))
        self.note = note

    def discard(self) -> None:
        """Throw the bytes away. Raises FetchError."""
        with disk_errors(self.path):
            self.path.unlink(missing_ok=True)
            self.note_path.unlink(missing_ok=True)
        self.note = Note()

    @contextmanager
    def growing(self, start: int, note: Note) -> Iterator[Growth]:
        """Write on from byte ``start``. Raises FetchError. What is there stays there."""
        with disk_errors(self.path):
            if note != self.note:
                self.describe(note)
            # without a buffer: what was written survives the end of this program
            file = self.path.open("ab", buffering=0)
        with file:
            growth = Growth(self, file)
            growth.cut(start)
            try:
                yield growth
            finally:
                with suppress(FetchError):  # the bytes are there, only less surely
                    growth.sync()

    def commit(self) -> None:
        """Make it the real file, at once or not at all. Raises FetchError."""
        with disk_errors(self.target):
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(self.path, self.target)
            sync_folder(self.target.parent)
            self.note_path.unlink(missing_ok=True)
        self.note = Note()


class Growth:
    """A part that is open for writing. Its methods raise FetchError."""

    def __init__(self, part: Part, file: FileIO) -> None:
        self._part = part
        self._file = file
        self.unsynced = 0

    def cut(self, size: int) -> None:
        """Drop everything behind byte ``size``."""
        with disk_errors(self._part.path):
            self._file.truncate(size)

    def write(self, piece: bytes) -> None:
        """Append all of ``piece``."""
        rest = memoryview(piece)
        with disk_errors(self._part.path):
            while rest:
                written = self._file.write(rest)
                self.unsynced += written
                rest = rest[written:]

    def sync(self) -> None:
        """Let everything so far reach the disk, and note it."""
        if not self.unsynced:
            return
        with disk_errors(self._part.path):
            os.fsync(self._file.fileno())
            self._part.describe(replace(self._part.note, synced=self._part.size))
        self.unsynced = 0
