"""A picture of one monitor, at the moment of the capture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage

from desktop_app.capture.errors import Fault, GrabError
from desktop_app.capture.geometry import Rect, Screen, part_of_desktop


@dataclass(frozen=True, slots=True)
class Frame:
    """What a monitor showed, in native pixels."""

    screen: Screen
    image: QImage

    @property
    def bounds(self) -> Rect:
        """All of its pixels."""
        return Rect(0, 0, self.image.width(), self.image.height())

    def cut(self, region: Rect) -> QImage:
        """The pixels of a region."""
        inside = region.common(self.bounds)
        return self.image.copy(inside.x, inside.y, inside.width, inside.height)


def split(picture: QImage, screens: Sequence[Screen]) -> tuple[Frame, ...]:
    """One frame a monitor, out of a picture of the whole desktop."""
    if picture.isNull():
        raise GrabError(Fault.BROKEN, "the picture cannot be read")
    size = (picture.width(), picture.height())
    parts = [(screen, part_of_desktop(screen, screens, size)) for screen in screens]
    return tuple(
        Frame(screen, picture.copy(part.x, part.y, part.width, part.height))
        for screen, part in parts
        if part.area
    )


def all_black(frames: Iterable[Frame]) -> bool:
    """Whether nothing but black came, as some systems answer instead of saying no."""
    return all(_black(frame.image) for frame in frames)


def _black(image: QImage) -> bool:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    width = grey.width()
    step, pixels = grey.bytesPerLine(), bytes(grey.constBits())
    rows = (pixels[row * step : row * step + width] for row in range(grey.height()))
    return not any(row.strip(b"\0") for row in rows)
