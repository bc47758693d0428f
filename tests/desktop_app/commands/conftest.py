"""A tiny model, two pictures, and the command as a function."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.desktop_app.commands.kit import Command, code_of
from tests.tiny import tiny_folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("command") / "model"
    tiny_folder(path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """One seen as it is, and one seen in three views."""
    made = []
    for name, size in (("small.png", (112, 112)), ("tall.png", (112, 224))):
        image = Image.new("RGB", size, "teal")
        image.paste("white", (10, 10, 60, 90))
        image.save(tmp_path / name)
        made.append(tmp_path / name)
    return made


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = code_of(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def ask(command: Command, model: Path) -> Command:
    """``ask`` with the tiny model on the processor."""
    place = ("--model", model, "--device", "cpu", "--precision", "float32")
    return lambda *words: command("ask", *words, *place)


# Answers
