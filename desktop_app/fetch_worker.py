"""The thread on which a model is fetched, checked and removed, so that the window can be used."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_app.jobs import Failed, Stopped
from desktop_app.stream_thread import StreamThread
from engine.messages import MemoryOutlook

if TYPE_CHECKING:
    from engine.fetch.events import FetchEvent, VerifyEvent
    from engine.fetch.library import Library
    from engine.fetch.manifest import Licence, Manifest
    from engine.fetch.settings import Clock, Patience


@dataclass(frozen=True, slots=True)
class Removed:
    """Closes a removal: so many bytes are free again."""

    bytes_freed: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Closes a measurement: the disk's free bytes, and what the model needs of memory."""

    folder: Path
    free: int
    memory: tuple[MemoryOutlook, ...]


def ends_fetching(event: object) -> bool:
    """Whether nothing follows this event in its stream."""
    from engine.fetch.events import FetchFinished, LicenceText, VerifyFinished

    ends = (FetchFinished, VerifyFinished, LicenceText, Measured, Removed, Failed, Stopped)
    return isinstance(event, ends)


class FetchWorker(StreamThread):
    """One job at a time on models: what happens are the events of ``engine.fetch``.

    To stop a download is to pause it: what has arrived is kept.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__("fetch", ends_fetching, parent=parent)
        self._patience = patience
        self._clock = clock

    def download(
        self,
        library: Library,
        manifest: Manifest,
        folder: Path,
        source: str,
        *,
        accepted: bool,
        licence_text: str = "",
    ) -> int:
        """Get what is missing of a model into a folder; the job's number.

        ``source`` is as ``sources_for`` takes it, ``accepted`` is said of the licence, of which
        ``licence_text`` was shown.
        """
        accept = partial(library.accept_licence, manifest, licence_text) if accepted else None
        return self.give(partial(self._download, library, manifest, folder, source, accept))

    def fetch_licence(self, licence: Licence) -> int:
        """Get a licence's text; the job's number."""
        return self.give(partial(self._licence, licence))

    def repair(self, library: Library, manifest: Manifest, source: str) -> int:
        """Check everything and get only what is bad; the job's number."""
        return self.give(partial(self._repair, library, manifest, source))

    def verify(self, library: Library, manifest: Manifest) -> int:
        """Read every byte; the job's number."""
        return self.give(partial(_verify, library, manifest))

    def import_folder(self, library: Library, manifest: Manifest, folder: Path) -> int:
        """Check somebody's folder, and use it where it is; the job's number."""
        return self.give(partial(library.import_folder, manifest, folder))

    def measure(self, folder: Path, devices: tuple[tuple[str, int], ...]) -> int:
        """See the room on the disk, and in the memory of devices; the job's number.

        ``devices`` are names and free bytes; the processor's are looked up.
        """
        return self.give(partial(_measure, folder, devices))

    def remove(self, library: Library, manifest: Manifest) -> int:
        """Delete a model, or forget one that was imported; the job's number."""
        return self.give(partial(_remove, library, manifest))

    def _licence(self, licence: Licence) -> Generator[object, None, None]:
        from engine.fetch.licence import fetch_licence

        return fetch_licence(licence, self._patience, self._clock)

    def _download(
        self,
        library: Library,
        manifest: Manifest,
        folder: Path,
        source: str,
        accept: Callable[[], None] | None,
    ) -> Generator[FetchEvent, None, None]:
        from engine.fetch.download import download
        from engine.fetch.sources import sources_for

        sources = sources_for(source, manifest, os.environ)
        if accept is not None:
            accept()
        agreed = library.licence_accepted(manifest)
        stream = download(
            manifest,
            folder,
            sources,
            licence_accepted=agreed,
            patience=self._patience,
            clock=self._clock,
        )
        begun = False
        with closing(stream):
            for event in stream:
                if not begun:  # now, so that even after a power cut the folder is found again
                    library.use_folder(manifest, folder)
                    begun = True
                yield event

    def _repair(
        self, library: Library, manifest: Manifest, source: str
    ) -> Generator[FetchEvent, None, None]:
        from engine.fetch.download import repair
        from engine.fetch.sources import sources_for

        yield from repair(
            manifest,
            library.folder(manifest),
            sources_for(source, manifest, os.environ),
            licence_accepted=library.licence_accepted(manifest),
            record=library.record(manifest),
            patience=self._patience,
            clock=self._clock,
        )


def _verify(library: Library, manifest: Manifest) -> Generator[VerifyEvent, None, None]:
    from engine.fetch.verify import verify

    folder, record = library.folder(manifest), library.record(manifest)
    yield from verify(manifest, folder, record, force=True)


def _measure(folder: Path, devices: tuple[tuple[str, int], ...]) -> Generator[Measured, None, None]:
    from engine.fetch.disk import disk_errors, existing_parent
    from engine.memory import main_memory, outlooks

    places = {**dict(devices), "cpu": main_memory()[0]}
    memory = [
        seen
        for device, free in places.items()
        for seen in outlooks(folder, device, free, published=True)
    ]
    with disk_errors(folder):  # a disk that is asleep, or on the network, takes its time
        free = shutil.disk_usage(existing_parent(folder)).free
    yield Measured(folder, free, tuple(memory))


def _remove(library: Library, manifest: Manifest) -> Generator[Removed, None, None]:
    yield Removed(library.remove(manifest))
