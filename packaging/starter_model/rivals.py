"""Readers that the starter model is compared with, through the same pictures."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

from engine import Picture
from engine.messages import Finished
from engine.quick.reader import QuickReader

Reads = Callable[[Picture, bool], str]  # whether the text is Chinese, which some must be told

PACKAGES = "tesseract-ocr tesseract-ocr-chi-sim"


def quick_reader() -> Reads:
    """The program's own reader for plain text, RapidOCR's networks with our reading order."""
    reader = QuickReader()
    for _ in reader.load():
        pass

    def read(picture: Picture, chinese: bool) -> str:
        del chinese  # it knows both
        *_, last = reader.read(picture)
        return last.text if isinstance(last, Finished) else ""

    return read


def tesseract() -> Reads:
    """The command of that name, where it is installed. Raises SystemExit where it is not."""
    command = shutil.which("tesseract")
    if command is None:
        raise SystemExit(f"Not installed: tesseract. On Debian: apt-get install {PACKAGES}")

    def read(picture: Picture, chinese: bool) -> str:
        languages = "chi_sim+eng" if chinese else "eng"
        told = subprocess.run(
            [command, "stdin", "stdout", "-l", languages],
            input=picture.data,
            capture_output=True,
            check=True,
        )
        return told.stdout.decode()

    return read


RIVALS: dict[str, Callable[[], Reads]] = {"quick": quick_reader, "tesseract": tesseract}
