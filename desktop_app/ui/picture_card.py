"""The picture that is talked about: large before the first question, a small card afterwards."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop_app import wording
from desktop_app.i18n import tr
from desktop_app.picture_reader import ShownPicture
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconButton, label, tip
from desktop_app.ui.picture_image import PictureImage


class ElidedLabel(QLabel):
    """A name of any length in the room that there is; the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setToolTip(tip(text))
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The middle gives way, so that the ending of a file's name stays."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.font())
        self.setText(metrics.elidedText(self._full, Qt.TextElideMode.ElideMiddle, self.width()))


def facts(shown: ShownPicture) -> str:
    """Pixel size, views, and what the model does not see as it is."""
    parts = [wording.picture_size(shown.width, shown.height)]
    if shown.views:
        parts.append(wording.views(shown.views))
    if shown.seen is not None:
        parts += wording.picture_notes(shown.seen)
    return "  ·  ".join(parts)


class PictureCard(QFrame):
    """Thumbnail, name, facts, and the ways to look closer or to remove it."""

    zoom_wished = Signal()
    remove_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.image = PictureImage(theme, radius=4)
        self.name = ElidedLabel()
        self.name.setProperty("kind", "strong")
        self.facts = label(kind="secondary", wrap=True)
        self.zoom_button = IconButton(theme, "zoom-in", tr("Look closer"), role="secondary")
        self.remove_button = IconButton(
            theme, "close", tr("Remove the picture"), role="secondary", keys="Ctrl+Backspace"
        )
        self.image.clicked.connect(self.zoom_wished)
        self.zoom_button.clicked.connect(self.zoom_wished)
        self.remove_button.clicked.connect(self.remove_wished)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(2)
        self._texts.addStretch(1)
        self._texts.addWidget(self.name)
        self._texts.addWidget(self.facts)
        self._texts.addStretch(1)
        self._lay_out()

    def _lay_out(self) -> None:
        self.image.setFixedSize(QSize(80, 56))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self.image)
        row.addLayout(self._texts, 1)
        row.addWidget(self.zoom_button)
        row.addWidget(self.remove_button)

    def show_picture(self, shown: ShownPicture) -> None:
        """Show another picture, or more about the same."""
        self.image.show_image(shown.image)
        self.name.show_text(shown.picture.name)
        self.facts.setText(facts(shown))


class PictureStage(QWidget):
    """The picture in all the room there is, until the first question is asked."""

    zoom_wished = Signal()
    remove_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.image = PictureImage(theme)
        self.image.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.image.setMinimumSize(120, 80)
        self.name = ElidedLabel()
        self.name.setProperty("kind", "strong")
        self.name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.facts = label(kind="secondary", wrap=True)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.remove_button = IconButton(
            theme, "close", tr("Remove the picture"), keys="Ctrl+Backspace"
        )
        self.remove_button.setProperty("kind", "round")
        self.image.clicked.connect(self.zoom_wished)
        self.remove_button.clicked.connect(self.remove_wished)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 8)
        column.setSpacing(4)
        column.addWidget(self.image, 1)
        column.addSpacing(8)
        column.addWidget(self.name)
        column.addWidget(self.facts)
        self.remove_button.setParent(self)  # behind the picture, also for Tab

    def show_picture(self, shown: ShownPicture) -> None:
        """Show another picture, or more about the same."""
        self.image.show_image(shown.image)
        self.name.show_text(shown.picture.name)
        self.facts.setText(facts(shown))
        self._place_button()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The remove button stays at the picture's upper right corner."""
        super().resizeEvent(event)
        self._place_button()

    def _place_button(self) -> None:
        self._column.activate()
        place = self.image.drawn_rect().toRect().translated(self.image.pos())
        button = self.remove_button
        button.adjustSize()
        left = min(place.right() + 8, self.width() - button.width() - 4)
        button.move(left, max(place.top(), 4))
        button.raise_()
