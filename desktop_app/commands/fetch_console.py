"""Shows the streams of engine.fetch in a terminal, or as few lines in a log."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from desktop_app import fetch_wording
from desktop_app.commands import exit_codes
from desktop_app.i18n import sentences, tr

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.fetch.errors import FetchError
    from engine.fetch.events import FetchEvent, VerifyEvent, VerifyFinished

LOG_STEP = 5  # percent between two lines where nobody watches


class FetchConsole:
    """Progress on stderr: one line that is overwritten for a person, few lines for a file."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = False
        self._step = -1

    def say(self, text: str) -> None:
        """A message of its own line."""
        self.clear()
        print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the progress line away, before other text."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False

    def ask(self, question: str) -> bool | None:
        """A yes or no from a person; None where nobody can be asked."""
        if not (sys.stdin.isatty() and self._live):
            return None
        self.clear()
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes", tr("yes"))

    def fail(self, error: FetchError) -> int:
        """Explain an error and return its exit code."""
        from engine.fetch.errors import DISK_FAULTS, NETWORK_FAULTS, FetchFault

        parts = (fetch_wording.reason(error), fetch_wording.advice(error.fault))
        detail = f"({error.detail})" if error.detail else ""
        self.say(sentences(*parts, detail))
        if error.fault in NETWORK_FAULTS:
            return exit_codes.NETWORK
        if error.fault in DISK_FAULTS:
            return exit_codes.DISK
        return exit_codes.USAGE if error.fault is FetchFault.LICENCE else exit_codes.MODEL

    def follow_download(self, stream: Generator[FetchEvent, None, None]) -> None:
        """Pull a download to its end. Raises FetchError."""
        from engine.fetch.events import FetchProgress, Retrying, SourceChosen, Verifying

        with closing(stream):
            for event in stream:
                match event:
                    case SourceChosen():
                        name = fetch_wording.source_name(event.name)
                        self.say(tr("From {source}").format(source=name))
                    case FetchProgress():
                        share = 100 * event.bytes_done // max(1, event.bytes_total)
                        self._progress(fetch_wording.progress(event), share)
                    case Verifying():
                        self._progress(fetch_wording.verifying(event))
                    case Retrying():
                        self._progress(fetch_wording.retrying(event))

    def follow_verify(self, stream: Generator[VerifyEvent, None, object]) -> VerifyFinished:
        """Pull a check to its end, and say what it found. Raises FetchError."""
        from engine.fetch.events import VerifyFinished

        for event in stream:
            if isinstance(event, VerifyFinished):
                self.clear()
                for file in event.files:
                    self.say(f"{file.name}: {fetch_wording.file_state(file.state)}")
                return event
            self._progress(fetch_wording.verifying(event))
        raise RuntimeError("a verify stream ended without VerifyFinished")

    def _progress(self, text: str, percent: int | None = None) -> None:
        if self._live:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
            self._shown = True
        elif percent is not None and percent // LOG_STEP != self._step:
            self._step = percent // LOG_STEP
            print(text, file=sys.stderr, flush=True)
