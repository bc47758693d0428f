"""What can go wrong, as types with data. The sentences for people are the caller's."""

from __future__ import annotations

from enum import Enum


class EngineError(Exception):
    """The base of every error that the engine raises on purpose."""


class PictureFault(str, Enum):
    """Why a picture cannot be used."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    UNSUPPORTED = "unsupported"  # ``detail`` names the format
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_NARROW = "too_narrow"  # the aspect ratio is beyond what one view can hold


class PictureError(EngineError):
    """A picture cannot be used. ``width`` and ``height`` are 0 where they are not known."""

    def __init__(
        self,
        fault: PictureFault,
        name: str,
        *,
        width: int = 0,
        height: int = 0,
        limit: int = 0,
        detail: str = "",
    ) -> None:
        super().__init__(f"{name}: {fault.value}{f' ({detail})' if detail else ''}")
        self.fault = fault
        self.name = name
        self.width = width
        self.height = height
        self.limit = limit
        self.detail = detail


class ModelFault(str, Enum):
    """Why a model folder cannot be used."""

    NOT_LOADED = "not_loaded"  # the engine was asked before it had loaded
    NO_FOLDER = "no_folder"
    NO_FILE = "no_file"
    BAD_CONFIG = "bad_config"
    DAMAGED_FILE = "damaged_file"
    MISSING_TENSOR = "missing_tensor"
    SPARE_TENSOR = "spare_tensor"
    WRONG_SHAPE = "wrong_shape"


class ModelError(EngineError):
    """A model folder is missing or damaged. ``name`` is the file, key or tensor at fault."""

    def __init__(self, fault: ModelFault, folder: str, name: str = "", detail: str = "") -> None:
        parts = [fault.value, folder, name, detail]
        super().__init__(": ".join(part for part in parts if part))
        self.fault = fault
        self.folder = folder
        self.name = name
        self.detail = detail


class QuestionFault(str, Enum):
    """Why a question cannot be asked."""

    NO_TURNS = "no_turns"
    FIRST_TURN_NOT_USER = "first_turn_not_user"
    EMPTY_TURN = "empty_turn"
    TOO_LONG = "too_long"


class QuestionError(EngineError):
    """A question has the wrong form, or does not fit the model's positions."""

    def __init__(self, fault: QuestionFault, *, tokens: int = 0, limit: int = 0) -> None:
        super().__init__(f"{fault.value} ({tokens} of {limit})" if limit else fault.value)
        self.fault = fault
        self.tokens = tokens
        self.limit = limit


class DeviceError(EngineError):
    """The asked device or precision is not there."""

    def __init__(self, device: str, precision: str = "", detail: str = "") -> None:
        super().__init__(" ".join(part for part in (device, precision, detail) if part))
        self.device = device
        self.precision = precision
        self.detail = detail


class OutOfMemory(EngineError):
    """The device has no room. Byte counts are 0 where they are not known."""

    def __init__(self, device: str, *, needed: int = 0, free: int = 0) -> None:
        super().__init__(f"{device}: needed {needed}, free {free}")
        self.device = device
        self.needed = needed
        self.free = free


class TooLarge(OutOfMemory):
    """A model would not fit, and nothing of it was loaded; a caller may insist."""

    def __init__(self, device: str, precision: str, *, needed: int, free: int) -> None:
        super().__init__(device, needed=needed, free=free)
        self.precision = precision
