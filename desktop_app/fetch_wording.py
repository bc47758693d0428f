"""The words for getting and keeping a model: progress, states, faults, the licence. Without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.i18n import tr
from desktop_app.wording import size_of

if TYPE_CHECKING:
    from engine.fetch.errors import FetchError, FetchFault
    from engine.fetch.events import FetchProgress, FileState, Retrying, Verifying
    from engine.fetch.manifest import Licence


def source_name(name: str) -> str:
    """A source as people call it; an own address goes by its host."""
    return {"hugging-face": "Hugging Face", "modelscope": "ModelScope"}.get(name, name)


def file_state(state: FileState) -> str:
    """What is known of a file."""
    return {
        "good": tr("good"),
        "unchecked": tr("complete, not checked yet"),
        "partial": tr("begun"),
        "missing": tr("missing"),
        "wrong_length": tr("wrong length"),
        "wrong_hash": tr("damaged"),
        "wrong_content": tr("not the right file"),
    }[state.value]


def model_state(*, present: bool, whole: bool, imported: bool) -> str:
    """What is known of a whole model."""
    if not present:
        return tr("not here")
    if not whole:
        return tr("incomplete")
    return tr("in use from its own folder") if imported else tr("complete")


def time_left(seconds: float) -> str:
    """A wait, as exact as it can be known."""
    if seconds < 60:
        return tr("{count} s left").format(count=max(1, round(seconds)))
    if seconds < 5400:
        return tr("{count} min left").format(count=round(seconds / 60))
    return tr("{count} h left").format(count=f"{seconds / 3600:.1f}")


def progress(event: FetchProgress) -> str:
    """Percent, bytes, speed and time over all files."""
    share = 100 * event.bytes_done // max(1, event.bytes_total)
    parts = [
        f"{share} %",
        tr("{done} of {total}").format(
            done=size_of(event.bytes_done), total=size_of(event.bytes_total)
        ),
        tr("{size}/s").format(size=size_of(round(event.speed))),
    ]
    if event.seconds_left is None:
        parts.append(tr("waiting for {file}").format(file=event.file))
    elif event.seconds_left > 0:
        parts.append(time_left(event.seconds_left))
    return " · ".join(parts)


def transfer(event: FetchProgress) -> str:
    """Bytes, speed and time over all files, for beside a bar that shows the share."""
    parts = [amount(event.bytes_done, event.bytes_total)]
    if event.seconds_left is None:
        parts.append(tr("waiting for data"))
    elif event.seconds_left > 0:
        parts += [
            tr("{size}/s").format(size=precise_size(event.speed)),
            time_left(event.seconds_left),
        ]
    return "  ·  ".join(parts)


def fetching(file: str, source: str) -> str:
    """The file at hand, and whence it comes."""
    if not source:
        return file
    return tr("{file} from {source}").format(file=file, source=source)


def removed(freed: int, folder: str, *, imported: bool) -> str:
    """What a removal has brought."""
    if imported:
        return tr("{folder} is no longer used; its files are still there.").format(folder=folder)
    return tr("{size} are free again.").format(size=size_of(freed))


def kept() -> str:
    """What is said wherever a download rests."""
    return tr("What has arrived is kept.")


def amount(done: int, total: int) -> str:
    """How much of something is here, exact enough that one sees it move."""
    return tr("{done} of {total}").format(done=precise_size(done), total=precise_size(total))


def precise_size(count: float) -> str:
    """A number of bytes with three digits."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 999.5 or unit == "GB":
            break
        count /= 1000
    places = 0 if unit == "B" or count >= 99.95 else 1 if count >= 9.995 else 2
    return f"{count:.{places}f} {unit}"


def verifying(event: Verifying) -> str:
    """How far a file is checked."""
    percent = 100 * event.done // max(1, event.total)
    return tr("Checking {file} {percent} %").format(file=event.file, percent=percent)


def retrying(event: Retrying) -> str:
    """Why there is a pause, and when it ends."""
    return tr("{reason} Next try in {seconds} s.").format(
        reason=_reasons()[event.reason.value].format(source=tr("The source"), name=event.file),
        seconds=max(1, round(event.seconds)),
    )


