"""Killed at any moment, nothing that was reported as saved is lost."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from desktop_app.exchange import AnswerState
from desktop_app.history.store import HistoryStore

ROOT = Path(__file__).resolve().parents[3]
KILLS = 30
LENGTHS = {"begun": 0, "500": 500, "3000": 3000, "finished": 4000}


def run_and_kill(path: Path, seed: int, lines: int) -> list[str]:
    """What the writer reported before it was killed in the middle of its work."""
    command = [sys.executable, "-m", "tests.desktop_app.history.writer", str(path), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        said += writer.stdout.readlines()
    return [line for line in said if line.endswith("\n")]


def check(store: HistoryStore, reported: dict[str, str]) -> None:
    for made, state in reported.items():
        kept = store.load(made)
        if state == "deleted":
            assert kept is None
            continue
        if state == "deleting":
            continue  # either is right
        assert kept is not None, f"{made} was {state}"
        answers = kept.turns[1:]
        assert sum(len(turn.text) for turn in answers) >= LENGTHS[state]
        assert all(turn.state in (AnswerState.STOPPED, AnswerState.FINISHED) for turn in answers)
        assert bool(kept.summary.picture) == (kept.picture is not None)


def test_what_was_reported_as_saved_is_there_after_a_kill(path: Path) -> None:
    rng = random.Random(20_000)
    reported: dict[str, str] = {}
    for seed in range(KILLS):
        for line in run_and_kill(path, seed, rng.randint(1, 40)):
            made, state = line.split()
            reported[made] = state
        store = HistoryStore(path)
        assert store.set_aside is None
        check(store, reported)
        store.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        store.abandon()
    assert len(reported) > KILLS
    assert {"finished", "deleted"} <= set(reported.values())
