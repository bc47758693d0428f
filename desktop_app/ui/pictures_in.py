"""The ways in for pictures: the dialog, the clipboard, what is dropped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app import notices
from desktop_app.conversation import Conversation
from desktop_app.i18n import tr
from desktop_app.picture_set import PictureSet
from desktop_app.ui.incoming import Incoming, incoming

FILTER = "*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif *.ico *.ppm"


class PicturesIn(QObject):
    """Knows the folder that was used last."""

    folder_used = Signal(str)
    text_pasted = Signal()  # the clipboard holds text, which belongs to the question
    told = Signal(object)  # Notice

    def __init__(
        self, window: QWidget, conversation: Conversation, pictures: PictureSet, folder: str
    ) -> None:
        super().__init__(window)
        self._window = window
        self._conversation = conversation
        self._pictures = pictures
        self._folder = folder

    @Slot()
    def open_dialog(self) -> None:
        """Choose picture files."""
        names, _ = QFileDialog.getOpenFileNames(
            self._window,
            tr("Open a picture"),
            self._folder,
            f"{tr('Pictures')} ({FILTER});;{tr('All files')} (*)",
        )
        if names:
            self._folder = str(Path(names[0]).parent)
            self.folder_used.emit(self._folder)
            self._pictures.open([Path(name) for name in names])

    @Slot()
    def paste(self) -> None:
        """A picture from the clipboard; text goes to the question."""
        mime = QGuiApplication.clipboard().mimeData()
        came = incoming(mime)
        if not came.usable and mime.hasText():
            self.text_pasted.emit()
        else:
            self.take(came)

    @Slot(object)
    def take(self, came: Incoming) -> None:
        """What was dropped or pasted."""
        if came.files:
            self._pictures.open(came.files)
        elif came.image is not None:
            self._conversation.use_image(came.image)
        else:
            self.told.emit(notices.nothing_usable())
