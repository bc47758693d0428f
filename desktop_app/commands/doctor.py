"""``minicpmv doctor``: versions, device, memory, models, and what would be used and why."""

from __future__ import annotations

import argparse
import json
import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import psutil

from desktop_app import memory_wording, wording
from desktop_app.command_line import add_model_options, program_version
from desktop_app.commands import exit_codes
from desktop_app.commands.ask import Parsers
from desktop_app.commands.ocr import reading_text
from desktop_app.commands.session import Console, chosen_model
from desktop_app.display import display_problem
from desktop_app.paths import FULL, STARTER, model_folder
from engine.errors import DeviceError, ModelError
from engine.folder import CONFIG, TOKENIZER, missing_files, weight_files
from engine.messages import DeviceChoice

PACKAGES = (
    "torch",
    "transformers",
    "timm",
    "Pillow",
    "sentencepiece",
    "safetensors",
    "PySide6-Essentials",
)


def add_parser(commands: Parsers[argparse.ArgumentParser]) -> None:
    """Declare the command's options."""
    parser = commands.add_parser("doctor", help="what is here", description=__doc__)
    add_model_options(parser)
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Print the report; an asked device that is not there is a usage error."""
    from engine.device import choose, free_memory

    try:
        choice = choose(options.device, options.precision)
    except DeviceError as error:
        return Console().fail(error)
    used = chosen_model(options.model)
    report: dict[str, object] = {
        "versions": versions(),
        "device": _device(choice, free_memory(choice.device)),
        "memory": {**memory(), "processors": str(processors())},
        "models": {name: model_state(name) for name in dict.fromkeys((STARTER, FULL, used))},
        "would_fit": _would_fit(used, choice.device),
        "would_use": _would_use(used, options.model, choice),
        "reading_text": reading_text(options.model, choice.device),
        "window": display_problem() or "can be shown",
    }
    print(json.dumps(report, ensure_ascii=False, indent=2) if options.json else _as_text(report))
    return exit_codes.OK


def versions() -> dict[str, str]:
    """The program, Python, the system, and the packages that answers depend on."""
    found = {
        "minicpmv": program_version(),
        "Python": platform.python_version(),
        "system": platform.platform(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def model_state(name: str) -> str:
    """Where a model is, its size, and what is missing from it."""
    folder = model_folder(name)
    if not folder.is_dir():
        return f"not there: {folder}"
    missing = missing_files(folder)
    if missing:
        return f"incomplete: {folder} lacks {', '.join(missing)}"
    files = (CONFIG, TOKENIZER, *weight_files(folder))
    return f"{wording.size_of(sum((folder / file).stat().st_size for file in files))} in {folder}"


def _device(choice: DeviceChoice, free: int) -> dict[str, str]:
    told = {
        "device": f"{choice.device}: {wording.choice_reason(choice.device_reason)}",
        "precision": f"{choice.precision.value}: {wording.choice_reason(choice.precision_reason)}",
    }
    if choice.device_name:
        told["name"] = choice.device_name
    if free:
        told["free memory"] = wording.size_of(free)
    return told


def memory() -> dict[str, str]:
    """What this machine has, and what of it is free."""
    seen = psutil.virtual_memory()
    return {"total": wording.size_of(seen.total), "available": wording.size_of(seen.available)}


def processors() -> int | None:
    """The processor's cores, or what the system counts where it cannot tell."""
    return psutil.cpu_count(logical=False) or os.cpu_count()


def _would_fit(used: str, device: str) -> dict[str, str]:
    """Each model in each precision, on the device in use and on the processor."""
    from engine.device import free_memory
    from engine.memory import outlooks

    told: dict[str, str] = {}
    for name in dict.fromkeys((used, FULL)):
        for place in dict.fromkeys((device, "cpu")):
            with suppress(ModelError):  # said above, under the models
                for seen in outlooks(
                    model_folder(name), place, free_memory(place), published=name == FULL
                ):
                    title = f"{wording.model_name(name)}, {memory_wording.place(seen)}"
                    told[title] = memory_wording.outlook(seen)
    return told


def _would_use(used: str, asked: str, choice: DeviceChoice) -> str:
    if asked != "auto":
        why = "as asked"
    elif used == FULL:
        why = "the full model is complete"
    else:
        why = "the full model is not complete on this machine"
    return f"{wording.model_name(used)} on {wording.choice(choice)}: {why}"


def _as_text(report: dict[str, object]) -> str:
    lines = []
    for title, value in report.items():
        lines.append(title.replace("_", " "))
        rows = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"  {f'{name}: ' if name else ''}{told}" for name, told in rows]
    return "\n".join(lines)
