"""The engine's thread: every stream ends once, whatever happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.exchange import ModelChoice
from desktop_app.jobs import Failed, JobEvent, Stopped, UnexpectedError, closes
from desktop_app.worker import EngineWorker
from engine.errors import ModelError, ModelFault, OutOfMemory
from engine.messages import (
    Finished,
    Phase,
    Progress,
    Question,
    Ready,
    Speaker,
    TextDelta,
    Turn,
)
from tests.desktop_app.conftest import Waiter
from tests.fakes import INFO, FakeEngines, Gate, Step, finished, says

QUESTION = Question(None, (Turn(Speaker.USER, "Why?"),))
FOLDER = Path("model")
CHOICE = ModelChoice("model", FOLDER)


class Listener:
    """Keeps what a worker says, by job."""

    def __init__(self, worker: EngineWorker) -> None:
        self.events: dict[int, list[JobEvent]] = {}
        worker.happened.connect(self.hear)

    def hear(self, job: int, event: JobEvent) -> None:
        self.events.setdefault(job, []).append(event)

    def closed(self, job: int) -> bool:
        return any(closes(event) for event in self.events.get(job, []))

    def last(self, job: int) -> JobEvent:
        assert [closes(event) for event in self.events[job]].count(True) == 1
        assert closes(self.events[job][-1])
        return self.events[job][-1]


@pytest.fixture
def worker(qtbot: QtBot, engines: FakeEngines) -> Iterator[EngineWorker]:
    made = EngineWorker(engines.make)
    yield made
    engines.open_all()
    made.shutdown()


@pytest.fixture
def listener(worker: EngineWorker) -> Listener:
    return Listener(worker)


def load(worker: EngineWorker, listener: Listener, until: Waiter) -> int:
    job = worker.load(replace(CHOICE, device="cpu", precision="float32"))
    until(lambda: listener.closed(job))
    return job


def test_loading_names_the_phase_before_the_engine_is_imported(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    job = load(worker, listener, until)
    assert listener.events[job][0] == Progress(Phase.LOADING, 0, 0)
    assert listener.last(job) == Ready(INFO)
    assert engines.made == [(FOLDER, "cpu", "float32")]


def test_all_jobs_run_in_order_on_one_thread_that_is_not_ours(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [says("one two"), says("three")]
    jobs = [worker.load(CHOICE), worker.ask(QUESTION), worker.ask(QUESTION)]
    until(lambda: listener.closed(jobs[-1]))
    assert list(listener.events) == jobs
    assert [type(listener.last(job)) for job in jobs] == [Ready, Finished, Finished]
    assert len(engines.threads) == 1
    assert "MainThread" not in engines.threads


def test_deltas_come_in_order(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    text = " ".join(str(number) for number in range(500))
    engines.answers.append(says(text))
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(lambda: listener.closed(job))
    pieces = [event.text for event in listener.events[job] if isinstance(event, TextDelta)]
    assert "".join(pieces).strip() == text


@pytest.mark.parametrize(
    "error", [OutOfMemory("cuda", needed=3, free=1), ModelError(ModelFault.NOT_LOADED, "x")]
)
def test_an_error_of_the_engine_is_passed_on_as_it_is(
    worker: EngineWorker,
    listener: Listener,
    engines: FakeEngines,
    until: Waiter,
    error: Exception,
) -> None:
    engines.answers.append([TextDelta("par"), error])
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(lambda: listener.closed(job))
    last = listener.last(job)
    assert isinstance(last, Failed)
    assert last.error is error


def test_any_other_exception_is_logged_and_kept_for_a_report(
    worker: EngineWorker,
    listener: Listener,
    engines: FakeEngines,
    until: Waiter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engines.answers += [[ZeroDivisionError("no views")], says("Yes.")]
    load(worker, listener, until)
    broken, sound = worker.ask(QUESTION), worker.ask(QUESTION)
    until(lambda: listener.closed(sound))
    last = listener.last(broken)
    assert isinstance(last, Failed)
    assert isinstance(last.error, UnexpectedError)
    assert "no views" in last.error.summary
    assert "Traceback" in last.error.details
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(listener.last(sound), Finished)


def test_a_stream_that_just_ends_is_a_fault(
    worker: EngineWorker,
    listener: Listener,
    engines: FakeEngines,
    until: Waiter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engines.answers.append([TextDelta("half")])
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(lambda: listener.closed(job))
    assert isinstance(listener.last(job), Failed)
    assert "without a closing event" in caplog.text


def test_asking_without_a_model_is_a_fault_and_not_the_end(
    worker: EngineWorker, listener: Listener, until: Waiter
) -> None:
    job = worker.ask(QUESTION)
    until(lambda: listener.closed(job))
    assert isinstance(listener.last(job), Failed)
    assert listener.last(load(worker, listener, until)) == Ready(INFO)


def test_to_stop_is_to_stop_pulling(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    steps: list[Step] = [TextDelta("one "), gate, TextDelta("two "), TextDelta("never")]
    engines.answers.append([*steps, finished("never")])
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(gate.reached.is_set)
    worker.stop(job)
    gate.open()
    until(lambda: listener.closed(job))
    assert listener.last(job) == Stopped()
    # The event that was being made when the wish came is still passed on, nothing after it.
    assert listener.events[job][:-1] == [TextDelta("one "), TextDelta("two ")]
    assert engines.closed_streams == 2


def test_a_job_stopped_before_its_turn_is_never_begun(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([gate, finished("first")])
    load(worker, listener, until)
    first, second = worker.ask(QUESTION), worker.ask(QUESTION)
    until(gate.reached.is_set)
    worker.stop(second)
    gate.open()
    until(lambda: listener.closed(second))
    assert isinstance(listener.last(first), Finished)
    assert listener.events[second] == [Stopped()]
    assert len(engines.questions) == 1


def test_an_answer_that_ends_before_the_stop_is_seen_is_finished(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([gate, finished("done")])
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(gate.reached.is_set)
    worker.stop(job)
    gate.open()
    until(lambda: listener.closed(job))
    assert isinstance(listener.last(job), Finished)


def test_a_new_model_closes_the_old_one_and_a_failed_one_is_closed(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    missing = ModelError(ModelFault.NO_FILE, "x", "config.json")
    load(worker, listener, until)
    engines.loads.append([missing])
    job = load(worker, listener, until)
    assert listener.last(job) == Failed(missing)
    assert engines.closed_engines == 2
    asked = worker.ask(QUESTION)
    until(lambda: listener.closed(asked))
    assert isinstance(listener.last(asked), Failed)


def test_shutdown_ends_the_thread_while_an_answer_is_written(
    worker: EngineWorker, listener: Listener, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("a"), gate, TextDelta("b"), Gate(), finished("never")])
    load(worker, listener, until)
    job = worker.ask(QUESTION)
    until(gate.reached.is_set)
    worker.stop(job)
    gate.open()
    worker.shutdown()
    assert engines.closed_engines == 1
    assert engines.closed_streams == 2
    worker.shutdown()  # once more does nothing
