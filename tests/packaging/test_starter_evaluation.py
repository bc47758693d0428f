"""The evaluation asks the engine itself, and its numbers are what they say."""

import json
import re
from itertools import islice

import pytest
from PIL import Image, ImageChops

import fonts
from cases import CaseSet, asking, asking_sets, known, line, reading, reading_sets, window
from draw_samples import FONT, samples
from evaluate import Judge, Score, exact, model_answers, reader_answers
from export import GENERATION, export
from questions import Asker
from shape import configuration, new_model
from train import Plan, Run
from wordings import ENGLISH


@pytest.fixture(scope="module")
def untrained(tmp_path_factory, request):
    """A model folder with the starter's shape and random weights."""
    folder = tmp_path_factory.mktemp("untrained")
    vocabulary = request.config.rootpath / "resources/starter/tokenizer.model"
    run = Run(Plan(folder, vocabulary, 1.0, 1, 1e-3, 64, 1.0, 1, 1, None), resume=False)
    run.save()
    export(folder / "checkpoint.pt", folder)
    (folder / "tokenizer.model").write_bytes(vocabulary.read_bytes())
    return folder


def test_a_model_that_was_never_trained_reads_nothing(untrained):
    judge = Judge(model_answers(untrained), pictures=1, show=False)
    score = judge.score(CaseSet("one line", reading(known(1), line)))
    assert score.errors is not None
    assert score.errors > 0.5
    assert score.exact == 0


def test_the_quick_reader_reads_the_same_pictures():
    judge = Judge(reader_answers("quick"), pictures=3, show=False)
    score = judge.score(CaseSet("one line", reading(known(1), line)))
    assert score.errors is not None
    assert score.errors < 0.2


def test_the_table_has_a_row_for_every_set(monkeypatch):
    judge = Judge(lambda picture, question: "", pictures=2, show=False)
    monkeypatch.setattr(judge, "pairs", lambda cases: [("Abc", "abc"), ("ab", "ac")])
    rows = [str(score) for score in map(judge.score, (*reading_sets(), *asking_sets()))]
    assert len(rows) >= 8
    assert all(re.fullmatch(r"\| .+ \| 2 \| (40\.0 %)? \| 50 % \|", row) for row in rows)


def test_exact_forgives_the_case_only():
    assert exact([("Red", "red"), ("Red.", "red")]) == 0.5
    assert str(Score("a", 3, None, 1 / 3)) == "| a | 3 |  | 33 % |"


def test_small_windows_fit_one_view_and_hold_their_title():
    cases = reading(known(3), window)
    for case in islice(cases, 5):
        width, height = case.scene.picture.size
        assert width * height <= 448 * 448
        assert case.truth.splitlines()[0] == case.scene.title
    case = next(asking(known(3), window, Asker.title))
    assert case.truth == case.scene.title


def test_every_set_asks_what_its_name_says():
    asked = {one.name: list(islice(one.cases, 3)) for one in asking_sets()}
    assert all("colo" in case.questions[0] for case in asked["colour of a shape"])
    assert all(case.truth.isdigit() for case in asked["number of buttons"])
    assert {case.truth for case in asked["label that is not there, said so"]} == {
        ENGLISH.cannot_tell
    }
    listed = asked["all buttons, or the middle one"]
    assert all("\n" in case.truth or case.truth in dict(case.scene.buttons) for case in listed)
    bare = asked["window without buttons, said so"]
    assert {case.truth for case in bare} <= {"0", ENGLISH.no_button}
    assert not any(case.scene.buttons for case in bare)
    assert {case.truth for case in asked["beyond it, said so"]} == {ENGLISH.cannot_tell}
    labels = {
        fact.label.lower() for case in asked["value by its label"] for fact in case.scene.facts
    }
    assert labels
    for name, cases in asked.items():
        assert all(case.questions[0].isascii() != name.startswith("Chinese") for case in cases)


def test_the_starter_is_a_few_million_parameters():
    model, _ = new_model(1)
    assert 4e6 < sum(p.numel() for p in model.parameters()) < 20e6


def test_the_shipped_folder_tells_what_an_export_does(request):
    folder = request.config.rootpath / "resources/starter"
    told = (folder / "generation_config.json").read_text(encoding="utf-8")
    assert json.loads(told) == GENERATION
    shipped = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    exported = configuration().to_dict()
    assert shipped == {name: exported[name] for name in shipped}


@pytest.mark.skipif(FONT not in fonts.installed(), reason=f"{FONT} is not installed")
def test_shipped_samples_are_what_the_script_draws(request):
    folder = request.config.rootpath / "resources/samples"
    for name, picture in samples().items():
        with Image.open(folder / name) as shipped:
            assert shipped.size == picture.size
            # another FreeType may set a letter half a pixel elsewhere
            difference = ImageChops.difference(shipped.convert("RGB"), picture).convert("L")
            assert sum(difference.histogram()[64:]) < 0.03 * picture.width * picture.height, name
