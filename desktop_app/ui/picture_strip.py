"""The pictures of a set as thumbnails: choose one, remove one, ask about all of them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app import wording
from desktop_app.i18n import tr
from desktop_app.picture_set import Kept, PictureSet
from desktop_app.theme import Theme
from desktop_app.ui.form_parts import CheckBox
from desktop_app.ui.parts import ToolButton, label, tip

SIZE = QSize(64, 48)
HEIGHT = 68


class Thumbnail(ToolButton):
    """One picture; Enter or a press looks at it, Delete takes it out."""

    removed = Signal()

    def __init__(self, kept: Kept, chosen: bool) -> None:
        super().__init__()
        words = [kept.picture.name, wording.picture_size(kept.width, kept.height)]
        if kept.views:
            words.append(wording.views(kept.views))
        self.setAccessibleName(", ".join(words))
        self.setToolTip(tip("  ·  ".join(words)))
        self.setProperty("kind", "thumbnail")
        self.setCheckable(True)
        self.setChecked(chosen)
        self.setIconSize(SIZE)
        self.setIcon(QIcon(QPixmap.fromImage(kept.thumbnail)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace remove."""
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.removed.emit()
            case _:
                super().keyPressEvent(event)


class PictureStrip(QFrame):
    """Is there while there are several pictures."""

    def __init__(self, theme: Theme, pictures: PictureSet) -> None:
        super().__init__()
        self._pictures = pictures
        self.setProperty("kind", "card")
        self.thumbnails: list[Thumbnail] = []
        self.words = label(kind="secondary", wrap=True)
        self.all_box = CheckBox(theme, tr("Ask about all of them"))
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self._lay_out()
        QShortcut(QKeySequence("Ctrl+PgDown"), self).activated.connect(lambda: pictures.step(1))
        QShortcut(QKeySequence("Ctrl+PgUp"), self).activated.connect(lambda: pictures.step(-1))
        pictures.changed.connect(self._fill)
        pictures.asking_changed.connect(self._say)
        self._fill()

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setLayout(self._row)
        self.area = QScrollArea()
        self.area.setAccessibleName(tr("Pictures"))
        self.area.setWidget(inner)
        self.area.setWidgetResizable(True)
        self.area.setFixedHeight(HEIGHT)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(self.all_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.area)
        column.addLayout(below)

    @property
    def all_wished(self) -> bool:
        """Whether the next question is for every picture."""
        return bool(self._pictures.pictures) and self.all_box.isChecked()

    @Slot()
    def _fill(self) -> None:
        focused = next((n for n, each in enumerate(self.thumbnails) if each.hasFocus()), -1)
        for thumbnail in self.thumbnails:
            self._row.removeWidget(thumbnail)
            thumbnail.hide()
            thumbnail.deleteLater()
        current = self._pictures.current
        self.thumbnails = [
            self._thumbnail(place, kept, place == current)
            for place, kept in enumerate(self._pictures.pictures)
        ]
        if focused >= 0 and self.thumbnails:
            self.thumbnails[min(focused, len(self.thumbnails) - 1)].setFocus()
        if not self.thumbnails:
            self.all_box.setChecked(False)
        self._say()
        self.setVisible(bool(self.thumbnails))

    def _thumbnail(self, place: int, kept: Kept, chosen: bool) -> Thumbnail:
        made = Thumbnail(kept, chosen)
        made.clicked.connect(lambda: self._choose(place))
        made.removed.connect(lambda: self._pictures.remove(place))
        self._row.insertWidget(place, made)
        made.show()  # at once, so that it can take the focus
        return made

    def _choose(self, place: int) -> None:
        self.thumbnails[place].setChecked(place == self._pictures.current)
        self._pictures.choose(place)

    @Slot()
    def _say(self) -> None:
        count, left = len(self._pictures.pictures), self._pictures.still_to_ask
        number = self._pictures.current + 1
        words = tr("Picture {number} of {count}. The model looks at one at a time.")
        if left:
            number = count - left + 1
            words = tr("Asking about picture {number} of {count}")
        self.words.setText(words.format(number=number, count=count))
