"""A whole run over a tiny model: what is reported, and that it adds up; never how fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bench.figures import BenchReport, Figure, Measure
from engine.bench.run import QUICK_PLAN, Bench, Plan
from engine.bench.subject import Loading, Subject, load_folder, make_random
from engine.messages import Phase
from tests.tiny import tiny_config, tiny_folder

PLAN = Plan(((112, 112), (112, 224)), prefill=20, contexts=(9, 5000), steps=2, repeats=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "model"
    tiny_folder(path)
    return path


def loaded(loading: Loading) -> Subject:
    while True:
        try:
            assert next(loading).phase is Phase.LOADING
        except StopIteration as end:
            return end.value


def test_each_figure_comes_and_then_the_report(folder: Path) -> None:
    subject = loaded(load_folder(folder, "cpu", "float32"))
    from dataclasses import replace

    *figures, report = Bench(subject, replace(PLAN, effort=QUICK_PLAN.effort)).run()
    assert isinstance(report, BenchReport)
    assert report.figures == tuple(figures)
    told = [(figure.measure, figure.detail) for figure in report.figures]
    assert told == [
        (Measure.LOADING, ""),
        (Measure.PEAK_MEMORY, "loading"),
        (Measure.VIEWS, "112x112"),
        (Measure.PREFILL, "20"),
        (Measure.FIRST_TOKEN, "112x112"),
        (Measure.FOLLOW_UP, "112x112"),
        (Measure.FIRST_TOKEN, "112x224"),
        (Measure.FOLLOW_UP, "112x224"),
        (Measure.DECODE, "9"),
        (Measure.DECODE, str(4096 - 4)),
        (Measure.PEAK_MEMORY, "all"),
    ]
    for figure in figures:
        assert isinstance(figure, Figure)
        repeats = 1 if figure.measure in (Measure.LOADING, Measure.PEAK_MEMORY) else PLAN.repeats
        assert len(figure.values) == repeats
        assert min(*figure.values, figure.limit, figure.fraction, 1.0) > 0


def test_weights_are_counted_as_they_are_held(folder: Path) -> None:
    wide = loaded(load_folder(folder, "cpu", "float32"))
    half = loaded(load_folder(folder, "cpu", "bfloat16"))
    assert wide.weight_bytes == 2 * half.weight_bytes
    assert wide.name == "model"


def test_random_weights_answer_too(folder: Path) -> None:
    subject = loaded(make_random(tiny_config(), folder, "cpu", "bfloat16"))
    assert subject.name == "random-full"
    *_, report = Bench(subject, QUICK_PLAN).run()
    assert isinstance(report, BenchReport)
    assert report.parameters == sum(p.numel() for p in subject.parts.runner.model.parameters())
    assert report.weight_bytes == 2 * report.parameters
