"""What the program says about the history: what went wrong, what was removed, taken in, written."""

from __future__ import annotations

from pathlib import Path

from desktop_app.history.records import HistoryError, HistoryFault, Imported
from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice, Tone

LONGEST_TITLE = 60


def explain(error: HistoryError) -> Notice:
    """An error of the history, or of a file that was to be imported."""
    if error.fault in (HistoryFault.BAD_IMPORT, HistoryFault.NEWER_IMPORT):
        title = tr("The file cannot be imported, nothing was changed")
    else:
        title = tr("The history cannot be used")
    reason, advice = {
        HistoryFault.NEWER: (
            tr("It was written by a later version of this program and was left untouched."),
            tr("Install the later version; until then nothing is kept."),
        ),
        HistoryFault.DAMAGED: (
            tr("Its file is damaged."),
            tr("It is set aside at the next start, and a new one is begun."),
        ),
        HistoryFault.BUSY: (
            tr("Another program is writing to its file."),
            tr("What was said just now may be missing from it."),
        ),
        HistoryFault.NO_ROOM: (
            tr("The disk is full."),
            tr("What was kept before is still there."),
        ),
        HistoryFault.UNREACHABLE: (
            tr("Its file cannot be opened or written."),
            tr("You can go on; nothing is kept meanwhile."),
        ),
        HistoryFault.BAD_IMPORT: (tr("It is not a history that this program exported."), ""),
        HistoryFault.NEWER_IMPORT: (tr("A later version of this program wrote it."), ""),
    }[error.fault]
    return Notice(title, reason, advice, details=str(error))


def damaged(aside: Path) -> Notice:
    """A damaged history was moved away at the start."""
    return Notice(
        tr("The history was damaged, a new one has begun"),
        tr("The damaged file is kept as {name}.").format(name=aside.name),
        details=str(aside),
    )


def deleted(title: str) -> Notice:
    """A conversation was removed and can be put back."""
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rstrip() + "…"
    return Notice(tr("“{title}” was deleted").format(title=title), help=Help.UNDO, tone=Tone.INFO)


def left_unkept() -> Notice:
    """A conversation that is not kept gave way to another one."""
    return Notice(tr("The conversation before was not kept"), help=Help.GO_BACK, tone=Tone.INFO)


def imported(done: Imported) -> Notice:
    """What an import did."""
    reason = ""
    if done.skipped:
        reason = tr("{count} were there already and stay as they are.").format(count=done.skipped)
    title = tr("{count} conversations were imported").format(count=done.added)
    if done.added == 1:
        title = tr("1 conversation was imported")
    return Notice(title, reason, tone=Tone.INFO)


def exported(path: Path) -> Notice:
    """A file was written."""
    return Notice(tr("Saved as {name}").format(name=path.name), tone=Tone.INFO)


def not_written(path: Path, reason: str) -> Notice:
    """A file could not be written or read."""
    return Notice(
        tr("{name} cannot be used").format(name=path.name),
        tr("The system says: {reason}.").format(reason=reason.rstrip(".")),
    )
