"""Who reads the text of a picture: the quick reader or the model, and why."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from desktop_app.i18n import tr

AUTO = "auto"
SLOW = 4.0  # tokens a second: below, a screen full of text takes minutes


class Reader(str, Enum):
    """Who reads."""

    QUICK = "quick"
    MODEL = "model"


class ReaderReason(str, Enum):
    """Why it reads."""

    ASKED = "asked"
    MODEL_NAMED = "model_named"  # a model, or a server, was named
    NOT_PLAIN_TEXT = "not_plain_text"
    QUICK_MISSING = "quick_missing"
    FULL_ABSENT = "full_absent"
    FULL_SLOW = "full_slow"
    FULL_READY = "full_ready"


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What the choice depends on, as far as it is known."""

    full_model: bool  # it is complete on this machine
    full_slow: bool = False
    quick_ready: bool = True
    model_named: bool = False


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """The reader of one job."""

    reader: Reader
    reason: ReaderReason

    @property
    def by_itself(self) -> bool:
        """Whether the program decided, so that the person should be told."""
        return self.reason not in (ReaderReason.ASKED, ReaderReason.MODEL_NAMED)

    @property
    def other(self) -> Reader:
        """The one to swap to."""
        return Reader.MODEL if self.reader is Reader.QUICK else Reader.QUICK


def choose_reader(asked: str, facts: ReaderFacts, *, plain_text: bool = True) -> ReaderChoice:
    """The reader that was asked for, or for ``auto`` the one that serves the person best.

    Without ``plain_text`` there is a question, or a form that only the model can give.
    """
    if asked != AUTO:
        return ReaderChoice(Reader(asked), ReaderReason.ASKED)
    for applies, reason in (
        (not plain_text, ReaderReason.NOT_PLAIN_TEXT),
        (facts.model_named, ReaderReason.MODEL_NAMED),
        (not facts.quick_ready, ReaderReason.QUICK_MISSING),
    ):
        if applies:
            return ReaderChoice(Reader.MODEL, reason)
    if not facts.full_model:
        return ReaderChoice(Reader.QUICK, ReaderReason.FULL_ABSENT)
    if facts.full_slow:
        return ReaderChoice(Reader.QUICK, ReaderReason.FULL_SLOW)
    return ReaderChoice(Reader.MODEL, ReaderReason.FULL_READY)


def slow_here(device: str, tokens_per_second: float = 0.0) -> bool:
    """Whether the full model is slow on a device: as measured, or else as is likely.

    ``device`` may be ``auto``; looking for a driver takes no time, loading torch would.
    """
    if tokens_per_second > 0:
        return tokens_per_second < SLOW
    return device == "cpu" or (device == AUTO and not has_accelerator())


def has_accelerator() -> bool:
    """Whether a driver of a GPU that torch can use is installed."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return Path("C:/Windows/System32/nvcuda.dll").exists()
    return any(
        Path(name).exists()
        for name in ("/proc/driver/nvidia/version", "/usr/lib/wsl/lib/libcuda.so.1")
    )


def reader_name(reader: Reader) -> str:
    """What a reader is called."""
    return {Reader.QUICK: tr("Quick reader"), Reader.MODEL: tr("Model")}[reader]


def reader_reason(reason: ReaderReason) -> str:
    """Why it reads, in words."""
    return {
        ReaderReason.ASKED: tr("as you asked"),
        ReaderReason.MODEL_NAMED: tr("you named a model"),
        ReaderReason.NOT_PLAIN_TEXT: tr("this is more than reading text"),
        ReaderReason.QUICK_MISSING: tr("the quick reader is not installed completely"),
        ReaderReason.FULL_ABSENT: tr("the full model is not on this machine"),
        ReaderReason.FULL_SLOW: tr("the full model is slow on this machine"),
        ReaderReason.FULL_READY: tr("the full model is ready and reads best"),
    }[reason]


def chosen_reader(choice: ReaderChoice) -> str:
    """The reader and the reason as one line."""
    return tr("{reader}: {reason}").format(
        reader=reader_name(choice.reader), reason=reader_reason(choice.reason)
    )
