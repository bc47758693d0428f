"""A command's words: options and pictures in any order."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any


def parse(
    parser: argparse.ArgumentParser,
    add_parser: Callable[[Any], None],
    command: str,
    given: Sequence[str],
) -> argparse.Namespace:
    """What was asked of a command. Ends the program, as argparse does, where it makes no sense.

    Left to itself, argparse takes only those pictures that follow each other.
    """
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add_parser(commands)
    own = commands.choices[command]
    if own._subparsers is not None:  # its own commands come first, as usual
        return parser.parse_args(given)
    words = list(given)
    words.remove(command)
    return own.parse_intermixed_args(words, argparse.Namespace(command=command))
