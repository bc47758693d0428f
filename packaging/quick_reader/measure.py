"""The quick reader's character error rate on windows and pages that nobody has seen before.

    uv run python packaging/quick_reader/measure.py --pages 4

Each page is a real Qt window or a typeset page, drawn for the run from random words in a font of
this machine. A character error is one to insert, delete or replace, over all text of a page in
its reading order. Spaces beside Chinese characters are not counted, and neither is the empty square
of a check box, which the reader may tell.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, as installed or not

from PySide6.QtWidgets import QApplication

from engine.messages import Finished
from engine.quick.characters import is_cjk
from engine.quick.reader import QuickReader
from quick_pages import KINDS, Page, draw


def errors(told: str, read: str) -> int:
    """The edit distance of two texts."""
    before = list(range(len(read) + 1))
    for row, expected in enumerate(told, 1):
        now = [row]
        for column, got in enumerate(read, 1):
            kept = before[column - 1] + (expected != got)
            now.append(min(kept, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1]


def plain(text: str) -> str:
    """One space for any white space, and none beside a Chinese character."""
    words = text.replace("☐", " ").replace("□", " ").split()
    joined = words[0] if words else ""
    for word in words[1:]:
        joined += word if is_cjk(joined[-1]) or is_cjk(word[0]) else " " + word
    return joined


def read(reader: QuickReader, page: Page) -> tuple[str, float]:
    """The text of a page and the seconds it took, without the loading."""
    started = time.perf_counter()
    for event in reader.read(page.picture):
        if isinstance(event, Finished):
            return event.text, time.perf_counter() - started
    raise RuntimeError("a stream ended without Finished")


def main(words: Sequence[str] | None = None) -> None:
    """Draw, read, compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=2, help="of each kind and language")
    parser.add_argument("--seed", type=int, default=0, help="of the first")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--show", action="store_true", help="what was read, where it is wrong")
    options = parser.parse_args(words)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application, reader = QApplication.instance() or QApplication([]), QuickReader()
    for _ in reader.load():
        pass
    print("| page | characters | errors | error rate | seconds a page |\n|---|---|---|---|---|")
    for language in ("en", "zh"):
        for kind in options.kinds:
            pages = [draw(kind, language, options.seed + n) for n in range(options.pages)]
            print(row(f"{kind}, {language}", pages, reader, show=options.show), flush=True)
    del application


def row(name: str, pages: Sequence[Page], reader: QuickReader, *, show: bool) -> str:
    """One line of the table."""
    letters, wrong, seconds = 0, 0, 0.0
    for page in pages:
        text, took = read(reader, page)
        told, got = plain(" ".join(page.lines)), plain(text)
        missed = errors(told, got)
        if show and missed:
            print(f"{page.name}: {missed}\n  told {told}\n  read {got}")
        letters, wrong, seconds = letters + len(told), wrong + missed, seconds + took
    rate = f"{100 * wrong / max(1, letters):.2f} %"
    return f"| {name} | {letters} | {wrong} | {rate} | {seconds / len(pages):.1f} |"


if __name__ == "__main__":
    main()