def reason(error: FetchError) -> str:
    """What went wrong, in one sentence."""
    if error.fault.value == "no_space":
        return tr("{needed} more are needed in {name}, {free} are free.").format(
            needed=size_of(error.needed), name=error.name, free=size_of(error.free)
        )
    return _reasons()[error.fault.value].format(
        source=source_name(error.source) or tr("The source"), name=error.name
    )


def advice(fault: FetchFault) -> str:
    """What to do about it; empty where nothing comes to mind."""
    return _advice().get(fault.value, "")


def licence_points(licence: Licence) -> tuple[str, ...]:
    """What has to be agreed to before the first byte."""
    return (
        tr("The weights come under the {name}, not under this program's licence:").format(
            name=licence.name
        ),
        licence.address,
        tr("Academic research may use them freely."),
        tr(
            "Commercial use needs the authors' permission; small deployments may get it free of "
            "charge once they have registered."
        ),
        tr(
            "Products show “Built with 面壁MiniCPM”; some uses are forbidden, and answers must not "
            "serve to improve other language models."
        ),
        tr("Those are the main points only; the text at that address counts."),
    )


def licence_question() -> str:
    """What is asked below the points."""
    return tr("Have you read the licence, and do you accept it?")


def _reasons() -> dict[str, str]:
    return {
        "licence": tr("The {name} has not been accepted."),
        "bad_address": tr("{name} is not the address of a web server."),
        "no_connection": tr("{source} cannot be reached, or the line broke off."),
        "untrusted": tr("The identity of {source} cannot be confirmed."),
        "proxy": tr("The proxy does not let the download through."),
        "stalled": tr("{source} sends nothing any more."),
        "server": tr("{source} has trouble at the moment."),
        "not_found": tr("{source} does not have the file {name}."),
        "forbidden": tr("{source} does not hand out {name} to just anyone."),
        "refused": tr("{source} gave an unexpected answer for {name}."),
        "wrong_length": tr("{source} has another file under the name {name}."),
        "wrong_hash": tr("{name} is not what the authors published, or it was damaged."),
        "wrong_content": tr("{name} does not belong to this model."),
        "no_space": tr("There is too little room in {name}."),
        "disk_full": tr("The disk is full while writing {name}."),
        "file_too_large": tr("This disk cannot hold a file as large as {name}."),
        "no_permission": tr("You may not write to {name}."),
        "read_only": tr("{name} is on a disk that can only be read."),
        "disk_failed": tr("The disk reports a fault at {name}."),
        "busy": tr("Another program is downloading to {name}."),
        "foreign_file": tr("{name} is there already and belongs to something else."),
        "no_folder": tr("There is no folder {name}."),
        "missing": tr("The file {name} is missing."),
    }


def _advice() -> dict[str, str]:
    line = tr("Check the connection and start again: what has arrived is kept.")
    elsewhere = tr("Try another source.")
    folder = tr("Choose another folder.")
    room = tr("Make room or choose another folder, and start again: what has arrived is kept.")
    return {
        "no_connection": line,
        "stalled": line,
        "proxy": tr("Check the proxy settings of this computer."),
        "untrusted": tr(
            "A company network may need its certificate installed in the system. "
            "The check is never left out."
        ),
        "server": tr("Start again later, or try another source: what has arrived is kept."),
        "not_found": elsewhere,
        "forbidden": tr("Try another source, or set HF_TOKEN if you have an account there."),
        "refused": elsewhere,
        "wrong_length": tr("If the network asks for a login in the browser, do that first."),
        "wrong_hash": elsewhere,
        "wrong_content": elsewhere,
        "no_space": room,
        "disk_full": room,
        "file_too_large": tr("FAT32 ends at 4 GB a file; use a disk with another file system."),
        "no_permission": folder,
        "read_only": folder,
        "foreign_file": tr("Choose an empty folder."),
        "busy": tr("Wait for it, or end it."),
        "missing": tr("Repair the model."),
    }
