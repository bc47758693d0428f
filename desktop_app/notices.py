"""What the program says when something goes wrong or happens unasked: title, reason, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from desktop_app import wording
from desktop_app.i18n import sentences, tr
from desktop_app.jobs import UnexpectedError, UnreadableFile
from engine.errors import (
    DeviceError,
    ModelError,
    ModelFault,
    OutOfMemory,
    PictureError,
    PictureFault,
    QuestionError,
    QuestionFault,
    TooLarge,
)
from engine.messages import TurnsDropped

MOST_NAMED = 5  # files in one notice


class Help(str, Enum):
    """The one thing that a notice offers to do."""

    NOTHING = "nothing"
    OPEN_PICTURE = "open_picture"
    LOAD_AGAIN = "load_again"
    LOAD_ANYWAY = "load_anyway"
    USE_CPU = "use_cpu"
    CHOOSE_DEVICE = "choose_device"
    NEW_CONVERSATION = "new_conversation"
    GO_BACK = "go_back"
    COPY_DETAILS = "copy_details"
    FETCH_AGAIN = "fetch_again"
    CONTINUE = "continue"
    REPAIR = "repair"
    CHOOSE_FOLDER = "choose_folder"
    CHOOSE_IMPORT = "choose_import"
    USE_FULL = "use_full"
    MODELS = "models"
    UNDO = "undo"
    SCREEN_PERMISSION = "screen_permission"
    FREE_KEYS = "free_keys"
    ALLOW_HOTKEYS = "allow_hotkeys"


class Tone(str, Enum):
    """How serious a notice is."""

    INFO = "info"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, why, what to do about it, and the one button that helps."""

    title: str
    reason: str = ""
    advice: str = ""
    help: Help = Help.NOTHING
    tone: Tone = Tone.ERROR
    details: str = ""

    @property
    def body(self) -> str:
        """The reason and the advice as one text."""
        return sentences(self.reason, self.advice)


def help_label(help: Help) -> str:
    """The words on a notice's button."""
    return {
        Help.NOTHING: "",
        Help.OPEN_PICTURE: tr("Open another picture"),
        Help.LOAD_AGAIN: tr("Try again"),
        Help.LOAD_ANYWAY: tr("Load it anyway"),
        Help.USE_CPU: tr("Use the processor instead"),
        Help.CHOOSE_DEVICE: tr("Choose automatically"),
        Help.NEW_CONVERSATION: tr("New conversation"),
        Help.GO_BACK: tr("Go back to it"),
        Help.COPY_DETAILS: tr("Copy details"),
        Help.FETCH_AGAIN: tr("Try again"),
        Help.CONTINUE: tr("Go on"),
        Help.REPAIR: tr("Repair"),
        Help.CHOOSE_FOLDER: tr("Choose another folder"),
        Help.CHOOSE_IMPORT: tr("Choose another folder"),
        Help.USE_FULL: tr("Use it now"),
        Help.MODELS: tr("Show it"),
        Help.UNDO: tr("Undo"),
        Help.SCREEN_PERMISSION: tr("Open the system's settings"),
        Help.FREE_KEYS: tr("Use the free keys"),
        Help.ALLOW_HOTKEYS: tr("Use hotkeys"),
    }[help]


def explain(error: Exception) -> Notice:
    """Any error that reaches the person."""
    match error:
        case PictureError():
            return _picture_error(error)
        case ModelError():
            return _model_error(error)
        case QuestionError():
            return _question_error(error)
        case TooLarge():
            from desktop_app.memory_wording import too_large

            return too_large(error)
        case OutOfMemory():
            return _out_of_memory(error)
        case DeviceError():
            return _device_error(error)
        case UnreadableFile():
            return Notice(
                tr("{name} cannot be opened").format(name=error.name),
                tr("The system says: {reason}.").format(reason=error.reason.rstrip("."))
                if error.reason
                else tr("It is a folder. Choose the pictures in it."),
                help=Help.OPEN_PICTURE,
            )
        case _:
            return _elsewhere(error)


