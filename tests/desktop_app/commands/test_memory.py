"""Memory on the command line: what is given up is said, the end has its code, insisting works."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_app.commands import exit_codes
from engine import placing
from engine.memory import MemoryNeed
from engine.runner import Runner
from tests.desktop_app.commands.kit import GREEDY, Command

QUESTION = ("-q", "What is it?", *GREEDY)


def failing(monkeypatch: pytest.MonkeyPatch, fails: Callable[[int], bool]) -> None:
    """Looking at views fails as long as the test wants."""
    method, calls = Runner.see, list[int]()

    def see(*args: Any) -> Any:
        calls.append(1)
        if fails(len(calls)):
            raise MemoryError
        return method(*args)

    monkeypatch.setattr(Runner, "see", see)


def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "needed", lambda *_: MemoryNeed(17_000_000_000, 0, 0))
    monkeypatch.setattr(placing, "free_memory", lambda _: 9_000_000_000)


def test_what_is_given_up_goes_to_stderr(
    ask: Command, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, lambda call: call <= 2)
    code, out, err = ask(pictures[1], *QUESTION)
    assert code == exit_codes.OK
    assert out.strip()
    lines = [line for line in err.splitlines() if line.startswith("The memory ran out")]
    assert len(lines) == 2
    assert "earlier pictures" in lines[0]
    assert "fewer views" in lines[1]


def test_the_end_of_the_ladder_has_its_code(
    ask: Command, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, lambda _: True)
    code, out, err = ask(pictures[0], *QUESTION)
    assert (code, out) == (exit_codes.OUT_OF_MEMORY, "\n" if out else "")
    assert "Not enough memory" in err.splitlines()[-1]


def test_what_cannot_fit_is_refused_where_nobody_can_be_asked(
    ask: Command, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded(monkeypatch)
    code, out, err = ask(pictures[0], *QUESTION)
    assert (code, out) == (exit_codes.OUT_OF_MEMORY, "")
    assert "17.0 GB" in err
    assert "9.0 GB are free" in err
    assert ask(pictures[0], *QUESTION, "--anyway")[0] == exit_codes.OK


@pytest.mark.parametrize(("typed", "code"), [("y", exit_codes.OK), ("", exit_codes.OUT_OF_MEMORY)])
def test_a_person_is_asked(
    ask: Command,
    pictures: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    crowded(monkeypatch)
    terminal = io.StringIO(f"{typed}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    told, _, err = ask(pictures[0], *QUESTION)
    assert told == code
    assert "Load it anyway? [y/N]" in err


def test_doctor_judges_every_precision(command: Command, model: Path) -> None:
    code, out, _ = command("doctor", "--json", "--device", "cpu", "--model", model)
    assert code == exit_codes.OK
    fits = json.loads(out)["would_fit"]
    assert any("CPU bfloat16" in name for name in fits)
    full = {name: told for name, told in fits.items() if name.startswith("MiniCPM-V 2.0")}
    assert full["MiniCPM-V 2.0, CPU bfloat16"].startswith("about 8.5 GB")
    assert all(told.rpartition(": ")[2] for told in fits.values())
