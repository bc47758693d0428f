"""Measure the shipped starter model on unseen strings, through the engine itself."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import fonts  # noqa: E402
import texts  # noqa: E402
from cases import Case, CaseSet, asking_sets, reading_sets  # noqa: E402
from engine import Engine, Picture, Question, Speaker, Turn  # noqa: E402
from engine.defaults import default_sampling  # noqa: E402
from engine.messages import Finished  # noqa: E402
from measures import edit_distance, folded  # noqa: E402
from rivals import RIVALS  # noqa: E402
from scenes import Scene  # noqa: E402

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


def model_answers(folder: Path, precision: str = "auto") -> Answers:
    """Load a model, which writes as its folder advises; each picture is a conversation."""
    sampling = default_sampling(folder)
    engine = Engine(folder, "auto", precision)
    for _ in engine.load():
        pass

    def answer(picture: Picture, questions: tuple[str, ...]) -> str:
        turns: tuple[Turn, ...] = ()
        for question in questions:
            turns += (Turn(Speaker.USER, question),)
            *_, last = engine.answer(Question(picture, turns, sampling))
            turns += (Turn(Speaker.ASSISTANT, last.text if isinstance(last, Finished) else ""),)
        engine.forget()
        return turns[-1].text

    return answer


def reader_answers(name: str) -> Answers:
    """A reader that is no model: whatever is asked, it reads."""
    read = RIVALS[name]()
    return lambda picture, questions: read(picture, not questions[-1].isascii())


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
        for case in islice(cases, self.pictures):
            said = self.ask(case.scene, case.questions)
            result.append((folded(said), folded(case.truth)))
            if self.show:
                print(f"    {case.questions[-1]}\n      is:   {result[-1][1]}")
                print(f"      said: {result[-1][0]}")
        return result

    def score(self, one: CaseSet) -> Score:
        """Measure how many answers are exactly right, and of texts the character errors.

        These are edits over the length of the truth.
        """
        pairs = self.pairs(one.cases)
        if not one.reading:
            return Score(one.name, len(pairs), None, exact(pairs))
        wrong = sum(edit_distance(answer, truth) for answer, truth in pairs)
        length = sum(len(truth) for _, truth in pairs)
        return Score(one.name, len(pairs), wrong / length, exact(pairs))


def exact(pairs: list[tuple[str, str]]) -> float:
    """Return the share of answers that equal the truth after case folding."""
    return sum(answer.casefold() == truth.casefold() for answer, truth in pairs) / len(pairs)


def missing() -> list[str]:
    """Return what this machine lacks for the published measurement."""
    latin = [*fonts.INTERFACE, *fonts.OTHER, *fonts.UNSEEN]
    names = [*latin, *fonts.CHINESE, *fonts.UNSEEN_CHINESE]
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
    parser.add_argument(
        "--only", nargs="*", default=[""], help="sets whose name has one of these in it"
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
    for one in chain(reading_sets(), asking_sets() if asked else ()):
        if any(part in one.name for part in options.only):
            print(judge.score(one), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
