"""Pictures on their way in: read, judged by the engine's own decoder, and made ready to show."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QIODevice,
    QObject,
    QRunnable,
    Qt,
    QThreadPool,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from desktop_app.jobs import UnexpectedError, UnreadableFile
from engine.errors import EngineError, OutOfMemory, PictureError
from engine.messages import Picture, PictureSeen

if TYPE_CHECKING:
    from engine.slicing import SliceSettings

LOG = logging.getLogger(__name__)
SHOWN_PIXELS = 12_000_000  # enough to zoom into; the model gets the file itself


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that can be used: its bytes, its look, its upright size, how the model sees it."""

    picture: Picture
    image: QImage
    width: int
    height: int
    views: int = 0  # 0 until it is known
    seen: PictureSeen | None = None

    def with_seen(self, seen: PictureSeen) -> ShownPicture:
        """The same picture, after the model looked at it."""
        return replace(self, seen=seen, views=len(seen.views))

    def counted(self, slicing: SliceSettings | None) -> ShownPicture:
        """The same picture as a model with this slicing will see it; None where nobody knows."""
        views = count_views(self.width, self.height, slicing)
        return self if views == self.views else replace(self, seen=None, views=views)


@dataclass(frozen=True, slots=True)
class PastedImage:
    """Pixels from the clipboard or a drag that have no file."""

    image: QImage
    name: str


Source = Path | PastedImage | Picture


def read_picture(source: Source) -> ShownPicture:
    """Read and judge one source. Raises UnreadableFile or an EngineError."""
    from engine.pictures import decode
    from engine.slicing import plan

    picture = _picture_of(source)
    decoded = decode(picture)
    pixels = decoded.image
    image = QImage(
        pixels.tobytes(),
        pixels.width,
        pixels.height,
        3 * pixels.width,
        QImage.Format.Format_RGB888,
    )
    return ShownPicture(
        picture,
        _shown(image),
        pixels.width,
        pixels.height,
        len(plan(pixels.width, pixels.height).views),
    )


def _picture_of(source: Source) -> Picture:
    if isinstance(source, PastedImage):
        return Picture.from_bytes(_as_png(source.image), source.name)
    if isinstance(source, Picture):
        return source
    if source.is_dir():
        raise UnreadableFile(source.name, "")
    try:
        return Picture.read(source)
    except OSError as error:
        raise UnreadableFile(source.name, error.strerror or str(error)) from error


def _as_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Quality 90 is zlib level 1 here: a screen is written in a fraction of the usual time.
    image.save(buffer, "PNG", 90)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _shown(image: QImage) -> QImage:
    pixels = image.width() * image.height()
    if pixels <= SHOWN_PIXELS:
        return image.copy()
    share = (SHOWN_PIXELS / pixels) ** 0.5
    return image.scaled(
        max(1, int(image.width() * share)),
        max(1, int(image.height() * share)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def count_views(width: int, height: int, slicing: SliceSettings | None) -> int:
    """How many views a picture of this size makes; 0 where it cannot be seen or nobody knows."""
    from engine.slicing import plan

    if slicing is None:
        return 0
    try:
        return len(plan(width, height, slicing).views)
    except PictureError:
        return 0


class _Reading(QRunnable):
    """One source on a thread of the pool."""

    def __init__(self, number: int, source: Source, reader: PictureReader) -> None:
        super().__init__()
        self._number = number
        self._source = source
        self._reader = reader

    def run(self) -> None:
        self._reader.finished.emit(self._number, self._outcome())

    def _outcome(self) -> ShownPicture | Exception:
        try:
            return self._reader.read(self._source)
        except (EngineError, UnreadableFile) as error:
            return error
        except MemoryError:
            return OutOfMemory("cpu")
        except Exception as error:  # a fault must not leave the window waiting
            LOG.exception("picture")
            return UnexpectedError.of(error)


class PictureReader(QObject):
    """Reads pictures beside the window, so that a large one never makes it stand still."""

    finished = Signal(int, object)  # number, ShownPicture or the error
    reading_changed = Signal(int)  # how many are still to be read

    def __init__(
        self,
        read: Callable[[Source], ShownPicture] = read_picture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.read = read
        self._last_number = self._left = 0
        self.finished.connect(self._count_down)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(1)

    def start(self, source: Source) -> int:
        """Begin to read; ``finished`` comes with the same number."""
        self._last_number += 1
        self._left += 1
        self.reading_changed.emit(self._left)
        self._pool.start(_Reading(self._last_number, source, self))
        return self._last_number

    @Slot()
    def _count_down(self) -> None:
        self._left -= 1
        self.reading_changed.emit(self._left)

    @Slot()
    def shutdown(self) -> None:
        """Drop what has not begun and wait for the rest."""
        self._pool.clear()
        self._pool.waitForDone()
