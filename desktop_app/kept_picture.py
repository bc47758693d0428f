"""A picture as the history keeps it: its own bytes, and a small copy for the list."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMimeDatabase, Qt
from PySide6.QtGui import QImage

from desktop_app.history.records import StoredPicture
from desktop_app.picture_reader import ShownPicture

THUMBNAIL = 256  # pixels


def stored_picture(shown: ShownPicture) -> StoredPicture:
    """The picture that is shown, ready to be written."""
    picture = shown.picture
    return StoredPicture(
        picture.key,
        picture.name,
        QMimeDatabase().mimeTypeForData(picture.data).name(),
        shown.width,
        shown.height,
        picture.data,
        _thumbnail(shown.image),
    )


def _thumbnail(image: QImage) -> bytes:
    # Two steps: to scale a large photograph smoothly at once would be felt.
    for size, how in (
        (4 * THUMBNAIL, Qt.TransformationMode.FastTransformation),
        (THUMBNAIL, Qt.TransformationMode.SmoothTransformation),
    ):
        if max(image.width(), image.height()) > size:
            image = image.scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio, how)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
