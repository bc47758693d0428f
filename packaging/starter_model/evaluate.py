"""Measure the shipped starter model on unseen strings, through the engine itself."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import fonts  # noqa: E402
import texts  # noqa: E402
from engine import Engine, Picture, Question, Sampling, Speaker, Turn  # noqa: E402
from engine.messages import Finished  # noqa: E402
from measures import edit_distance, folded  # noqa: E402
from scenes import NO_TEXT, Frame, Painter, Scene  # noqa: E402

ONE_VIEW = 448 * 448
Case = tuple[Scene, str, str]


@dataclass(frozen=True)
class Score:
    """One row of the table: a set's name, its size, and what was measured on it."""

    name: str
    pictures: int
    measure: str
    value: float

    def __str__(self) -> str:
        """Return the row as the README's table has it."""
        return f"| {self.name} | {self.pictures} | {self.measure} | {100 * self.value:.1f} % |"


def line_frame(painter: Painter) -> Frame:
    """A capture of one line: letters of 13 to 28 pixels with some ground around them."""
    size, pick = painter.random.randint(13, 28), painter.random.uniform
    return Frame(round(size * pick(6, 24)), round(size * pick(1.6, 3.0)), size)


def window_frame(painter: Painter, least: int = 0, most: int = ONE_VIEW) -> Frame:
    """A capture of a small window whose area is between two bounds."""
    while True:
        frame = Frame(
            painter.random.randint(240, 800),
            painter.random.randint(100, 480),
            painter.random.randint(13, 20),
        )
        if least < frame.width * frame.height <= most and frame.width > 14 * frame.font_size:
            return frame


def line_cases(painter: Painter) -> Iterator[Case]:
    """Yield single lines to read."""
    while True:
        scene = painter.lines(line_frame(painter), at_most=1)
        yield scene, "Read the text.", "\n".join(scene.lines)


def paragraph_cases(painter: Painter) -> Iterator[Case]:
    """Yield up to six lines to read, in one view."""
    while True:
        scene = painter.lines(window_frame(painter))
        yield scene, "Read the text.", "\n".join(scene.lines)


def window_cases(painter: Painter) -> Iterator[Case]:
    """Yield small windows to read, in one view."""
    while True:
        scene = painter.window(window_frame(painter))
        yield scene, "Read the text.", "\n".join(scene.lines)


def sliced_cases(painter: Painter) -> Iterator[Case]:
    """Yield larger windows, which reach the model in slices."""
    while True:
        scene = painter.window(window_frame(painter, ONE_VIEW, 640 * 480))
        yield scene, "Read the text.", "\n".join(scene.lines)


def title_cases(painter: Painter) -> Iterator[Case]:
    """Yield small windows whose title is asked for."""
    for scene, _, _ in window_cases(painter):
        yield scene, "What is the title?", scene.title or ""


def shape_cases(painter: Painter, word: str) -> Iterator[Case]:
    """Yield shapes with the questions that hold a word."""
    while True:
        scene = painter.shapes(
            Frame(painter.random.randint(200, 500), painter.random.randint(150, 400), 16)
        )
        question, answer = painter.shape_question(scene.shapes)
        if word in question:
            yield scene, question, answer


def empty_cases(painter: Painter) -> Iterator[Case]:
    """Yield pictures without text, of which the text is asked for."""
    while True:
        scene = painter.empty(
            Frame(painter.random.randint(100, 500), painter.random.randint(80, 400), 16)
        )
        yield scene, "Read the text.", NO_TEXT


