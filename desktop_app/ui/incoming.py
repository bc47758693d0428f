"""Finds the pictures in what is dropped or pasted. Nothing is ever fetched from the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from desktop_app.i18n import tr
from desktop_app.picture_reader import PastedImage


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came: files, pixels, or the address of something that lies elsewhere."""

    files: tuple[Path, ...] = ()
    image: PastedImage | None = None
    elsewhere: bool = False

    @property
    def usable(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.files) or self.image is not None


def incoming(mime: QMimeData) -> Incoming:
    """Files before pixels: a file has its name and all its pixels."""
    urls = mime.urls() if mime.hasUrls() else []
    files = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    if files:
        return Incoming(files=files)
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return Incoming(image=PastedImage(image, tr("Pasted picture")))
    return Incoming(elsewhere=bool(urls))


def may_hold_picture(mime: QMimeData) -> bool:
    """A quick look, for a drag that is still in the air."""
    return mime.hasImage() or mime.hasUrls()
