"""``minicpmv`` where the program runs already: the wish goes there, the reply comes here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desktop_app.commands import exit_codes
from desktop_app.instance.client import (
    NoReply,
    activation_token,
    connect,
    send,
    server_name,
    start_and_send,
)
from desktop_app.instance.messages import BadMessage, Command, Reply, Request
from desktop_app.paths import Paths
from desktop_app.program import program_command
from desktop_app.screen_wish import ScreenWish

SILENT = "minicpmv runs already but does not answer. End it, and start it again."
NOT_STARTED = "minicpmv could not be started for this; `minicpmv` alone shows why."


def to_running_program(options: argparse.Namespace) -> int | None:
    """Hand the wish to the program that runs; None where none does."""
    if options.until_answered:
        return None  # started by one that looked already
    name = server_name(Paths.for_user())
    if options.background:
        return None if connect(name) is None else exit_codes.OK
    try:
        reply = send(name, request_of(options))
    except NoReply:
        return _say(Reply(exit_codes.FAILED, problem=SILENT))
    except BadMessage as error:
        return _say(Reply(exit_codes.FAILED, problem=f"the running minicpmv: {error}"))
    return None if reply is None else _say(reply)


def to_new_program(options: argparse.Namespace) -> int:
    """Start the program without a window and hand it the wish."""
    name = server_name(Paths.for_user())
    try:
        return _say(start_and_send(name, request_of(options), program_command()))
    except (NoReply, BadMessage, OSError):
        return _say(Reply(exit_codes.FAILED, problem=NOT_STARTED))


def request_of(options: argparse.Namespace) -> Request:
    """What the options ask of the running program."""
    if options.ocr:
        wish = ScreenWish(options.reader, options.screen, options.rect, options.repeat)
        return Request(Command.READ_SCREEN, wish=wish, activation=activation_token())
    pictures = tuple(str(Path(picture).resolve()) for picture in options.pictures)
    return Request(Command.OPEN, pictures, activation=activation_token())


def _say(reply: Reply) -> int:
    if reply.text:
        print(reply.text)
    if reply.problem:
        print(reply.problem, file=sys.stderr)
    return reply.code