class Judge:
    """Asks the engine and keeps the scores."""

    def __init__(self, folder: Path, pictures: int, show: bool) -> None:
        """Load the model."""
        self.engine = Engine(folder)
        for _ in self.engine.load():
            pass
        self.pictures, self.show = pictures, show

    def ask(self, scene: Scene, question: str) -> str:
        """Give the engine a scene as PNG bytes and return its answer."""
        file = io.BytesIO()
        scene.picture.save(file, "PNG")
        picture = Picture.from_bytes(file.getvalue(), "scene.png")
        turns = (Turn(Speaker.USER, question),)
        sampling = Sampling.greedy(max_new_tokens=400)
        *_, last = self.engine.answer(Question(picture, turns, sampling))
        self.engine.forget()
        return last.text if isinstance(last, Finished) else ""

    def pairs(self, cases: Iterator[Case]) -> list[tuple[str, str]]:
        """Return (answer, truth) for as many cases as were asked for, white space folded."""
        result = []
        for _ in range(self.pictures):
            scene, question, truth = next(cases)
            result.append((folded(self.ask(scene, question)), folded(truth)))
            if self.show:
                print(f"    {question}\n      is:   {result[-1][1]}\n      said: {result[-1][0]}")
        return result

    def errors(self, name: str, cases: Iterator[Case]) -> Score:
        """Measure the character error rate."""
        pairs = self.pairs(cases)
        wrong = sum(edit_distance(answer, truth) for answer, truth in pairs)
        return Score(
            name, len(pairs), "character errors", wrong / sum(len(truth) for _, truth in pairs)
        )

    def exact(
        self, name: str, cases: Iterator[Case], measure: str = "right", right: bool = True
    ) -> Score:
        """Measure how many answers are exactly right after case folding, or how many are not."""
        pairs = self.pairs(cases)
        hits = sum((answer.casefold() == truth.casefold()) == right for answer, truth in pairs)
        return Score(name, len(pairs), measure, hits / len(pairs))


def scores(judge: Judge) -> Iterator[Score]:
    """Measure every set, one row after the other."""
    seen = fonts.present(fonts.INTERFACE) + fonts.present(fonts.OTHER)
    unseen = fonts.present(fonts.UNSEEN)
    reading: tuple[tuple[str, Callable[[Painter], Iterator[Case]]], ...] = (
        ("one line", line_cases),
        ("up to six lines", paragraph_cases),
        ("small window", window_cases),
        ("larger window, sliced", sliced_cases),
    )
    for number, (name, cases) in enumerate(reading):
        yield judge.errors(
            f"{name}, fonts of the training", cases(Painter(9000 + number, True, seen))
        )
        if unseen:
            yield judge.errors(f"{name}, unseen fonts", cases(Painter(9100 + number, True, unseen)))
    yield judge.exact("title of a small window", title_cases(Painter(9200, True, seen)))
    yield judge.exact("colour of a shape", shape_cases(Painter(9201, True, seen), "What"))
    yield judge.exact("number of shapes", shape_cases(Painter(9202, True, seen), "How many"))
    yield judge.exact(
        "picture without text", empty_cases(Painter(9203, True, seen)), "false answers", right=False
    )


def missing() -> list[str]:
    """Return what this machine lacks for the published measurement."""
    names = [*fonts.INTERFACE, *fonts.OTHER, *fonts.UNSEEN]
    lacking = sorted(set(names) - set(fonts.present(names)))
    return lacking if texts.DICTIONARY.is_file() else [*lacking, str(texts.DICTIONARY)]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "resources/starter")
    parser.add_argument("--pictures", type=int, default=50, help="pictures of each set")
    parser.add_argument("--show", action="store_true", help="print every answer beside the truth")
    options = parser.parse_args()
    lacking = missing()
    if lacking:
        print(f"Not installed, so the numbers differ from the published ones: {', '.join(lacking)}")
        print(f"On Debian: apt-get install {fonts.PACKAGES}")
    if not fonts.present(fonts.INTERFACE) or not texts.DICTIONARY.is_file():
        print("Nothing to draw with; stopped.")
        return 1
    judge = Judge(options.model, options.pictures, options.show)
    print("| set | pictures | measure | value |\n|---|---|---|---|")
    for score in scores(judge):
        print(score, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
