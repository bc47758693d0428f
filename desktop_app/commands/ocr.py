"""``minicpmv ocr``: the text in each of some pictures, on stdout."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desktop_app.command_line import add_model_options
from desktop_app.commands import exit_codes
from desktop_app.commands.ask import Parsers, answer_all
from desktop_app.commands.remote import add_server_options
from desktop_app.commands.session import (
    Console,
    add_memory_option,
    is_complete,
    read_picture,
)
from desktop_app.jobs import UnreadableFile
from desktop_app.paths import FULL, model_folder
from desktop_app.readers import (
    AUTO,
    Reader,
    ReaderChoice,
    ReaderFacts,
    choose_reader,
    chosen_reader,
    slow_here,
)
from desktop_app.screen_wish import READERS
from engine.messages import Picture, Speaker, Turn

if TYPE_CHECKING:
    from engine.quick.parts import QuickParts

PROMPT = "Read the text."


def add_parser(commands: Parsers[argparse.ArgumentParser]) -> None:
    """Declare the command's options."""
    parser = commands.add_parser("ocr", help="read the text in pictures", description=__doc__)
    parser.add_argument("pictures", nargs="+", metavar="PICTURE")
    parser.add_argument(
        "--reader",
        default=AUTO,
        choices=READERS,
        help="quick: plain text in about a second, without a model; model: the model, as asked "
        "with --model or --server; auto: quick while the full model is absent or slow here",
    )
    add_model_options(parser)
    add_server_options(parser)
    add_memory_option(parser)
    parser.add_argument("--json", action="store_true", help="one object a picture")
    parser.set_defaults(
        greedy=False,
        without_chance=True,
        beams=None,
        temperature=None,
        top_p=None,
        top_k=None,
        repetition_penalty=1.0,
        max_new_tokens=None,
        seed=None,
        special_tokens=False,
    )


def run(options: argparse.Namespace) -> int:
    """Read each picture with the reader that was asked for, or the one that suits."""
    console = Console()
    if options.reader == Reader.QUICK.value and _model_named(options):
        console.say("minicpmv ocr: --model and --server do not go with --reader quick")
        return exit_codes.USAGE
    choice = reader_for(options)
    if choice.by_itself:
        console.say(chosen_reader(choice))
    if choice.reader is Reader.QUICK:
        return _read_quickly(options, console)
    return answer_all(options, (Turn(Speaker.USER, PROMPT),), console)


def reader_for(options: argparse.Namespace) -> ReaderChoice:
    """The reader of a command's options; nothing is loaded for it."""
    facts = _facts(options.device, model_named=_model_named(options))
    return choose_reader(options.reader, facts)


def reading_text(model: str, device: str) -> dict[str, str]:
    """For ``doctor``: whether the quick reader is ready, and who reads text here, and why."""
    parts = _quick_parts()
    state = f"ready, rapidocr {parts.version} in {parts.folder.parent}"
    if not parts.ready:
        state = f"not ready, missing: {', '.join(parts.missing)}"
    choice = choose_reader(AUTO, _facts(device, model_named=model != AUTO))
    return {"quick reader": state, "would read": chosen_reader(choice)}


def _quick_parts() -> QuickParts:
    from engine.quick.parts import quick_parts

    return quick_parts()


def _facts(device: str, *, model_named: bool) -> ReaderFacts:
    return ReaderFacts(
        full_model=is_complete(model_folder(FULL)),
        full_slow=slow_here(device),
        quick_ready=_quick_parts().ready,
        model_named=model_named,
    )


def _model_named(options: argparse.Namespace) -> bool:
    return bool(options.model != AUTO or options.server)


def _read_quickly(options: argparse.Namespace, console: Console) -> int:
    from desktop_app.commands import quick

    pictures, code = list[Picture](), exit_codes.OK
    for path in options.pictures:
        try:
            pictures.append(read_picture(path))
        except UnreadableFile as error:
            code = console.fail(error)
    if not pictures:
        return code
    several = len(options.pictures) > 1
    return quick.read_all(pictures, console, json=options.json, named=several) or code
