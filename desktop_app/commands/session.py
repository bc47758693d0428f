"""A loaded engine for a command, its progress on stderr, and its errors as exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import memory_wording, wording
from desktop_app.commands import exit_codes
from desktop_app.commands.remote import open_server, remote_exit_code
from desktop_app.i18n import tr
from desktop_app.jobs import UnreadableFile
from desktop_app.notices import explain
from desktop_app.paths import FULL, STARTER, model_folder
from engine.errors import (
    DeviceError,
    ModelError,
    ModelFault,
    OutOfMemory,
    PictureError,
    QuestionError,
    TooLarge,
)
from engine.folder import missing_files
from engine.messages import MemoryRelieved, Phase, Picture, Progress, Ready

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.remote.engine import RemoteEngine

CODES: tuple[tuple[type[Exception], int], ...] = (
    (PictureError, exit_codes.PICTURE),
    (UnreadableFile, exit_codes.PICTURE),
    (ModelError, exit_codes.MODEL),
    (OutOfMemory, exit_codes.OUT_OF_MEMORY),
    (QuestionError, exit_codes.USAGE),
    (DeviceError, exit_codes.USAGE),
)


class Console:
    """Messages on stderr; progress is one line that is overwritten, and only for a person."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = False

    def progress(self, event: Progress) -> None:
        """Show what is happening."""
        if self._live:
            print(f"\r\x1b[K{wording.phase(event)}", end="", file=sys.stderr, flush=True)
            self._shown = True

    def clear(self) -> None:
        """Take the progress line away, before other text."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False

    def say(self, text: str) -> None:
        """A message of its own line."""
        self.clear()
        print(text, file=sys.stderr, flush=True)

    def relieved(self, event: MemoryRelieved) -> None:
        """Say what was given up when memory ran out."""
        notice = memory_wording.relieved(event)
        self.say(". ".join((notice.title, notice.body)))

    def ask(self, question: str) -> bool | None:
        """Yes or no; None where nobody can be asked."""
        self.clear()
        if not sys.stdin.isatty():
            return None
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes", tr("yes"))

    def fail(self, error: Exception) -> int:
        """Explain an error and return its exit code."""
        notice = explain(error)
        self.say(". ".join(part for part in (notice.title, notice.body) if part))
        return exit_code(error)


def add_memory_option(parser: argparse.ArgumentParser) -> None:
    """What a script says where a person would be asked."""
    parser.add_argument(
        "--anyway", action="store_true", help="load the model even if it seems not to fit"
    )


def exit_code(error: Exception) -> int:
    """What a command returns for an error."""
    code = next((code for kind, code in CODES if isinstance(error, kind)), None)
    return code or remote_exit_code(error) or exit_codes.FAILED


def chosen_model(asked: str) -> str:
    """``auto`` becomes the full model where it is complete, else the starter."""
    if asked != "auto":
        return asked
    return FULL if is_complete(model_folder(FULL)) else STARTER


def is_complete(folder: Path) -> bool:
    """Whether a folder holds all files that a model needs; they are not read."""
    return folder.is_dir() and not missing_files(folder)


def open_engine(
    options: argparse.Namespace, console: Console
) -> tuple[Engine | RemoteEngine, Ready]:
    """Load the model of a command's options, or find it on their server. Raises EngineError."""
    if options.server is not None:
        return open_server(options, console)
    name = chosen_model(options.model)
    if options.model == "auto" and name == STARTER:
        console.say(f"{wording.starter_limits()} {wording.full_model_hint()}")
    folder = model_folder(name)
    console.progress(Progress(Phase.LOADING, 0, 0))
    if not folder.is_dir():
        raise ModelError(ModelFault.NO_FOLDER, str(folder))
    try:
        return _loaded(folder, options, console, anyway=options.anyway)
    except TooLarge as error:
        console.say(explain(error).reason)
        if not console.ask(tr("Load it anyway?")):
            raise
        return _loaded(folder, options, console, anyway=True)


def _loaded(
    folder: Path, options: argparse.Namespace, console: Console, *, anyway: bool
) -> tuple[Engine, Ready]:
    from engine.engine import Engine

    engine = Engine(folder, options.device, options.precision, anyway=anyway)
    for event in engine.load():
        match event:
            case Ready():
                console.clear()
                return engine, event
            case MemoryRelieved():
                console.relieved(event)
            case _:
                console.progress(event)
    raise RuntimeError("a load stream ended without Ready")


def read_picture(path: str) -> Picture:
    """A picture file. Raises UnreadableFile."""
    try:
        return Picture.read(path)
    except OSError as error:
        raise UnreadableFile(Path(path).name or path, error.strerror or str(error)) from error


@contextmanager
def interruptible(console: Console, *, streaming: bool) -> Iterator[None]:
    """Leave the line clean when Ctrl+C ends a command; ``streaming`` text may be within one."""
    try:
        yield
    except KeyboardInterrupt:
        console.clear()
        if streaming:
            print(flush=True)
        raise