def _elsewhere(error: Exception) -> Notice:
    """A fault of a server or of a download, which come seldom; their words are read when needed."""
    from desktop_app import capture_notices, fetch_notices, remote_wording
    from desktop_app.capture.errors import CaptureError, NoSuchRegion
    from engine.fetch.errors import FetchError
    from engine.remote.errors import RemoteError

    if isinstance(error, FetchError):
        return fetch_notices.explain(error)
    if isinstance(error, RemoteError):
        return remote_wording.explain(error)
    if isinstance(error, CaptureError | NoSuchRegion):
        return capture_notices.explain(error)
    return _unexpected(error)


def _picture_error(error: PictureError) -> Notice:
    size = tr("{width} × {height} pixels").format(
        width=wording.grouped(error.width), height=wording.grouped(error.height)
    )
    if not error.width:
        size = tr("an unknown number of pixels")
    reason, advice = {
        PictureFault.EMPTY: (
            tr("The file is empty."),
            tr("It may not have been copied or downloaded completely."),
        ),
        PictureFault.NOT_A_PICTURE: (
            tr("The file is not a picture that this program knows."),
            tr("PNG, JPEG, WebP, GIF, BMP and TIFF work."),
        ),
        PictureFault.UNSUPPORTED: (
            tr("The format {format} cannot be read here.").format(
                format=error.detail or tr("of this file")
            ),
            tr("Save the picture as PNG or JPEG and open that."),
        ),
        PictureFault.TRUNCATED: (
            tr("The file ends too early, a part of the picture is missing."),
            tr("Copy or download it once more."),
        ),
        PictureFault.DAMAGED: (
            tr("The file is damaged and cannot be decoded."),
            tr("Copy or download it once more."),
        ),
        PictureFault.TOO_MANY_PIXELS: (
            tr("It is larger than {limit} megapixels: {size}.").format(
                size=size, limit=wording.grouped(round(error.limit / 1e6))
            ),
            tr("Crop it, or make it smaller."),
        ),
        PictureFault.TOO_NARROW: (
            tr("It is too long and narrow for the model: {size}.").format(size=size),
            tr("Crop it to the part that matters."),
        ),
    }[error.fault]
    title = tr("{name} cannot be used").format(name=error.name)
    return Notice(title, reason, advice, Help.OPEN_PICTURE)


def _model_error(error: ModelError) -> Notice:
    if error.fault is ModelFault.NO_FOLDER:
        return Notice(
            tr("The model is not there"),
            tr("There is no folder {folder}.").format(folder=error.folder),
            tr("README says how to get a model and where it belongs."),
            Help.LOAD_AGAIN,
        )
    reason = {
        ModelFault.NOT_LOADED: tr("It was asked before it was loaded."),
        ModelFault.NO_FILE: tr("The file {name} is missing."),
        ModelFault.BAD_CONFIG: tr("The entry {name} in its configuration is wrong."),
        ModelFault.DAMAGED_FILE: tr("The file {name} is damaged."),
        ModelFault.MISSING_TENSOR: tr("The weights {name} are missing."),
        ModelFault.SPARE_TENSOR: tr("The weights {name} do not belong to this model."),
        ModelFault.WRONG_SHAPE: tr("The weights {name} have the wrong shape."),
    }[error.fault].format(name=error.name)
    return Notice(
        tr("The model cannot be loaded"),
        reason,
        tr("Get the files of the model once more."),
        Help.LOAD_AGAIN,
        details=str(error),
    )


def _question_error(error: QuestionError) -> Notice:
    if error.fault is QuestionFault.TOO_LONG:
        return Notice(
            tr("The question is too long"),
            tr("It has {tokens} tokens, the model takes {limit}.").format(
                tokens=wording.grouped(error.tokens), limit=wording.grouped(error.limit)
            ),
            tr("Shorten it, or start a new conversation."),
            Help.NEW_CONVERSATION,
        )
    reason = {
        QuestionFault.NO_TURNS: tr("There is no question."),
        QuestionFault.FIRST_TURN_NOT_USER: tr("A conversation begins with a question."),
        QuestionFault.EMPTY_TURN: tr("One of its parts is empty."),
    }[error.fault]
    return Notice(tr("The question cannot be asked"), reason, help=Help.NEW_CONVERSATION)


