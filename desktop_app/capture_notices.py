"""What is said when no picture of the screen was taken, and what to do about it."""

from __future__ import annotations

from desktop_app.capture.errors import (
    Attempt,
    CaptureError,
    Fault,
    MonitorsChanged,
    NoSuchRegion,
)
from desktop_app.i18n import sentences, tr
from desktop_app.notices import Help, Notice, Tone


def explain(error: CaptureError | NoSuchRegion) -> Notice:
    """The reason that weighs most comes first; the others are in the details."""
    if isinstance(error, MonitorsChanged):
        return Notice(
            tr("The monitors have changed"),
            tr("One came or went while the region was chosen."),
            tr("Capture again."),
        )
    if isinstance(error, NoSuchRegion):
        return _no_such_region()
    title = tr("The screen could not be captured")
    details = "\n".join(_line(attempt) for attempt in error.attempts)
    for fault in (Fault.NO_PERMISSION, Fault.DENIED):
        if error.has(fault):
            reason, advice = _words(fault)
            help = Help.SCREEN_PERMISSION if fault is Fault.NO_PERMISSION else Help.COPY_DETAILS
            return Notice(title, reason, advice, help, details=details)
    tried = [attempt for attempt in error.attempts if attempt.fault is not Fault.NOT_HERE]
    reason = sentences(*(_reason(attempt) for attempt in tried)) or tr(
        "This kind of desktop is not known."
    )
    return Notice(title, reason, _advice(error), Help.COPY_DETAILS, details=details)


def _no_such_region() -> Notice:
    return Notice(
        tr("There is no such region"),
        tr("It was not drawn before, or the monitor on which it was is gone."),
        tr("Draw a region first."),
        tone=Tone.INFO,
    )


def _words(fault: Fault) -> tuple[str, str]:
    if fault is Fault.NO_PERMISSION:
        return (
            tr("macOS has not allowed this program to record the screen."),
            tr(
                "Allow it under Privacy & Security, Screen & System Audio Recording, then start"
                " the program again."
            ),
        )
    return (
        tr("It was not allowed."),
        tr("Try again and allow it; the desktop's settings say which programs may."),
    )


def _reason(attempt: Attempt) -> str:
    words = {
        Fault.NOT_INSTALLED: tr("{way} is not installed."),
        Fault.NO_ANSWER: tr("{way} does not answer."),
        Fault.BLACK: tr("{way} gives only black."),
        Fault.BROKEN: tr("{way} fails: {detail}."),
    }.get(attempt.fault, "{way}: {detail}")
    return words.format(way=attempt.way, detail=attempt.detail.rstrip("."))


def _advice(error: CaptureError) -> str:
    missing = [one.way for one in error.attempts if one.fault is Fault.NOT_INSTALLED]
    if missing:
        return tr(
            "Install {names}, or take a screenshot with the desktop's own key and paste it here."
        ).format(names=tr(" or ").join(missing))
    return tr("Take a screenshot with the system's own key, and paste it here.")


def _line(attempt: Attempt) -> str:
    return f"{attempt.way}: {attempt.fault.value} {attempt.detail}".strip()
