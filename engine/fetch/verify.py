"""Is every byte of a model there and right?"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from .disk import disk_errors
from .errors import FetchError, FetchFault
from .events import FileReport, FileState, VerifyEvent, VerifyFinished, Verifying
from .manifest import Manifest, ModelFile
from .parts import PART
from .record import Record

BLOCK = 2**22


def verify(
    manifest: Manifest, folder: Path, record: Record, *, force: bool = False
) -> Generator[VerifyEvent, None, None]:
    """Check all files; those that were hashed before and not touched since only if ``force``.

    What was hashed is recorded where the record can be written. Raises FetchError where there
    is no folder or a file cannot be read.
    """
    if not folder.is_dir():
        raise FetchError(FetchFault.NO_FOLDER, str(folder))
    reports = []
    for file in manifest.files:
        report = yield from check_file(file, folder, record, force=force)
        reports.append(report)
    yield VerifyFinished(str(folder), tuple(reports))


def check_file(
    file: ModelFile, folder: Path, record: Record, *, force: bool = False
) -> Generator[Verifying, None, FileReport]:
    """Check one file to the last byte; returns the report."""
    report = glance(file, folder, record)
    if report.state is FileState.GOOD and force and file.pinned:
        report = FileReport(report.name, FileState.UNCHECKED, report.size)
    if report.state is not FileState.UNCHECKED:
        return report
    path = folder / file.name
    digest = yield from hash_file(path, file.name)
    if digest != file.sha256:
        with suppress(OSError):  # it was right once, and changed without a new time
            record.drop(file.name)
        return FileReport(file.name, FileState.WRONG_HASH, report.size)
    with suppress(OSError):  # a folder that cannot be written to is merely hashed again next time
        record.put(path, digest)
    return FileReport(file.name, FileState.GOOD, report.size)


def glance(file: ModelFile, folder: Path, record: Record) -> FileReport:
    """What can be said of a file without reading gigabytes."""
    path = folder / file.name
    if not path.is_file():
        part = folder / (file.name + PART)
        if part.is_file():
            return FileReport(file.name, FileState.PARTIAL, part.stat().st_size)
        return FileReport(file.name, FileState.MISSING, 0)
    size = path.stat().st_size
    if not file.pinned:
        wrong = size > file.most_bytes or _content_problem(file, path)
        return FileReport(file.name, FileState.WRONG_CONTENT if wrong else FileState.GOOD, size)
    if size != file.size:
        return FileReport(file.name, FileState.WRONG_LENGTH, size)
    known = record.known(path)
    if not known:
        return FileReport(file.name, FileState.UNCHECKED, size)
    state = FileState.GOOD if known == file.sha256 else FileState.WRONG_HASH
    return FileReport(file.name, state, size)


def glance_all(manifest: Manifest, folder: Path, record: Record) -> tuple[FileReport, ...]:
    """``glance`` at every file."""
    return tuple(glance(file, folder, record) for file in manifest.files)


def hash_file(path: Path, name: str) -> Generator[Verifying, None, str]:
    """The SHA-256 of a file, in steps; returns it. Raises FetchError."""
    digest = hashlib.sha256()
    with disk_errors(path):
        total = path.stat().st_size
        with path.open("rb", buffering=0) as file:
            done = 0
            yield Verifying(name, done, total)
            while block := file.read(BLOCK):
                digest.update(block)
                done += len(block)
                yield Verifying(name, done, total)
    return digest.hexdigest()


def _content_problem(file: ModelFile, path: Path) -> str:
    with disk_errors(path):
        return file.check.problem(path)
