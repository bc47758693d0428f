"""``minicpmv ocr``: its readers, its JSON, and words in any order."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.commands import ocr
from desktop_app.commands.report import json_line
from engine.quick import parts
from engine.quick.networks import Letters
from engine.quick.reader import QuickReader
from tests.desktop_app.commands.kit import KEYS, SECONDS, Command

ROOT = Path(__file__).resolve().parents[3]
LINE, NOTE = (ROOT / "resources" / "samples" / name for name in ("line.png", "note.png"))
TEXTS = ["The quick brown fox", "Meeting at 10:30\nRoom 204\nBring the report"]


@pytest.fixture(scope="module")
def quick_reader() -> QuickReader:
    return QuickReader()


@pytest.fixture(autouse=True)
def one_reader(quick_reader: QuickReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of this file share one reader, so that it is loaded once."""
    monkeypatch.setattr("engine.quick.reader.QuickReader", lambda: quick_reader)
    monkeypatch.setattr(ocr, "is_complete", lambda _: False)


# The quick reader


def test_without_the_full_model_the_quick_reader_reads(command: Command) -> None:
    code, out, err = command("ocr", LINE)
    assert (code, out) == (0, TEXTS[0] + "\n")
    assert err == "Quick reader: the full model is not on this machine\n"


def test_what_was_asked_for_is_not_explained(command: Command) -> None:
    assert command("ocr", "--reader", "quick", LINE) == (0, TEXTS[0] + "\n", "")


def test_several_pictures_are_named(command: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    words = (LINE, bad, tmp_path / "none.png", NOTE)
    code, out, err = command("ocr", "--reader", "quick", *words)
    assert code == 3
    assert out == "\n".join([*TEXTS, ""])
    assert err.index("line.png:") < err.index("bad.png") < err.index("note.png:")
    assert "none.png" in err


def test_a_picture_without_text_is_no_failure(command: Command, pictures: list[Path]) -> None:
    code, out, err = command("ocr", "--reader", "quick", pictures[0])
    assert (code, out) == (0, "\n")
    assert err == "small.png: no text was found\n"


def test_json_keeps_the_keys_of_a_model(command: Command) -> None:
    """What only a model has is null or empty."""
    code, out, err = command("ocr", "--reader", "quick", "--json", LINE, NOTE)
    assert (code, err) == (0, "")
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["text"] for one in told] == TEXTS
    for one in told:
        assert KEYS.keys() <= one.keys()
        assert (one["token_ids"], one["prompt_token_ids"], one["grid"]) == ([], [], None)
        assert (one["model"], one["tokens_per_second"]) == (None, None)
        assert (one["device"], one["precision"], one["reader"]) == ("cpu", "float32", "quick")
        assert one["seconds"].keys() == SECONDS
        assert all(type(value) is float for value in one["seconds"].values())
    assert told[0]["picture"] == "line.png"
    assert told[0]["views"] == [[360, 60]]


def test_it_streams_line_by_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    out, lengths, read = io.StringIO(), list[int](), Letters.read

    def watching(letters: Letters, pixels: object) -> tuple[str, float]:
        lengths.append(len(out.getvalue()))
        return read(letters, pixels)  # type: ignore[arg-type]

    monkeypatch.setattr(Letters, "read", watching)
    monkeypatch.setattr(sys, "stdout", out)
    assert command("ocr", "--reader", "quick", NOTE)[0] == 0
    assert lengths == [0, len("Meeting at 10:30"), len("Meeting at 10:30\nRoom 204")]


def test_an_interrupt(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Letters, "read", interrupted)
    assert command("ocr", "--reader", "quick", NOTE) == (130, "\n", "")


def test_a_missing_package_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PACKAGES", ("no_such_package",))
    monkeypatch.setattr("engine.quick.reader.QuickReader", QuickReader)
    code, out, err = command("ocr", "--reader", "quick", LINE)
    assert (code, out) == (4, "")
    assert "no_such_package" in err


def test_torch_is_not_loaded() -> None:
    code = (
        "import sys\nfrom desktop_app.command_line import main\n"
        f"assert main(['ocr', '--reader', 'quick', {str(LINE)!r}]) == 0\n"
        "heavy = {'torch', 'transformers', 'PySide6'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, TEXTS[0] + "\n", "")


# The model


def test_a_named_model_reads_itself(command: Command, model: Path, pictures: list[Path]) -> None:
    place = ("--model", model, "--device", "cpu", "--precision", "float32")
    code, out, _ = command("ocr", "--json", pictures[0], *place)
    assert code == 0
    told = json.loads(out)
    assert told["reader"] == "model"
    assert told["model"] == model.name
    assert told["token_ids"]


@pytest.mark.parametrize(
    "words",
    [
        ("--reader", "quick", "--model", "starter", LINE),
        ("--reader", "quick", "--server", "http://127.0.0.1:9", LINE),
        ("--reader", "slow", LINE),
        ("--reader",),
        (),
    ],
)
def test_what_does_not_go_together(command: Command, words: tuple[object, ...]) -> None:
    code, out, err = command("ocr", *words)
    assert (code, out) == (2, "")
    assert "minicpmv ocr" in err


# Words in any order


@pytest.mark.parametrize(
    "words",
    [
        ("ocr", "--json", LINE, NOTE, "--reader", "quick"),
        ("ocr", LINE, "--json", NOTE, "--reader", "quick"),
        ("ocr", LINE, "--reader", "quick", NOTE, "--json"),
        ("ocr", "--reader=quick", "--json", "--", LINE, NOTE),
        ("--json", "ocr", LINE, "--reader", "quick", NOTE),
    ],
)
def test_options_and_pictures_in_any_order(command: Command, words: tuple[object, ...]) -> None:
    code, out, err = command(*words)
    assert (code, err) == (0, "")
    assert [json.loads(line)["text"] for line in out.splitlines()] == TEXTS


def test_ask_takes_any_order_too(command: Command, model: Path, pictures: list[Path]) -> None:
    how = ("--greedy", "--max-new-tokens", 2, "--json", "--device", "cpu")
    code, out, _ = command("ask", pictures[0], "-q", "hello", pictures[1], "--model", model, *how)
    assert code == 0
    assert [json.loads(line)["picture"] for line in out.splitlines()] == ["small.png", "tall.png"]


# JSON in real characters


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", '{"text": "中文"}'), ("ascii", '{"text": "\\u4e2d\\u6587"}')],
)
def test_json_holds_what_stdout_can(
    monkeypatch: pytest.MonkeyPatch, encoding: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert json_line({"text": "中文"}) == expected


def test_half_a_character_does_not_break_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert json_line({"text": "\ud800"}) == '{"text": "\\ud800"}'
