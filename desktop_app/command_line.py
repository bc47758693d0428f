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

from desktop_app.commands import exit_codes

COMMANDS = ("ask", "ocr", "doctor", "models")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


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
        module.add_parser(parser.add_subparsers(dest="command", metavar="COMMAND"))
        return int(module.run(parser.parse_args(given)))
    return _window(window_parser().parse_args(given))


def _window(options: argparse.Namespace) -> int:
    for picture in options.pictures:
        if not Path(picture).is_file():
            window_parser().error(f"{picture}: no such command or file")
    from desktop_app.display import display_problem

    problem = display_problem()
    if problem is not None:
        print(problem, file=sys.stderr)
        return exit_codes.USAGE
    from desktop_app import app

    pictures = [Path(picture) for picture in options.pictures]
    return int(app.run(options.model, options.device, options.precision, pictures))


def window_parser() -> argparse.ArgumentParser:
    """The parser of the plain call; its help lists the commands too."""
    parser = _Parser(
        prog="minicpmv",
        description="Ask questions about pictures. Without a command, the window opens.",
        epilog="commands: minicpmv ask | ocr | doctor | models; each explains itself with --help",
    )
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="open the window with it")
    parser.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    add_model_options(parser)
    return parser


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
