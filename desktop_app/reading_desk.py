"""Shows what is read from the screen: the result window, the clipboard, the toast."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QGuiApplication

from desktop_app import notices
from desktop_app.capture.choice import Action, Choice
from desktop_app.capture.geometry import Rect
from desktop_app.i18n import tr
from desktop_app.readers import Reader, ReaderChoice, ReaderReason, reader_name, reader_reason
from desktop_app.screen_reading import Reading, ScreenReading
from desktop_app.theme import Theme
from desktop_app.ui.result_window import ResultWindow
from desktop_app.ui.toast import Toast

FIRST_WORDS = 90  # characters in the toast


class ReadingDesk(QObject):
    """One result window at a time, for the reading that goes on."""

    text_ready = Signal(str)
    failed = Signal(object)
    cancelled = Signal()
    chat_wished = Signal(object)  # Choice

    def __init__(self, theme: Theme, reading: ScreenReading, toast: Toast) -> None:
        super().__init__()
        self._theme, self._toast = theme, toast
        self._quiet = False
        self._shown: Reading | None = None  # what the window is about
        self.reading = reading
        self.window: ResultWindow | None = None
        reading.began.connect(self._begin)
        reading.progressed.connect(self._progress)
        reading.grew.connect(self._grow)
        reading.finished.connect(self._finish)
        reading.failed.connect(self._fail)
        toast.clicked.connect(self._come_forward)

    def read(self, choice: Choice, reader: str, quiet: bool) -> None:
        """Read a region; ``quiet`` shows nothing, for who only waits for the text."""
        self._quiet = quiet
        self.reading.read(choice, reader)

    def shutdown(self) -> None:
        """Take the window away and wait for what runs."""
        window, self.window = self.window, None
        if window is not None:
            window.hide()
            window.deleteLater()
        self.reading.shutdown()

    # What the reading tells

    @Slot(object)
    def _begin(self, reading: Reading) -> None:
        if self._quiet:
            return
        self._shown, window = reading, self._window()
        other = tr("Use: {reader}").format(reader=reader_name(reading.by.other))
        window.begin(reading.reader, _reason(reading.by), other)
        screen = QGuiApplication.screenAt(QPoint(*_middle(place_of(reading.choice))))
        room = (screen or QGuiApplication.primaryScreen()).availableGeometry()
        window.show_beside(
            place_of(reading.choice), Rect(room.x(), room.y(), room.width(), room.height())
        )

    @Slot(object)
    def _progress(self, progress: object) -> None:
        if self.window is not None and not self._quiet:
            self.window.show_progress(progress)  # type: ignore[arg-type]

    @Slot(str)
    def _grow(self, piece: str) -> None:
        if self.window is not None and not self._quiet:
            self.window.grow(piece)

    @Slot(object)
    def _finish(self, reading: Reading) -> None:
        if not self._quiet:
            self._show_end(reading)
        self.text_ready.emit(reading.text)

    def _show_end(self, reading: Reading) -> None:
        if self.window is not None:
            took = tr("{seconds} s").format(seconds=f"{reading.seconds:.1f}")
            self.window.finish(reading.text, took)
            if reading.choice.action is Action.TABLE and not reading.prompt:
                self.window.offer_table(self.reading.copies)
        if reading.text and self.reading.copies:
            QGuiApplication.clipboard().setText(reading.text)
        self._say(reading)

    def _say(self, reading: Reading) -> None:
        place = QPoint(*_middle(place_of(reading.choice)))
        words = " ".join(reading.text.split())
        if not words:
            self._toast.say(tr("No text was found"), tr("Try the other reader: Ctrl+R."), place)
            return
        short = words if len(words) <= FIRST_WORDS else words[: FIRST_WORDS - 1] + "…"
        copied = self.reading.copies
        title = tr("Copied, read by {reader}") if copied else tr("Read by {reader}")
        self._toast.say(title.format(reader=reading.reader), short, place)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        notice = notices.explain(error)
        if self.window is not None and not self._quiet:
            self.window.fail(notice)
        self.failed.emit(error)

    # What the person does

    def _window(self) -> ResultWindow:
        if self.window is None:
            self.window = ResultWindow(self._theme)
            self.window.swap_wished.connect(self._swap)
            self.window.question_wished.connect(self._ask)
            self.window.chat_wished.connect(self._open_chat)
            self.window.left.connect(self._left)
        return self.window

    @Slot()
    def _come_forward(self) -> None:
        if self.window is not None:
            self.window.raise_()
            self.window.activateWindow()

    @Slot()
    def _open_chat(self) -> None:
        if self._shown is not None and self.window is not None:
            self.window.close()
            self.chat_wished.emit(self._shown.choice)

    @Slot()
    def _swap(self) -> None:
        """The same region with the other reader."""
        if self._shown is not None:
            self._quiet = False
            self.reading.read(self._shown.choice, self._shown.by.other.value)

    @Slot(str)
    def _ask(self, prompt: str) -> None:
        """The same region with another prompt, which the model answers."""
        if self._shown is not None:
            self._quiet = False
            self.reading.read(self._shown.choice, Reader.MODEL.value, prompt)

    @Slot()
    def _left(self) -> None:
        """The window was closed; the next one is made anew, in the language of that time."""
        window, self.window = self.window, None
        if window is not None:
            window.deleteLater()
        if self.reading.busy:
            self.reading.stop()
            self.cancelled.emit()


def place_of(choice: Choice) -> Rect:
    """Where a region is on the desktop, as Qt counts."""
    screen, image = choice.frame.screen, choice.frame.image
    across, down = screen.width / image.width(), screen.height / image.height()
    region = choice.region
    return Rect(
        screen.x + round(region.x * across),
        screen.y + round(region.y * down),
        round(region.width * across),
        round(region.height * down),
    )


def _middle(rect: Rect) -> tuple[int, int]:
    return rect.x + rect.width // 2, rect.y + rect.height // 2


def _reason(by: ReaderChoice) -> str:
    """Said where the program chose, and only where that is news."""
    if by.reader is Reader.QUICK and by.by_itself:
        return reader_reason(by.reason)
    return reader_reason(by.reason) if by.reason is ReaderReason.QUICK_MISSING else ""
