"""One file from one source onto the disk, through interruptions."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from pathlib import Path

import httpx2

from .errors import PASSING_FAULTS, FetchError, FetchFault
from .events import FetchEvent, Retrying
from .headers import Offer, check_offer
from .manifest import ModelFile
from .parts import Note, Part
from .settings import Clock, Patience
from .sources import Source
from .tally import Tally
from .transport import check_response, chunks, network_errors, request_headers

ODD_ANSWERS = 2  # so many in a row, and what is there is not continued any more


class Receiver:
    """A line to a source, and how it has behaved so far."""

    def __init__(
        self, client: httpx2.Client, source: Source, tally: Tally, patience: Patience, clock: Clock
    ) -> None:
        self.source = source
        self._client = client
        self._tally = tally
        self._patience = patience
        self._clock = clock
        self._answered = False
        self._odd = 0

    def fetch(self, file: ModelFile, part: Part) -> Iterator[FetchEvent]:
        """Fetch until the part is whole. Raises FetchError when trying longer is no use."""
        failures = 0
        whole = False
        while not whole:
            before = self._tally.fetched
            try:
                whole = yield from self._once(file, part)
            except FetchError as error:
                if error.fault not in PASSING_FAULTS:
                    raise
                failures = 1 if self._tally.fetched > before else failures + 1
                most = self._patience.attempts if self._answered else self._patience.attempts_new
                if failures >= most:
                    raise
                yield from pause(file.name, error, failures, self._patience, self._clock)

    def _once(self, file: ModelFile, part: Part) -> Generator[FetchEvent, None, bool]:
        start = self._resume_at(file, part)
        if start and start == file.size:
            return True
        known = "" if file.pinned else part.note.etag
        headers = request_headers(self.source, start, known)
        url = self.source.url(file.name)
        with (
            network_errors(file.name, self.source),
            self._client.stream("GET", url, headers=headers) as response,
        ):
            offer = check_response(response, file.name, self.source)
            check_offer(offer, file, self.source.name)
            if offer.status == 416:
                return self._past_end(file, part, offer)
            self._check_place(file, part, offer, start)
            yield from self._write(file, part, offer, response)
        return self._is_whole(file, part, offer)

    def _resume_at(self, file: ModelFile, part: Part) -> int:
        """How many of the bytes that are there can be built upon.

        The hash of a pinned file judges in the end, so its bytes may even come from several
        sources, and a hub that changes its ETags costs nothing. Without one only an unchanged
        ETag at the same address tells that it is still the same file.
        """
        size = part.size
        if file.size is not None and file.pinned:
            keep = size <= file.size
        else:
            keep = bool(part.note.etag) and part.note.url == self.source.url(file.name)
        if size and not keep:
            part.discard()
        size = part.size
        self._tally.set(file.name, size)
        return size

    def _past_end(self, file: ModelFile, part: Part, offer: Offer) -> bool:
        if not file.pinned and offer.total == part.size:
            return self._is_whole(file, part, offer)
        part.discard()
        raise self._odd_answer(file, "HTTP 416")

    def _check_place(self, file: ModelFile, part: Part, offer: Offer, start: int) -> None:
        """A 200 starts over; a 206 has to go on exactly where we are, in the same file."""
        if offer.status == 200:
            return
        changed = not file.pinned and offer.etag != part.note.etag
        if offer.start == start and start and not changed:
            self._odd = 0
            return
        self._odd += 1
        if changed or self._odd >= ODD_ANSWERS:
            part.discard()
        raise self._odd_answer(file, f"HTTP 206 from byte {offer.start}, not {start}")

    def _odd_answer(self, file: ModelFile, detail: str) -> FetchError:
        return FetchError(FetchFault.SERVER, file.name, source=self.source.name, detail=detail)

    def _write(
        self, file: ModelFile, part: Part, offer: Offer, response: httpx2.Response
    ) -> Iterator[FetchEvent]:
        start = offer.start
        most = file.most_bytes if file.size is None else file.size
        self._tally.set(file.name, start, offer.total or 0)
        synced = min(part.note.synced, start)
        note = Note(self.source.url(file.name), offer.strong_etag, offer.total, synced)
        with part.growing(start, note) as growth:
            for piece in chunks(response, self._patience, self._clock):
                start += len(piece)
                if start > most:
                    raise self._too_long(file)
                growth.write(piece)
                self._answered = self._answered or bool(piece)
                self._tally.arrived(file.name, len(piece))
                if growth.unsynced >= self._patience.sync_bytes:
                    growth.sync()
                if not piece or self._tally.due():
                    yield self._tally.event(file.name)
        yield self._tally.event(file.name)

    def _too_long(self, file: ModelFile) -> FetchError:
        return FetchError(
            FetchFault.WRONG_LENGTH, file.name, source=self.source.name, detail="too many bytes"
        )

    def _is_whole(self, file: ModelFile, part: Part, offer: Offer) -> bool:
        size = file.size if file.size is not None else offer.total
        if size is not None and part.size < size:
            return False
        if offer.git_blob and not file.pinned and git_blob(part.path) != offer.git_blob:
            part.discard()
            raise FetchError(
                FetchFault.WRONG_HASH, file.name, source=self.source.name, detail=offer.git_blob
            )
        return True


def pause(
    name: str, error: FetchError, attempt: int, patience: Patience, clock: Clock
) -> Iterator[Retrying]:
    """Wait before another try, in pieces short enough to stop between them."""
    seconds = patience.wait(attempt, clock.chance())
    if error.retry_after is not None:
        seconds = max(seconds, min(error.retry_after, patience.retry_after_most))
    end = clock.now() + seconds
    while seconds > 0:
        yield Retrying(name, error.fault, error.detail, attempt, seconds)
        clock.sleep(min(seconds, patience.quiet_seconds))
        seconds = end - clock.now()


def git_blob(path: Path) -> str:
    """The name that git gives to a small file's content, which hubs send as its ETag."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
