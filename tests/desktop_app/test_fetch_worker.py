"""The thread that fetches: events in order, one closing event, stops, faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.fetch_worker import FetchWorker, Removed, ends_fetching
from desktop_app.jobs import Failed, Stopped, UnexpectedError
from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import FetchFinished, FetchProgress, SourceChosen, VerifyFinished
from engine.fetch.library import Library
from tests.desktop_app.conftest import Waiter
from tests.engine.fetch.server import Fault, Hub
from tests.engine.fetch.small import HASTY, Small, Waits, small_model


@pytest.fixture(scope="module")
def small() -> Small:
    return small_model()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[FetchWorker]:
    made = FetchWorker(HASTY, Waits().clock())
    yield made
    made.shutdown()


class Listener:
    """Keeps what a worker says, by job."""

    def __init__(self, worker: FetchWorker) -> None:
        self.events: dict[int, list[object]] = {}
        worker.happened.connect(self.hear)

    def hear(self, job: int, event: object) -> None:
        self.events.setdefault(job, []).append(event)

    def closed(self, job: int) -> bool:
        return any(ends_fetching(event) for event in self.events.get(job, []))

    def last(self, job: int) -> object:
        assert [ends_fetching(event) for event in self.events[job]].count(True) == 1
        assert ends_fetching(self.events[job][-1])
        return self.events[job][-1]


@pytest.fixture
def listener(worker: FetchWorker) -> Listener:
    return Listener(worker)


def test_download_verify_and_remove_in_order(
    worker: FetchWorker,
    listener: Listener,
    library: Library,
    small: Small,
    hub: Hub,
    until: Waiter,
) -> None:
    home = library.home(small.manifest)
    jobs = [
        worker.download(library, small.manifest, home, hub.address, accepted=True),
        worker.verify(library, small.manifest),
        worker.remove(library, small.manifest),
    ]
    until(lambda: listener.closed(jobs[-1]))
    assert list(listener.events) == jobs
    size = sum(len(data) for data in small.files.values())
    kinds = [type(event) for event in listener.events[jobs[0]]]
    assert SourceChosen in kinds
    assert FetchProgress in kinds
    assert isinstance(listener.last(jobs[0]), FetchFinished)
    verified = listener.last(jobs[1])
    assert isinstance(verified, VerifyFinished)
    assert verified.bad == ()
    assert listener.last(jobs[2]) == Removed(size)


def test_a_wish_to_stop_keeps_the_part(
    worker: FetchWorker,
    listener: Listener,
    library: Library,
    small: Small,
    hub: Hub,
    until: Waiter,
) -> None:
    hub.faults = [Fault("one.safetensors", stall_after=30_000)]
    home = library.home(small.manifest)
    job = worker.download(library, small.manifest, home, hub.address, accepted=True)
    until(hub.stalling.is_set)
    until(lambda: _part(library, small) == 30_000)
    worker.stop(job)
    until(lambda: listener.closed(job))
    assert listener.last(job) == Stopped()
    assert _part(library, small) == 30_000


def _part(library: Library, small: Small) -> int:
    files = {file.name: file.size for file in library.entry(small.manifest).files}
    return files["one.safetensors"]


def test_the_folder_is_known_as_soon_as_something_lies_in_it(
    worker: FetchWorker,
    library: Library,
    small: Small,
    hub: Hub,
    tmp_path: Path,
    until: Waiter,
) -> None:
    hub.faults = [Fault("one.safetensors", stall_after=10)]
    elsewhere = tmp_path / "other" / "disk"
    worker.download(library, small.manifest, elsewhere, hub.address, accepted=True)
    until(hub.stalling.is_set)
    assert library.folder(small.manifest) == elsewhere  # a power cut now would lose nothing


def test_a_fault_of_the_network_is_passed_on_as_it_is(
    worker: FetchWorker, listener: Listener, library: Library, small: Small, until: Waiter
) -> None:
    home = library.home(small.manifest)
    job = worker.download(library, small.manifest, home, "no address", accepted=True)
    until(lambda: listener.closed(job))
    last = listener.last(job)
    assert isinstance(last, Failed)
    assert isinstance(last.error, FetchError)
    assert last.error.fault is FetchFault.BAD_ADDRESS


def test_any_other_exception_is_logged_and_the_thread_goes_on(
    worker: FetchWorker,
    listener: Listener,
    library: Library,
    small: Small,
    until: Waiter,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("no bytes")

    monkeypatch.setattr(library, "remove", broken)
    job = worker.remove(library, small.manifest)
    other = worker.verify(library, small.manifest)
    until(lambda: listener.closed(other))
    last = listener.last(job)
    assert isinstance(last, Failed)
    assert isinstance(last.error, UnexpectedError)
    assert "no bytes" in caplog.text
    missing = listener.last(other)
    assert isinstance(missing, Failed)
    assert isinstance(missing.error, FetchError)
