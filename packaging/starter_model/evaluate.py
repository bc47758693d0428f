"""Measure the shipped starter model on unseen strings, through the engine itself."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import fonts  # noqa: E402
import texts  # noqa: E402
from engine import Engine, Picture, Question, Sampling, Speaker, Turn  # noqa: E402
from engine.messages import Finished  # noqa: E402
from measures import edit_distance, folded  # noqa: E402
from rivals import RIVALS  # noqa: E402
from scenes import NO_TEXT, Frame, Painter, Scene  # noqa: E402
from sizes import VIEW_SIDE  # noqa: E402

ONE_VIEW = VIEW_SIDE * VIEW_SIDE  # pixels; larger pictures are made smaller
READ = ("Read the text.",)
# a picture, what is asked about it one after the other, and the true answer to the last
Case = tuple[Scene, tuple[str, ...], str]
Answers = Callable[[Picture, tuple[str, ...]], str]


@dataclass(frozen=True)
class Score:
    """One row of the table; the character error rate is only meant where a text is read."""

    name: str
    pictures: int
    errors: float | None
    exact: float

    def __str__(self) -> str:
        """Return the row as the README has it."""
        errors = "" if self.errors is None else f"{100 * self.errors:.1f} %"
        return f"| {self.name} | {self.pictures} | {errors} | {100 * self.exact:.0f} % |"


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
        yield scene, READ, "\n".join(scene.lines)


def paragraph_cases(painter: Painter) -> Iterator[Case]:
    """Yield up to six lines to read, in one view."""
    while True:
        scene = painter.lines(window_frame(painter))
        yield scene, READ, "\n".join(scene.lines)


def window_cases(painter: Painter) -> Iterator[Case]:
    """Yield small windows to read, in one view."""
    while True:
        scene = painter.window(window_frame(painter))
        yield scene, READ, "\n".join(scene.lines)


def larger_cases(painter: Painter) -> Iterator[Case]:
    """Yield larger windows, which are made smaller to fit one view."""
    while True:
        scene = painter.window(window_frame(painter, ONE_VIEW, 640 * 480))
        yield scene, READ, "\n".join(scene.lines)


def title_cases(painter: Painter) -> Iterator[Case]:
    """Yield small windows whose title is asked for."""
    for scene, _, _ in window_cases(painter):
        yield scene, ("What is the title?",), scene.title or ""


def follow_up_cases(painter: Painter) -> Iterator[Case]:
    """Yield small windows to read, after their title was asked for."""
    for scene, _, text in window_cases(painter):
        yield scene, ("What is the title?", *READ), text


def shape_cases(painter: Painter, word: str) -> Iterator[Case]:
    """Yield shapes with the questions that hold a word."""
    while True:
        scene = painter.shapes(
            Frame(painter.random.randint(200, 500), painter.random.randint(150, 400), 16)
        )
        asked = painter.shape_question(scene.shapes)
        if word in asked.question:
            yield scene, (asked.question,), asked.answer


def colour_cases(painter: Painter) -> Iterator[Case]:
    """Yield shapes of which a colour is asked."""
    return shape_cases(painter, "What")


def count_cases(painter: Painter) -> Iterator[Case]:
    """Yield shapes of which a number is asked."""
    return shape_cases(painter, "How many")


def empty_cases(painter: Painter) -> Iterator[Case]:
    """Yield pictures without text, of which the text is asked for."""
    while True:
        scene = painter.empty(
            Frame(painter.random.randint(100, 500), painter.random.randint(80, 400), 16)
        )
        yield scene, READ, NO_TEXT


def model_answers(folder: Path, precision: str = "auto") -> Answers:
    """Load a model; each picture is a conversation of its own."""
    engine = Engine(folder, "auto", precision)
    for _ in engine.load():
        pass

    def answer(picture: Picture, questions: tuple[str, ...]) -> str:
        turns: tuple[Turn, ...] = ()
        for question in questions:
            turns += (Turn(Speaker.USER, question),)
            *_, last = engine.answer(Question(picture, turns, Sampling.greedy(max_new_tokens=400)))
            turns += (Turn(Speaker.ASSISTANT, last.text if isinstance(last, Finished) else ""),)
        engine.forget()
        return turns[-1].text

    return answer


def reader_answers(name: str) -> Answers:
    """A reader that is no model: whatever is asked, it reads."""
    read = RIVALS[name]()
    return lambda picture, _: read(picture)


class Judge:
    """Shows pictures, asks and keeps the scores."""

    def __init__(self, answers: Answers, pictures: int, show: bool) -> None:
        """Ask about so many pictures of each set."""
        self.answers, self.pictures, self.show = answers, pictures, show

    def ask(self, scene: Scene, questions: tuple[str, ...]) -> str:
        """Show a scene as PNG bytes and return the answer to the last question."""
        file = io.BytesIO()
        scene.picture.save(file, "PNG")
        return self.answers(Picture.from_bytes(file.getvalue(), "scene.png"), questions)

    def pairs(self, cases: Iterator[Case]) -> list[tuple[str, str]]:
        """Return (answer, truth) for as many cases as were asked for, white space folded."""
        result = []
        for _ in range(self.pictures):
            scene, questions, truth = next(cases)
            result.append((folded(self.ask(scene, questions)), folded(truth)))
            if self.show:
                print(
                    f"    {questions[-1]}\n      is:   {result[-1][1]}\n      said: {result[-1][0]}"
                )
        return result

    def reading(self, name: str, cases: Iterator[Case]) -> Score:
        """Measure character errors, edits over the length of the truth, and exact answers."""
        pairs = self.pairs(cases)
        wrong = sum(edit_distance(answer, truth) for answer, truth in pairs)
        length = sum(len(truth) for _, truth in pairs)
        return Score(name, len(pairs), wrong / length, exact(pairs))

    def question(self, name: str, cases: Iterator[Case]) -> Score:
        """Measure how many answers are exactly right."""
        pairs = self.pairs(cases)
        return Score(name, len(pairs), None, exact(pairs))


def exact(pairs: list[tuple[str, str]]) -> float:
    """Return the share of answers that equal the truth after case folding."""
    return sum(answer.casefold() == truth.casefold() for answer, truth in pairs) / len(pairs)


def reading_scores(judge: Judge) -> Iterator[Score]:
    """Measure how well texts are read, one row after the other."""
    seen, unseen = known_fonts(), fonts.present(fonts.UNSEEN)
    sets: tuple[tuple[str, Callable[[Painter], Iterator[Case]]], ...] = (
        ("one line", line_cases),
        ("up to six lines", paragraph_cases),
        ("small window", window_cases),
        ("larger window, made smaller", larger_cases),
        ("small window, read after another question", follow_up_cases),
    )
    for number, (name, cases) in enumerate(sets):
        yield judge.reading(f"{name}, fonts it knows", cases(Painter(9000 + number, True, seen)))
        if unseen:
            yield judge.reading(
                f"{name}, unseen fonts", cases(Painter(9100 + number, True, unseen))
            )


def asking_scores(judge: Judge) -> Iterator[Score]:
    """Measure how well questions are answered, one row after the other."""
    sets: tuple[tuple[str, Callable[[Painter], Iterator[Case]]], ...] = (
        ("title of a small window", title_cases),
        ("colour of a shape", colour_cases),
        ("number of shapes", count_cases),
        ("picture without text, said so", empty_cases),
    )
    for number, (name, cases) in enumerate(sets):
        yield judge.question(name, cases(Painter(9200 + number, True, known_fonts())))


def known_fonts() -> list[str]:
    """Return the fonts that were trained on and are here."""
    return fonts.present(fonts.INTERFACE) + fonts.present(fonts.OTHER) or [""]


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
    parser.add_argument("--precision", default="auto", help="of the weights, as `ask` takes it")
    parser.add_argument(
        "--reader", choices=("model", *RIVALS), default="model", help="who reads; others only read"
    )
    parser.add_argument("--show", action="store_true", help="print every answer beside the truth")
    options = parser.parse_args()
    lacking = missing()
    if lacking:
        print(f"Not installed, so the numbers differ from the published ones: {', '.join(lacking)}")
        print(f"On Debian: apt-get install {fonts.PACKAGES}")
    asked = options.reader == "model"
    answers = (
        model_answers(options.model, options.precision) if asked else reader_answers(options.reader)
    )
    judge = Judge(answers, options.pictures, options.show)
    print("| set | pictures | character error rate | exact answers |\n|---|---|---|---|")
    for score in chain(reading_scores(judge), asking_scores(judge) if asked else ()):
        print(score, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
