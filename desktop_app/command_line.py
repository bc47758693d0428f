"""``minicpmv``: the window, or one command without it."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from desktop_app.commands import exit_codes, words
from desktop_app.program import load_before_qt
from desktop_app.screen_wish import READERS

COMMANDS = ("ask", "ocr", "doctor", "models", "bench")
PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8", "int4")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``minicpmv`` and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an unknown character is no failure
    try:
        code = _run(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        # the reader has gone; without this the interpreter complains once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.OK


def _run(given: list[str]) -> int:
    command = next((word for word in given if not word.startswith("-")), None)
    if command in COMMANDS:
        module = import_module(f"desktop_app.commands.{command}")
        parser = _Parser(prog="minicpmv")
        return int(module.run(words.parse(parser, module.add_parser, command, given)))
    return _window(window_parser().parse_args(given))


def _window(options: argparse.Namespace) -> int:
    _check(options)
    load_before_qt()
    from desktop_app.commands import hand_over

    done = hand_over.to_running_program(options)
    if done is not None:
        return done
    from desktop_app.display import display_problem

    problem = display_problem()
    if problem is not None:
        print(problem, file=sys.stderr)
        return exit_codes.USAGE
    if options.ocr:
        return hand_over.to_new_program(options)
    from desktop_app.launch import Start, run

    pictures = tuple(Path(picture) for picture in options.pictures)
    background, until_answered = options.background, options.until_answered
    return run(
        Start(
            options.model, options.device, options.precision, pictures, background, until_answered
        )
    )


def _check(options: argparse.Namespace) -> None:
    parser = window_parser()
    for picture in options.pictures:
        if not Path(picture).is_file():
            parser.error(f"{picture}: no such command or file")
    only_ocr = {
        "--screen": options.screen is not None,
        "--rect": options.rect,
        "--repeat": options.repeat,
    }
    wrong = [name for name, given in only_ocr.items() if given and not options.ocr]
    if wrong:
        parser.error(f"{wrong[0]} goes with --ocr")
    if options.ocr and options.pictures:
        parser.error("--ocr reads the screen; for files: minicpmv ocr PICTURE...")
    if options.repeat and options.rect:
        parser.error("--repeat and --rect exclude each other")


def window_parser() -> argparse.ArgumentParser:
    """The parser of the plain call; its help lists the commands too."""
    parser = _Parser(
        prog="minicpmv",
        description="Ask questions about pictures. Without a command, the window opens.",
        epilog=f"commands: minicpmv {' | '.join(COMMANDS)}; each explains itself with --help",
    )
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="open the window with it")
    parser.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    add_model_options(parser)
    parser.add_argument("--background", action="store_true", help="start without a window")
    parser.add_argument("--until-answered", action="store_true", help=argparse.SUPPRESS)
    screen = parser.add_argument_group("the text of the screen")
    screen.add_argument("--ocr", action="store_true", help="draw a region, print its text")
    screen.add_argument("--reader", default="auto", choices=READERS)
    screen.add_argument("--screen", type=int, metavar="N", help="on this screen, the first is 0")
    screen.add_argument(
        "--rect", type=_region, metavar="X,Y,W,H", help="this region, none is drawn"
    )
    screen.add_argument("--repeat", action="store_true", help="the region of the last time")
    return parser


def _region(text: str) -> tuple[int, ...]:
    try:
        left, top, width, height = (int(part) for part in text.split(","))
    except ValueError:
        width = height = 0
    if width < 1 or height < 1:
        words = f"{text!r} is no region: write four whole numbers, such as 0,0,640,480"
        raise argparse.ArgumentTypeError(words)
    return left, top, width, height


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Which model, where, and in which number format."""
    parser.add_argument(
        "--model",
        default="auto",
        metavar="NAME|FOLDER",
        help="starter, minicpm-v-2 or a folder; by default the best that is there",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--precision", default="auto", choices=PRECISIONS)


def program_version() -> str:
    """The installed version."""
    try:
        return version("minicpmv-desktop")
    except PackageNotFoundError:
        return "0 (not installed)"


class _Parser(argparse.ArgumentParser):
    """Ends with our exit code for usage; argparse's own happens to be the same today."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(exit_codes.USAGE, f"{self.prog}: {message}\n")


if __name__ == "__main__":
    sys.exit(main())