def _out_of_memory(error: OutOfMemory) -> Notice:
    if error.needed and error.free:
        reason = tr("{needed} more are needed on {device}, {free} are free.").format(
            needed=wording.size_of(error.needed),
            device=wording.device_name(error.device),
            free=wording.size_of(error.free),
        )
    else:
        reason = tr("{device} has no room left.").format(device=wording.device_name(error.device))
    if error.device.startswith("cpu"):
        return Notice(
            tr("Not enough memory"),
            reason,
            tr("Close other programs, or use a smaller picture."),
            Help.LOAD_AGAIN,
        )
    return Notice(
        tr("Not enough memory"),
        reason,
        tr("The processor is slower but may have room."),
        Help.USE_CPU,
    )


def _device_error(error: DeviceError) -> Notice:
    if error.precision:
        reason = tr("{device} cannot calculate in {precision}.").format(
            device=wording.device_name(error.device), precision=error.precision
        )
    else:
        reason = tr("{device} was not found on this machine.").format(
            device=wording.device_name(error.device)
        )
    title = tr("The chosen device cannot be used")
    return Notice(title, reason, help=Help.CHOOSE_DEVICE, details=error.detail)


def _unexpected(error: Exception) -> Notice:
    details = error.details if isinstance(error, UnexpectedError) else repr(error)
    return Notice(
        tr("Something went wrong"),
        tr("This is a fault of the program: {summary}.").format(summary=_first_line(str(error))),
        tr("You can go on; the details help to repair it."),
        Help.COPY_DETAILS,
        details=details or str(error),
    )


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0].rstrip(".")[:200]


def turns_dropped(event: TurnsDropped) -> Notice:
    """The conversation was longer than the model's positions."""
    return Notice(
        tr("The conversation is long"),
        wording.turns_dropped(event.count),
        help=Help.NEW_CONVERSATION,
        tone=Tone.INFO,
    )


def new_conversation(picture: str) -> Notice:
    """A picture, or the person, began a new conversation."""
    title = tr("New conversation")
    if not picture:
        return Notice(title, help=Help.GO_BACK, tone=Tone.INFO)
    reason = tr("It is about {name}; the earlier one was about another picture.")
    return Notice(title, reason.format(name=picture), help=Help.GO_BACK, tone=Tone.INFO)


def only_first(count: int, name: str) -> Notice:
    """Several pictures came at once."""
    return Notice(
        tr("{count} pictures came, {name} was opened").format(count=count, name=name),
        tr("The model looks at one picture in a conversation."),
        tone=Tone.INFO,
    )


def too_many(count: int, most: int) -> Notice:
    """More pictures came than are kept side by side."""
    return Notice(
        tr("{count} pictures are too many at once").format(count=count),
        tr("The first ones were opened, up to {most}.").format(most=most),
        tone=Tone.INFO,
    )


def several_failed(errors: Sequence[Exception]) -> Notice:
    """Of the files that came together, these are no pictures that can be shown."""
    told = [explain(error) for error in errors]
    lines = [each.title for each in told[:MOST_NAMED]]
    if len(told) > MOST_NAMED:
        lines.append(tr("and {count} more").format(count=len(told) - MOST_NAMED))
    return Notice(
        tr("{count} files were not opened").format(count=len(told)),
        "\n".join(lines),
        help=Help.OPEN_PICTURE,
        details="\n".join(f"{each.title}: {each.body}" for each in told),
    )


def nothing_usable() -> Notice:
    """Something was dropped or pasted that holds no picture."""
    return Notice(
        tr("There was no picture in it"),
        tr("Pictures are never fetched from the network."),
        tr("Copy the picture itself, or save it and open the file."),
        Help.OPEN_PICTURE,
        Tone.INFO,
    )
