"""Files that survive a power cut, free space, and one program at a time in a folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .errors import FetchError, FetchFault

LOCK = "download.lock"
OWNER = "download.owner"

FAULTS = {
    errno.ENOSPC: FetchFault.DISK_FULL,
    errno.EDQUOT: FetchFault.DISK_FULL,
    errno.EFBIG: FetchFault.FILE_TOO_LARGE,
    errno.EACCES: FetchFault.NO_PERMISSION,
    errno.EPERM: FetchFault.NO_PERMISSION,
    errno.EROFS: FetchFault.READ_ONLY,
}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """An OSError inside becomes a FetchError that names ``path``."""
    try:
        yield
    except OSError as error:
        fault = FAULTS.get(error.errno or 0, FetchFault.DISK_FAILED)
        raise FetchError(fault, str(path), detail=error.strerror or str(error)) from error


def existing_parent(folder: Path) -> Path:
    """The folder itself or the nearest one above that exists: it tells the volume."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def check_space(folder: Path, needed: int) -> None:
    """Raise FetchError where the folder's volume has less than ``needed`` bytes left."""
    with disk_errors(folder):
        free = shutil.disk_usage(existing_parent(folder)).free
    if free < needed:
        raise FetchError(FetchFault.NO_SPACE, str(folder), needed=needed, free=free)


def sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes) -> None:
    """Replace a small file whole: after a power cut it is the old one or the new one.

    Which of them is not said: that would take another wait for the disk.
    """
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def write_json(path: Path, content: Any) -> None:
    """``write_durably`` for JSON."""
    write_durably(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; empty where the file is missing or damaged."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_bytes())
        if isinstance(content, dict):
            return content
    return {}


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Keep other programs out of a folder. Raises FetchError that names who is in it.

    The system frees the lock when its holder ends, however that happens.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise FetchError(FetchFault.BUSY, str(folder), detail=_owner(folder)) from None
    try:
        with disk_errors(folder):
            (folder / OWNER).write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            (folder / OWNER).unlink()
        lock.release()


def _owner(folder: Path) -> str:
    with suppress(OSError, ValueError):
        return (folder / OWNER).read_text(encoding="ascii").strip()
    return ""
