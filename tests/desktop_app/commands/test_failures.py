"""The contract of ``minicpmv``: exit codes, and what is said when something is wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from desktop_app.commands import session
from desktop_app.paths import FULL, STARTER
from engine.runner import Runner
from engine.tokenizer import Tokenizer
from tests.desktop_app.commands.kit import GREEDY, Command, code_of
from tests.tiny import tiny_folder


def test_a_picture_that_cannot_be_used(ask: Command, pictures: list[Path], tmp_path: Path) -> None:
    data = pictures[1].read_bytes()
    files = {"empty.png": b"", "text.png": b"hello", "cut.png": data[:-60], "head.png": data[:20]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        code, out, err = ask(tmp_path / name, "-q", "hello")
        assert (code, out) == (3, ""), name
        assert name in err
    assert ask(tmp_path / "nowhere.png", "-q", "hello")[0] == 3
    assert ask(tmp_path, "-q", "hello")[0] == 3


def test_a_model_that_is_not_there(command: Command, tmp_path: Path) -> None:
    code, out, err = command("ask", "-q", "hello", "--model", tmp_path / "nowhere")
    assert (code, out) == (4, "")
    assert str(tmp_path / "nowhere") in err


def test_a_damaged_model(command: Command, tmp_path: Path) -> None:
    tiny_folder(tmp_path, shards=1)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])
    for words in (("ask", "-q", "hello"), ("ocr", tmp_path / "config.json")):
        code, out, err = command(*words, "--model", tmp_path, "--device", "cpu")
        assert (code, out) == (4, "")
        assert file.name in err


@pytest.mark.parametrize("name", ["see", "read", "step"])
def test_no_room_in_memory(
    ask: Command, pictures: list[Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*_: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Runner, name, full)
    # every rung of the ladder still reads, and so wins a token: more of them than there are rungs
    code, _, err = ask(pictures[0], "-q", "hello", *GREEDY, "--max-new-tokens", "40")
    assert code == 5
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_interrupt(ask: Command, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]) -> None:
    step, calls = Runner.step, list[int]()

    def interrupted(runner: Runner, ids: Sequence[int]) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(runner, ids)

    whole = ask("-q", "hello", *GREEDY)[1].strip()
    monkeypatch.setattr(Runner, "step", interrupted)
    code, out, err = ask("-q", "hello", *GREEDY, *more)
    assert code == 130
    assert err == ""
    if more:
        assert out == ""
    else:
        assert out.strip()
        assert out.endswith("\n")
        assert whole.startswith(out.strip())


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_a_real_interrupt(model: Path) -> None:
    """Ctrl+C in the middle of a long answer, sent when its first character is here."""
    words = ["ask", "-q", "hello", "--model", str(model), "--device", "cpu", "--greedy"]
    code = (
        "import signal, sys\n"
        # a test run in the background may have been told to ignore it
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from desktop_app.command_line import main\n"
        f"sys.exit(main({[*words, '--max-new-tokens', '4000']}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert first.strip()
    assert rest.endswith(b"\n")
    assert err == b""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_reader_that_leaves_is_no_error(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        code = code_of(["ask", "-q", "hello", "--model", model, "--device", "cpu", *GREEDY])
    assert code == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_stdout_will_do(
    ask: Command, model: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """The model writes Chinese, whatever the terminal can show."""
    tokenizer = Tokenizer.from_folder(model)
    token = tokenizer.encode("图")[0]
    assert tokenizer.decode([token]) == "图"

    def chinese(*_: Any) -> torch.Tensor:
        logits = torch.zeros(1, 1000)
        logits[0, token] = 1.0
        return logits

    monkeypatch.setattr(Runner, "step", chinese)
    for more in ((), ("--json",)):
        raw = io.BytesIO()
        with io.TextIOWrapper(raw, encoding=encoding) as out:
            monkeypatch.setattr(sys, "stdout", out)
            assert code_of(["ask", "-q", "a", *GREEDY, *more, "--model", model]) == 0
            out.flush()
            written = raw.getvalue().decode(encoding)
        if more:
            assert "图" in json.loads(written)["text"]
        else:
            assert ("图" if encoding == "utf-8" else r"\u56fe") in written


def test_an_odd_file_name_is_printed(ask: Command, pictures: list[Path]) -> None:
    odd = pictures[0].with_name(os.fsdecode(b"\xff.png"))
    try:
        odd.write_bytes(pictures[0].read_bytes())
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    code, out, _ = ask(odd, "-q", "hello", *GREEDY, "--json")
    assert code == 0
    assert os.fsencode(json.loads(out)["picture"]) == b"\xff.png"
    assert ask(odd, pictures[1], "-q", "hello", *GREEDY)[0] == 0


# Which model, and how it writes


def test_auto_takes_the_full_model_where_it_is_complete(
    command: Command, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter, full = tmp_path / "starter", tmp_path / "full"
    tiny_folder(starter, num_hidden_layers=1)
    places = {STARTER: starter, FULL: full}
    monkeypatch.setattr(session, "model_folder", lambda name: places.get(name, Path(name)))

    def used(*words: object) -> tuple[str, str]:
        place = ("--device", "cpu", "--precision", "float32", "--json")
        code, out, err = command("ask", "-q", "hello", *GREEDY, *place, *words)
        assert code == 0
        return json.loads(out)["model"], err

    for _ in range(2):
        name, err = used()
        assert name == "starter"
        assert "tarter model" in err
        full.mkdir(exist_ok=True)
        (full / "config.json").write_bytes((model / "config.json").read_bytes())
    tiny_folder(full)
    assert used() == ("full", "")
    assert used("--model", "starter") == ("starter", "")
    assert used("--model", FULL) == ("full", "")
