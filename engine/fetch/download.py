"""Fetch what is missing of a model, check it, and put it in place; stop by no longer pulling."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import httpx2

from .disk import check_space, disk_errors, folder_lock, write_durably
from .errors import DISK_FAULTS, PASSING_FAULTS, FetchError, FetchFault
from .events import (
    FetchEvent,
    FetchFinished,
    FileReport,
    FileState,
    SourceChosen,
    Verifying,
)
from .index import derive_index
from .manifest import Manifest, ModelFile
from .parts import Part
from .race import first_source
from .receive import Receiver, pause
from .record import Record
from .settings import Clock, Patience
from .sources import Source
from .tally import Tally
from .transport import open_client
from .verify import check_file, glance, glance_all, hash_file


def download(
    manifest: Manifest,
    folder: Path,
    sources: Sequence[Source],
    *,
    licence_accepted: bool = False,
    record: Record | None = None,
    force: bool = False,
    replace: bool = False,
    patience: Patience | None = None,
    clock: Clock | None = None,
) -> Generator[FetchEvent, None, None]:
    """Make a folder hold every file of a model; closes with FetchFinished or raises FetchError.

    Several sources race, and stand in for each other. What is there already is kept: checked
    files, the parts of an interrupted run, and, if ``force``, only after it was hashed again.
    A wrong file in a folder that this program has not made stays, as an error, unless
    ``replace``. Whoever stops pulling finds a part that the next call goes on with.
    """
    if manifest.licence is not None and not licence_accepted:
        licence = manifest.licence
        raise FetchError(FetchFault.LICENCE, licence.name, detail=licence.address)
    with folder_lock(folder):
        record = record or Record.inside(folder)
        job = _Job(manifest, folder, sources, record, patience or Patience(), clock or Clock())
        yield from job.run(force=force, replace=replace or record.exists())


def repair(
    manifest: Manifest,
    folder: Path,
    sources: Sequence[Source],
    *,
    licence_accepted: bool = False,
    record: Record | None = None,
    patience: Patience | None = None,
    clock: Clock | None = None,
) -> Generator[FetchEvent, None, None]:
    """Hash everything, and fetch only what is missing or wrong."""
    yield from download(
        manifest,
        folder,
        sources,
        licence_accepted=licence_accepted,
        record=record,
        force=True,
        replace=True,
        patience=patience,
        clock=clock,
    )


class _Job:
    """One download while it runs."""

    def __init__(
        self,
        manifest: Manifest,
        folder: Path,
        sources: Sequence[Source],
        record: Record,
        patience: Patience,
        clock: Clock,
    ) -> None:
        self.manifest = manifest
        self.folder = folder
        self.sources = list(sources)
        self.record = record
        self.patience = patience
        self.clock = clock
        self.tally = Tally(manifest, clock, patience.event_seconds)

    def run(self, *, force: bool, replace: bool) -> Iterator[FetchEvent]:
        if not replace:
            self._refuse_foreign_files()
        with disk_errors(self.record.path):
            self.record.start()  # from here on what lies here is ours
        wanted = yield from self._wanted(force)
        fetched = [file for file in wanted if not file.derived]
        if fetched:
            check_space(self.folder, self._needed(fetched) + self.patience.spare_bytes)
            with open_client(self.patience) as client:
                yield from self._fetch_all(client, fetched)
        for file in wanted:
            if file.derived:
                self._derive(file)
        yield FetchFinished(str(self.folder), self.tally.fetched)

    def _refuse_foreign_files(self) -> None:
        """Another model may have a config.json here; it is not to be lost to ours."""
        for report in glance_all(self.manifest, self.folder, self.record):
            if report.state in (FileState.WRONG_LENGTH, FileState.WRONG_CONTENT):
                raise FetchError(FetchFault.FOREIGN_FILE, str(self.folder / report.name))

    def _wanted(self, force: bool) -> Generator[Verifying, None, list[ModelFile]]:
        """The files that are not there yet or not right; what is wrong of them is gone then."""
        wanted = []
        for file in self.manifest.files:
            report = yield from check_file(file, self.folder, self.record, force=force)
            if report.state is FileState.GOOD:
                self.tally.set(file.name, report.size)
                continue
            self._clear(file, report)
            part = self._part(file)
            part.recover(self.clock.boot())
            self.tally.set(file.name, part.size)
            wanted.append(file)
        return wanted

    def _clear(self, file: ModelFile, report: FileReport) -> None:
        if report.state in (FileState.MISSING, FileState.PARTIAL):
            return
        path = self.folder / file.name
        part = self._part(file)
        if file.pinned and part.size < report.size < (file.size or 0):
            part.adopt()  # somebody's copy broke off: its bytes may be good
            return
        with disk_errors(path):
            path.unlink()
            self.record.drop(file.name)

    def _part(self, file: ModelFile) -> Part:
        return Part(self.folder, file.name)

    def _needed(self, files: Sequence[ModelFile]) -> int:
        sizes = (file.most_bytes if file.size is None else file.size for file in files)
        return sum(sizes) - sum(self._part(file).size for file in files)

    def _fetch_all(self, client: httpx2.Client, files: Sequence[ModelFile]) -> Iterator[FetchEvent]:
        receiver = yield from self._choose(client)
        for file in files:
            done = False
            while not done:
                try:
                    yield from self._fetch(file, receiver)
                    done = True
                except FetchError as error:
                    if error.fault in DISK_FAULTS or not self.sources:
                        raise
                    receiver = yield from self._choose(client)

    def _choose(self, client: httpx2.Client) -> Generator[FetchEvent, None, Receiver]:
        """Let the sources that are left race; the winner is used, and not asked for again."""
        attempt = 0
        while True:
            try:
                source = yield from first_source(self.sources, self.manifest, self.patience)
                break
            except FetchError as error:
                attempt += 1
                if error.fault not in PASSING_FAULTS or attempt >= self.patience.attempts_new:
                    raise
                yield from pause(error.name, error, attempt, self.patience, self.clock)
        self.sources.remove(source)
        yield SourceChosen(source.name, source.address)
        return Receiver(client, source, self.tally, self.patience, self.clock)

    def _fetch(self, file: ModelFile, receiver: Receiver) -> Iterator[FetchEvent]:
        """A file whose hash is wrong gets one more chance from its first byte on."""
        part = self._part(file)
        for chance in (1, 2):
            yield from receiver.fetch(file, part)
            fault, detail = yield from self._judge(file, part)
            if fault is None:
                self._keep(file, part)
                return
            part.discard()
            self.tally.set(file.name, 0)
            if chance == 2:
                raise FetchError(fault, file.name, source=receiver.source.name, detail=detail)

    def _judge(
        self, file: ModelFile, part: Part
    ) -> Generator[Verifying, None, tuple[FetchFault | None, str]]:
        if not file.pinned:
            with disk_errors(part.path):
                problem = file.check.problem(part.path)
            return (FetchFault.WRONG_CONTENT if problem else None), problem
        digest = yield from hash_file(part.path, file.name)
        return (FetchFault.WRONG_HASH if digest != file.sha256 else None), digest

    def _keep(self, file: ModelFile, part: Part) -> None:
        part.commit()
        if file.pinned:
            with disk_errors(self.record.path):
                self.record.put(part.target, file.sha256)

    def _derive(self, file: ModelFile) -> None:
        path = self.folder / file.name
        try:
            with disk_errors(path):
                shards = [self.folder / name for name in self.manifest.shards]
                write_durably(path, derive_index(shards))
        except (ValueError, KeyError, TypeError) as error:
            raise FetchError(FetchFault.WRONG_CONTENT, file.name, detail=str(error)) from error
        if glance(file, self.folder, self.record).state is not FileState.GOOD:
            raise FetchError(FetchFault.WRONG_CONTENT, file.name)
