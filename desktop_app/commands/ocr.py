"""``minicpmv ocr``: the text in each of some pictures, on stdout."""

from __future__ import annotations

import argparse

from desktop_app.command_line import add_model_options
from desktop_app.commands.ask import Parsers, answer_all
from desktop_app.commands.remote import add_server_options
from desktop_app.commands.session import Console, add_memory_option
from engine.messages import Speaker, Turn

PROMPT = "Read the text."


def add_parser(commands: Parsers[argparse.ArgumentParser]) -> None:
    """Declare the command's options."""
    parser = commands.add_parser("ocr", help="read the text in pictures", description=__doc__)
    parser.add_argument("pictures", nargs="+", metavar="PICTURE")
    add_model_options(parser)
    add_server_options(parser)
    add_memory_option(parser)
    parser.add_argument("--json", action="store_true", help="one object a picture")
    parser.set_defaults(
        greedy=True,
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
    """Read each picture, without chance and without a penalty: text may well repeat itself."""
    return answer_all(options, (Turn(Speaker.USER, PROMPT),), Console())
