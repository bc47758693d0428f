"""Which reader reads, why, and its thread with the real reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app import readers
from desktop_app.jobs import Failed, JobEvent, Stopped
from desktop_app.reader_worker import Prepared, ReaderWorker
from desktop_app.readers import (
    Reader,
    ReaderChoice,
    ReaderFacts,
    ReaderReason,
    choose_reader,
    chosen_reader,
    reader_name,
    reader_reason,
    slow_here,
)
from engine.errors import PictureError
from engine.messages import Finished, Phase, Picture, PictureSeen, Progress, TextDelta

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
FULL, ABSENT = ReaderFacts(full_model=True), ReaderFacts(full_model=False)
SLOW = ReaderFacts(full_model=True, full_slow=True)
NAMED = ReaderFacts(full_model=False, model_named=True)
NO_QUICK = ReaderFacts(full_model=False, quick_ready=False)

# The choice


@pytest.mark.parametrize(
    ("asked", "facts", "reader", "reason"),
    [
        ("auto", ABSENT, Reader.QUICK, ReaderReason.FULL_ABSENT),
        ("auto", SLOW, Reader.QUICK, ReaderReason.FULL_SLOW),
        ("auto", FULL, Reader.MODEL, ReaderReason.FULL_READY),
        ("auto", NAMED, Reader.MODEL, ReaderReason.MODEL_NAMED),
        ("auto", NO_QUICK, Reader.MODEL, ReaderReason.QUICK_MISSING),
        ("quick", FULL, Reader.QUICK, ReaderReason.ASKED),
        ("quick", NO_QUICK, Reader.QUICK, ReaderReason.ASKED),
        ("model", ABSENT, Reader.MODEL, ReaderReason.ASKED),
    ],
)
def test_who_reads_text(
    asked: str, facts: ReaderFacts, reader: Reader, reason: ReaderReason
) -> None:
    choice = choose_reader(asked, facts)
    assert choice == ReaderChoice(reader, reason)
    assert choice.other is not reader


@pytest.mark.parametrize("facts", [ABSENT, SLOW, FULL])
def test_everything_else_is_for_the_model(facts: ReaderFacts) -> None:
    choice = choose_reader("auto", facts, plain_text=False)
    assert choice == ReaderChoice(Reader.MODEL, ReaderReason.NOT_PLAIN_TEXT)


def test_what_was_decided_for_a_person_is_told() -> None:
    assert choose_reader("auto", ABSENT).by_itself
    assert not choose_reader("quick", ABSENT).by_itself
    assert not choose_reader("auto", NAMED).by_itself


def test_every_choice_has_words() -> None:
    for reason in ReaderReason:
        for reader in Reader:
            told = chosen_reader(ReaderChoice(reader, reason))
            assert reader_name(reader) in told
            assert reader_reason(reason) in told


def test_slow_is_measured_or_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slow_here("cuda", tokens_per_second=0.5)
    assert not slow_here("cpu", tokens_per_second=30)
    assert slow_here("cpu")
    assert not slow_here("cuda")
    for found in (True, False):
        monkeypatch.setattr(readers, "has_accelerator", lambda found=found: found)
        assert slow_here("auto") is not found


# The thread


class Job:
    """What one worker tells, until a job's last event."""

    def __init__(self, qtbot: QtBot, worker: ReaderWorker) -> None:
        self.told: list[tuple[int, JobEvent | Prepared]] = []
        self._qtbot = qtbot
        worker.happened.connect(lambda number, event: self.told.append((number, event)))

    def events(self, number: int) -> list[JobEvent | Prepared]:
        return [event for job, event in self.told if job == number]

    def wait(self, number: int) -> JobEvent | Prepared:
        closing = (Finished, Failed, Stopped, Prepared)
        self._qtbot.waitUntil(
            lambda: any(isinstance(event, closing) for event in self.events(number)),
            timeout=60_000,
        )
        (last,) = (event for event in self.events(number) if isinstance(event, closing))
        assert self.events(number)[-1] is last
        return last


def test_the_worker_reads_off_the_window_thread(qtbot: QtBot) -> None:
    """The road of the engine's worker, with the real reader at its end."""
    worker = ReaderWorker()
    try:
        job = Job(qtbot, worker)
        first = worker.prepare()
        second = worker.read(Picture.read(SAMPLES / "note.png"))
        bad = worker.read(Picture.from_bytes(b"no picture", "bad.png"))
        assert job.told == []  # nothing has happened on this thread
        assert isinstance(job.wait(first), Prepared)
        assert job.events(first)[0] == Progress(Phase.LOADING, 0, 0)
        last = job.wait(second)
        assert isinstance(last, Finished)
        assert last.text == "Meeting at 10:30\nRoom 204\nBring the report"
        told = job.events(second)
        assert isinstance(told[0], PictureSeen)
        assert "".join(e.text for e in told if isinstance(e, TextDelta)) == last.text
        failed = job.wait(bad)
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, PictureError)
        after = worker.read(Picture.read(SAMPLES / "line.png"))
        worker.stop(after)
        assert isinstance(job.wait(after), Stopped)
    finally:
        worker.shutdown()
