"""``minicpmv ask``: a question about each of some pictures, answered on stdout."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import wording
from desktop_app.command_line import add_model_options
from desktop_app.commands import exit_codes
from desktop_app.commands.remote import add_server_options, server_problem
from desktop_app.commands.report import as_json, json_line
from desktop_app.commands.session import (
    Console,
    add_memory_option,
    interruptible,
    open_engine,
    read_picture,
)
from desktop_app.jobs import UnreadableFile
from desktop_app.notices import turns_dropped
from desktop_app.readers import Reader
from engine.errors import EngineError, PictureError
from engine.messages import (
    Decoding,
    Finished,
    MemoryRelieved,
    Picture,
    PictureSeen,
    Progress,
    Question,
    Ready,
    Sampling,
    Speaker,
    TextDelta,
    Turn,
    TurnsDropped,
)

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.remote.engine import RemoteEngine

Parsers = argparse._SubParsersAction


class _UsageError(Exception):
    """The command's words do not fit together; the text is for the person."""


def add_parser(commands: Parsers[argparse.ArgumentParser]) -> None:
    """Declare the command's options."""
    parser = commands.add_parser("ask", help="ask about pictures", description=__doc__)
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="none: a text-only question")
    parser.add_argument("-q", "--question", metavar="TEXT")
    parser.add_argument(
        "--messages",
        metavar="FILE.json",
        help='the conversation so far: [{"role": "user", "content": "..."}, ...]',
    )
    add_model_options(parser)
    add_server_options(parser)
    add_memory_option(parser)
    add_sampling_options(parser)
    parser.add_argument(
        "--special-tokens",
        action="store_true",
        help="strings such as <image> in the text act as control tokens",
    )
    parser.add_argument("--json", action="store_true", help="one object a picture")
    parser.set_defaults(without_chance=False)


def add_sampling_options(parser: argparse.ArgumentParser) -> None:
    """How the answer is written."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--greedy", action="store_true", help="always the likeliest token")
    how.add_argument("--beams", type=int, metavar="N", help="beam search of width N")
    how.add_argument("--temperature", type=float, metavar="T")
    parser.add_argument("--top-p", type=float, metavar="P")
    parser.add_argument("--top-k", type=int, metavar="K")
    parser.add_argument("--repetition-penalty", type=float, metavar="R")
    parser.add_argument("--max-new-tokens", type=int, metavar="N")
    parser.add_argument("--seed", type=int, metavar="S")


def run(options: argparse.Namespace) -> int:
    """Answer for each picture; a picture that cannot be used does not stop the others."""
    console = Console()
    try:
        turns = read_turns(options)
        chosen_sampling(options, Sampling())
    except _UsageError as error:
        console.say(f"minicpmv ask: {error}")
        return exit_codes.USAGE
    return answer_all(options, turns, console)


def answer_all(options: argparse.Namespace, turns: tuple[Turn, ...], console: Console) -> int:
    """Load the model and ask; the exit code is that of the first failure."""
    problem = server_problem(options)
    if problem:
        console.say(f"minicpmv {options.command}: {problem}")
        return exit_codes.USAGE
    pictures, code = list[Picture | None](), exit_codes.OK
    for path in options.pictures:
        try:
            pictures.append(read_picture(path))
        except UnreadableFile as error:
            code = console.fail(error)
    if not options.pictures:
        pictures.append(None)
    if not pictures:
        return code
    try:
        with interruptible(console, streaming=not options.json):
            engine, ready = open_engine(options, console)
            for picture in pictures:
                code = _answer(engine, ready, picture, turns, options, console) or code
    except EngineError as error:
        return console.fail(error)
    return code


def _answer(
    engine: Engine | RemoteEngine,
    ready: Ready,
    picture: Picture | None,
    turns: tuple[Turn, ...],
    options: argparse.Namespace,
    console: Console,
) -> int:
    sampling = chosen_sampling(options, ready.info.sampling)
    question = Question(picture, turns, sampling, special_tokens=options.special_tokens)
    if picture is not None and len(options.pictures) > 1 and not options.json:
        console.say(f"{picture.name}:")
    try:
        finished, seen = _stream(engine, question, console, quiet=options.json)
    except PictureError as error:
        return console.fail(error)
    if options.json:
        told = as_json(finished, seen, ready.info, picture)
        if options.command == "ocr":
            told["reader"] = Reader.MODEL.value
        print(json_line(told), flush=True)
    else:
        print(flush=True)
    return exit_codes.OK


def _stream(
    engine: Engine | RemoteEngine, question: Question, console: Console, *, quiet: bool
) -> tuple[Finished, PictureSeen | None]:
    """Pull the answer, writing text as it comes unless ``quiet``."""
    seen: PictureSeen | None = None
    for event in engine.answer(question):
        match event:
            case Progress():
                console.progress(event)
            case PictureSeen():
                seen = event
                _say_notes(wording.picture_notes(event), question.picture, console)
            case TurnsDropped():
                console.say(turns_dropped(event).body)
            case MemoryRelieved():
                console.relieved(event)
            case TextDelta() if event.text and not quiet:
                console.clear()
                print(event.text, end="", flush=True)
            case Finished():
                console.clear()
                return event, seen
    raise RuntimeError("an answer stream ended without Finished")


def _say_notes(notes: Iterable[str], picture: Picture | None, console: Console) -> None:
    for note in notes:
        console.say(f"{picture.name if picture else ''}: {note}")


def read_turns(options: argparse.Namespace) -> tuple[Turn, ...]:
    """The conversation of --messages, then the question. Raises _UsageError."""
    turns = _read_messages(options.messages) if options.messages else ()
    if options.question is not None:
        turns = (*turns, Turn(Speaker.USER, options.question))
    if not turns:
        raise _UsageError("a question is needed: -q TEXT, or --messages FILE.json")
    return turns


def _read_messages(path: str) -> tuple[Turn, ...]:
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        return tuple(_turn(item["role"], item["content"]) for item in told)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _UsageError(f"--messages {path}: {error}") from error


def _turn(role: object, content: object) -> Turn:
    if not isinstance(content, str):
        raise TypeError(f"content is text, not {content!r}")
    return Turn(Speaker(role), content)


def chosen_sampling(options: argparse.Namespace, default: Sampling) -> Sampling:
    """The options over the model's default. Raises _UsageError for a value out of range.

    A mode that is asked for brings its own penalty, none for greedy and 1.2 for beams, unless
    it is the mode in which the model writes anyway. Where text is read no token is drawn.
    """
    default = default.without_chance() if options.without_chance else default
    shaping = ("temperature", "top_p", "top_k")
    names = (*shaping, "repetition_penalty", "max_new_tokens", "seed", "beams")
    given = {n: getattr(options, n) for n in names if getattr(options, n) is not None}
    shaped = any(name in given for name in shaping)
    if shaped and (options.greedy or "beams" in given):
        raise _UsageError("--top-p and --top-k do not go with --greedy or --beams")
    mode = Decoding.SAMPLE if shaped else default.decoding
    if options.greedy or "beams" in given:
        mode = Decoding.GREEDY if options.greedy else Decoding.BEAM
    try:
        return replace(_in_mode(mode, default), **given)
    except ValueError as error:
        raise _UsageError(f"out of range: {error}") from error


def _in_mode(mode: Decoding, default: Sampling) -> Sampling:
    match mode:
        case default.decoding:
            return default
        case Decoding.GREEDY:
            return Sampling.greedy(max_new_tokens=default.max_new_tokens)
        case Decoding.BEAM:
            return Sampling.beam(max_new_tokens=default.max_new_tokens)
        case _:
            return replace(default, decoding=mode)
