"""What there is to see before there is a picture: one sentence, the ways in, pictures to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeySequence, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme, pixels
from desktop_app.ui.parts import IconButton, IconLabel, ToolButton, label, push_button

SAMPLES = ("line.png", "note.png", "window.png", "shapes.png")
ROOM_FOR_SAMPLES, ROOM_FOR_HOTKEYS = 450, 330  # pixels
ROOM_FOR_WORDS, ROOM_FOR_ICON = 170, 240  # pixels
WORDS_WIDTH, EDGE = 440, 24  # pixels
SAMPLE_SIZE = QSize(116, 70)


class EmptyPage(QWidget):
    """The first page."""

    open_wished = Signal()
    paste_wished = Signal()
    sample_wished = Signal(Path)

    def __init__(self, theme: Theme, samples: Path) -> None:
        super().__init__()
        self._theme = theme
        self._leaves = ""
        self.open_button = push_button(tr("Open a picture"), "main")
        self.paste_button = IconButton(theme, "clipboard", tr("Paste"), text=tr("Paste"))
        self.paste_button.setProperty("kind", "edged")
        self.open_button.clicked.connect(self.open_wished)
        self.paste_button.clicked.connect(self.paste_wished)
        self.samples = [self._sample(path) for path in sample_pictures(samples)]
        self.hotkeys = label(kind="secondary", wrap=True)
        self.hotkeys.setContentsMargins(0, 16, 0, 0)
        self.hotkeys.hide()
        self._try = QWidget()
        self._icon = IconLabel(theme, "photo", "accent", 48)
        self._icon.setFixedHeight(self._icon.height() + 16)  # room below
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()

    def _lay_out(self) -> None:
        middle = Qt.AlignmentFlag.AlignHCenter
        title = label(tr("Ask about a picture"), "title")
        words = self.words = label(self._ways_in(), "quiet", wrap=True)
        for wrapped in (words, self.hotkeys):
            wrapped.setAlignment(middle)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSpacing(0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # parts give way
        column.addStretch(2)
        column.addWidget(self._icon, 0, middle)
        column.addWidget(title, 0, middle)
        column.addSpacing(8)
        column.addLayout(_row([words]))
        column.addSpacing(24)
        column.addLayout(_row([self.open_button, self.paste_button]))
        column.addLayout(_row([self.hotkeys]))
        column.addWidget(self._try)
        column.addStretch(3)
        inner = QVBoxLayout(self._try)
        inner.setContentsMargins(0, 32, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(label(tr("Or try one of these"), "secondary"), 0, middle)
        inner.addLayout(_row(self.samples))
        self._show_what_fits()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A small window has no room for what is not needed."""
        super().resizeEvent(event)
        for wrapped in (self.words, self.hotkeys):
            wrapped.setFixedWidth(min(pixels(WORDS_WIDTH), max(0, self.width() - 2 * EDGE)))
        self._show_what_fits()

    def minimumSizeHint(self) -> QSize:
        """All but the title and the buttons gives way, so it needs no room."""
        hint = super().minimumSizeHint()
        buttons = self.open_button.sizeHint().width() + self.paste_button.sizeHint().width()
        parts = (self._try, self.hotkeys, self._icon, self.words)
        giving = [part for part in parts if not part.isHidden()]
        spare = sum(max(each.minimumHeight(), each.minimumSizeHint().height()) for each in giving)
        return QSize(buttons + 12 + 2 * EDGE, hint.height() - spare)

    def _show_what_fits(self) -> None:
        self._icon.setVisible(self.height() >= pixels(ROOM_FOR_ICON))
        self.words.setVisible(self.height() >= pixels(ROOM_FOR_WORDS))
        taken = self.hotkeys.heightForWidth(self.hotkeys.width()) if self.hotkeys.text() else 0
        self.hotkeys.setMinimumHeight(taken)
        self.hotkeys.setVisible(bool(taken) and self.height() >= pixels(ROOM_FOR_HOTKEYS))
        wide = self._try.sizeHint().width() + 2 * EDGE <= self.width()
        high = self.height() >= ROOM_FOR_SAMPLES + taken
        self._try.setVisible(bool(self.samples) and wide and high)

    def _ways_in(self) -> str:
        paste = QKeySequence(QKeySequence.StandardKey.Paste)
        words = tr(
            "Drop a picture anywhere in this window, open a file, or paste with {keys}. "
            "Nothing leaves this machine."
        )
        if self._leaves:
            ways = tr("Drop a picture anywhere in this window, open a file, or paste with {keys}.")
            words = f"{ways} {self._leaves}"
        return words.format(keys=paste.toString(QKeySequence.SequenceFormat.NativeText))

    def say_what_leaves(self, words: str) -> None:
        """Where pictures go; empty where they stay here."""
        self._leaves = words
        self.words.setText(self._ways_in())

    def show_hotkeys(self, held: Mapping[str, str]) -> None:
        """Name the keys that work in any program, each by what it does; of none nothing is said."""
        sentences = {
            "ocr": tr("In any program, {keys} reads the text of a part of the screen."),
            "capture": tr("In any program, {keys} asks about a part of the screen."),
        }
        said = [sentences[name].format(keys=held[name]) for name in sentences if name in held]
        self.hotkeys.setText("\n".join(said))
        self._show_what_fits()

    def _sample(self, path: Path) -> ToolButton:
        name = {
            "line": tr("One line"),
            "note": tr("A note"),
            "window": tr("A window"),
            "shapes": tr("Shapes"),
        }[path.stem]
        button = ToolButton()
        button.setProperty("kind", "sample")
        button.setText(name)
        button.setAccessibleName(tr("Try this picture: {name}").format(name=name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(SAMPLE_SIZE)
        button.setIcon(QIcon(_thumbnail(path)))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.sample_wished.emit(path))
        return button


def sample_pictures(folder: Path) -> list[Path]:
    """The pictures to try, where they ship with the program."""
    return [folder / name for name in SAMPLES if (folder / name).is_file()]


def _thumbnail(path: Path) -> QPixmap:
    """The whole picture in the middle of what the button shows: all names stand in one line."""
    image = QImage(str(path)).scaled(
        SAMPLE_SIZE * 2,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap(SAMPLE_SIZE * 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.drawImage((pixmap.rect().center() - image.rect().center()), image)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return pixmap


def _row(parts: Sequence[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addStretch(1)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
