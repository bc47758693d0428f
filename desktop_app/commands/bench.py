"""``minicpmv bench``: how fast a model runs here, beside what this machine allows at most."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import wording
from desktop_app.command_line import add_model_options
from desktop_app.commands import exit_codes
from desktop_app.commands.ask import Parsers
from desktop_app.commands.session import Console, chosen_model, interruptible
from desktop_app.i18n import tr
from desktop_app.paths import STARTER, model_folder
from engine.errors import EngineError, ModelError, ModelFault
from engine.messages import Phase, Progress

if TYPE_CHECKING:
    from engine.bench.figures import BenchReport, Figure
    from engine.bench.run import Plan
    from engine.bench.subject import Loading, Subject

RANDOM_FULL = "random-full"


def add_parser(commands: Parsers[argparse.ArgumentParser]) -> None:
    """Declare the command's options."""
    parser = commands.add_parser("bench", help="how fast a model runs here", description=__doc__)
    add_model_options(parser)
    parser.add_argument("--quick", action="store_true", help="small and once: to see that it works")
    parser.add_argument("--repeats", type=_count, metavar="N", help="runs of each, 3 if not said")
    parser.add_argument("--json", action="store_true", help="one object")
    parser.epilog = f"--model {RANDOM_FULL} has the full model's shapes, made in memory (7 GB)"


def run(options: argparse.Namespace) -> int:
    """Print the report; rows on stderr while it runs are for a person."""
    console = Console()
    try:
        with interruptible(console, streaming=False):
            report = _measure(options, console)
    except EngineError as error:
        return console.fail(error)
    console.clear()
    print(json.dumps(as_json(report), indent=2) if options.json else as_text(report))
    return exit_codes.OK


def _measure(options: argparse.Namespace, console: Console) -> BenchReport:
    console.progress(Progress(Phase.LOADING, 0, 0))
    from engine.bench.figures import BenchReport
    from engine.bench.run import Bench

    subject = _subject(options, console)
    for told in Bench(subject, _plan(options)).run():
        if isinstance(told, BenchReport):
            return told
        if sys.stderr.isatty():  # the minutes are long for a person
            console.say(row(told))
    raise RuntimeError("a bench ended without a report")


def _plan(options: argparse.Namespace) -> Plan:
    from dataclasses import replace

    from engine.bench.run import QUICK_PLAN, Plan

    wanted = QUICK_PLAN if options.quick else Plan()
    return replace(wanted, repeats=options.repeats) if options.repeats else wanted


def _subject(options: argparse.Namespace, console: Console) -> Subject:
    loading = _loading(options)
    while True:
        try:
            console.progress(next(loading))
        except StopIteration as end:
            subject: Subject = end.value
            return subject


def _loading(options: argparse.Namespace) -> Loading:
    from engine.bench import subject

    if options.model == RANDOM_FULL:
        from engine.configuration import MiniCPMVConfig

        tokenizer = model_folder(STARTER)
        return subject.make_random(MiniCPMVConfig(), tokenizer, options.device, options.precision)
    folder: Path = model_folder(chosen_model(options.model))
    if not folder.is_dir():
        raise ModelError(ModelFault.NO_FOLDER, str(folder))
    return subject.load_folder(folder, options.device, options.precision)


def as_json(report: BenchReport) -> dict[str, object]:
    """The report as plain values; ``fraction`` is of the limit, 1 at best."""
    return {
        "model": report.model,
        "device": report.choice.device,
        "device_name": report.choice.device_name,
        "precision": report.choice.precision.value,
        "threads": report.threads,
        "parameters": report.parameters,
        "weight_bytes": report.weight_bytes,
        "machine": {
            "read_bytes_per_second": report.limits.read_bandwidth,
            "operations_per_second": dict(report.limits.rates),
        },
        "figures": [_figure(figure) for figure in report.figures],
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "measure": figure.measure.value,
        "detail": figure.detail,
        "unit": figure.unit.value,
        "median": figure.median,
        "values": list(figure.values),
        "limit": figure.limit,
        "fraction": figure.fraction,
    }


def as_text(report: BenchReport) -> str:
    """The report as a table for a person."""
    return "\n".join([*_head(report), *table(report.figures)])


def _head(report: BenchReport) -> Iterator[str]:
    name, size = wording.model_name(report.model), wording.size_of(report.weight_bytes)
    count = wording.parameters(report.parameters)
    yield f"{name}: {count}, {size}, {wording.choice(report.choice)}"
    threads = tr("{count} threads").format(count=report.threads)
    yield ", ".join(part for part in (report.choice.device_name, threads) if part)
    speed = tr("{speed} GB/s read").format(speed=f"{report.limits.read_bandwidth / 1e9:.1f}")
    rates = [f"{name} {rate / 1e12:.2f} TFLOP/s" for name, rate in report.limits.rates]
    yield ", ".join((speed, *rates))
    yield ""


def table(figures: tuple[Figure, ...]) -> Iterator[str]:
    """Yield each figure beside its limit, in columns."""
    heading = (tr("measured"), "", tr("limit"), tr("share of the limit"))
    rows = [heading, *(cells(figure) for figure in figures)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for line in rows:
        first, *rest = line
        numbers = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join((first.ljust(widths[0]), *numbers)).rstrip()


def row(figure: Figure) -> str:
    """One figure in a line, for the time of waiting."""
    name, value, limit, share = cells(figure)
    return tr("{name}: {value}, limit {limit}, {share}").format(
        name=name, value=value, limit=limit, share=share
    )


def cells(figure: Figure) -> tuple[str, str, str, str]:
    """What, its median, the limit, and the share of it that is reached."""
    name = " ".join(part for part in (measure_name(figure.measure.value), figure.detail) if part)
    value, limit = (
        _quantity(number, figure.unit.value) for number in (figure.median, figure.limit)
    )
    return name, value, limit, f"{100 * figure.fraction:.0f} %"


def measure_name(measure: str) -> str:
    """What is measured, in words."""
    return {
        "loading": tr("loading"),
        "peak_memory": tr("most memory held,"),
        "views": tr("views of"),
        "prefill": tr("reading a prompt of"),
        "first_token": tr("first token about"),
        "decode": tr("writing after"),
        "follow_up": tr("first token of a second question about"),
    }[measure]


def _quantity(number: float, unit: str) -> str:
    if unit == "bytes":
        return wording.size_of(round(number))
    return f"{number:.{3 if number < 1 else 2 if number < 10 else 1}f} {unit}"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
