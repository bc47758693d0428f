"""What the program says about getting and keeping a model: what went wrong, what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app import fetch_wording
from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice, Tone

if TYPE_CHECKING:
    from engine.fetch.errors import FetchError
    from engine.fetch.events import FileReport

ELSEWHERE = frozenset({"no_space", "file_too_large", "no_permission", "read_only", "foreign_file"})
DAMAGED = frozenset({"wrong_hash", "wrong_content", "missing"})


def explain(error: FetchError) -> Notice:
    """Why a model cannot be fetched, kept or used."""
    fault = error.fault.value
    title, help = tr("The download was interrupted"), Help.FETCH_AGAIN
    if fault in DAMAGED:
        title, help = tr("A file of the model is not right"), Help.REPAIR
    elif fault in ELSEWHERE:
        title, help = tr("The model cannot be kept there"), Help.CHOOSE_FOLDER
    elif fault in ("disk_full", "disk_failed", "busy"):
        title = tr("The model cannot be written now")
    elif fault == "no_folder":
        title, help = tr("The model is not there any more"), Help.CHOOSE_FOLDER
    elif fault == "licence":
        title, help = tr("The licence comes first"), Help.MODELS
    reason, advice = fetch_wording.reason(error), fetch_wording.advice(error.fault)
    return Notice(title, reason, advice, help, details=str(error))


def damaged(model: str, files: Sequence[FileReport]) -> Notice:
    """A check found files that are missing or wrong."""
    names = _listed(files)
    return Notice(
        tr("{model} is not as it was published").format(model=model),
        names,
        tr("A repair fetches only what is bad."),
        Help.REPAIR,
        details=names,
    )


def not_this_model(model: str, folder: str, files: Sequence[FileReport]) -> Notice:
    """A folder was to be imported and does not hold the model."""
    names = _listed(files)
    return Notice(
        tr("This folder is not a complete {model}").format(model=model),
        names,
        tr("Nothing in it was changed, and it is not used."),
        Help.CHOOSE_IMPORT,
        details=f"{folder}\n{names}",
    )


def _listed(files: Sequence[FileReport]) -> str:
    parts = (f"{file.name}: {fetch_wording.file_state(file.state)}" for file in files)
    return "; ".join(parts) + "."


def unfinished(model: str, done: int, total: int) -> Notice:
    """At the start: an earlier download was not brought to its end."""
    return Notice(
        tr("The download of {model} is not finished").format(model=model),
        tr("{amount} are here.").format(amount=fetch_wording.amount(done, total)),
        help=Help.CONTINUE,
        tone=Tone.INFO,
    )


def complete(model: str) -> Notice:
    """A model has come, every byte checked."""
    return Notice(
        tr("{model} is complete").format(model=model),
        tr("Every file is as its authors published it."),
        help=Help.USE_FULL,
        tone=Tone.INFO,
    )
