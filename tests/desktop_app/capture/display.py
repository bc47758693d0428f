"""An X server of one's own, without a screen, with the keys and the mouse of a person."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool"}  # with Debian's names of the packages
SIZE = "1280x800x24"


@contextmanager
def x_display() -> Iterator[str]:
    """The name of a fresh display."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SIZE, "-noreset"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as answer:
                yield f":{answer.readline().strip()}"
        finally:
            server.terminate()


def xdotool(display: str, *words: str) -> str:
    """Do as a person would."""
    return subprocess.run(
        ["xdotool", *words],
        env={**os.environ, "DISPLAY": display},
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout
