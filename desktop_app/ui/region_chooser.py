"""All monitors at once: one overlay each, one region among them, one reader of keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QScreen

from desktop_app.capture.choice import Action, Choice, LastRegion
from desktop_app.capture.frames import Frame
from desktop_app.theme import Theme
from desktop_app.ui.overlay import Overlay
from desktop_app.ui.parts import ARROWS, ENTER
from desktop_app.ui.region_bar import KEYS, RegionBar

FAR = 20  # pixels of a step with Ctrl
TAKE = (*ENTER, Qt.Key.Key_Space)


class RegionChooser(QObject):
    """Open from the moment it is made until a region is chosen or the person gives up."""

    chosen = Signal(object)  # Choice
    cancelled = Signal()
    monitors_changed = Signal()  # in place of either

    def __init__(
        self,
        theme: Theme,
        pairs: Sequence[tuple[Frame, QScreen]],
        action: Action,
        confirm: bool,
        last: LastRegion | None = None,
    ) -> None:
        super().__init__()
        self._action = action
        self._confirm = confirm
        self._last = last
        self._open = True
        self._adjusting = False  # the region waits for Enter
        self.overlays = [self._overlay(theme, frame, screen) for frame, screen in pairs]
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._interrupt)
        application.screenRemoved.connect(self._interrupt)
        for overlay in self.overlays:
            overlay.cover()
        self.active = (
            next((each for each in self.overlays if each.under_pointer()), None)
            or (self.overlays[0])
        )
        self.active.take_keys()

    def _overlay(self, theme: Theme, frame: Frame, screen: QScreen) -> Overlay:
        bar = RegionBar(self._action)
        overlay = Overlay(theme, frame, screen, bar)
        overlay.began.connect(self._began)
        overlay.finished.connect(self._finished)
        overlay.cancelled.connect(self.cancel)
        overlay.accepted.connect(self._accept)
        overlay.key_pressed.connect(self._key)
        bar.wished.connect(self._accept)
        bar.cancelled.connect(self.cancel)
        return overlay

    def warn(self, words: str) -> None:
        """Say something on every monitor until a region is drawn."""
        for overlay in self.overlays:
            overlay.hint = words
            overlay.update()

    @Slot()
    def cancel(self) -> None:
        """Give up."""
        if self._close():
            self.cancelled.emit()

    @Slot()
    def _interrupt(self) -> None:
        """The frozen pictures no longer are where the monitors are."""
        if self._close():
            self.monitors_changed.emit()

    @Slot()
    def _began(self) -> None:
        """A region lies on one monitor only: one across two of different scale would be torn."""
        overlay = self.sender()
        assert isinstance(overlay, Overlay)
        for other in self.overlays:
            if other is not overlay:
                other.clear()
        self.active = overlay

    @Slot(bool)
    def _finished(self, adjust: bool) -> None:
        if self._confirm or adjust or self._adjusting:
            self._offer()
        else:
            self._accept()

    def _offer(self) -> None:
        self._adjusting = True
        self.active.refresh(offer=True)

    @Slot()
    @Slot(object)
    def _accept(self, action: Action | None = None) -> None:
        rect = self.active.selection.rect
        if rect is None or not self.active.selection.usable:
            return
        choice = Choice(self.active.picture, rect, action or self._action)
        if self._close():
            self.chosen.emit(choice)

    def _close(self) -> bool:
        """Take the overlays away; False where they are gone already."""
        was, self._open = self._open, False
        if was:
            self.active.releaseKeyboard()
            for overlay in self.overlays:
                overlay.hide()
                overlay.deleteLater()
        return was

    # Keys

    @Slot(object)
    def _key(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if key in ARROWS:
            self._arrow(key, bool(modifiers & Qt.KeyboardModifier.ShiftModifier), control)
        elif key in TAKE:
            self._accept()
        elif key is Qt.Key.Key_Escape:
            self._escape()
        elif key is Qt.Key.Key_A and control:
            self._place_all()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._go_to(self._number + (1 if key is Qt.Key.Key_Tab else -1))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._go_to(key - Qt.Key.Key_1)
        elif key is Qt.Key.Key_L:
            self._place_last()
        else:
            self._act(key)

    def _arrow(self, key: Qt.Key, resize: bool, far: bool) -> None:
        across, down = (step * (FAR if far else 1) for step in ARROWS[key])
        change = self.active.selection.grow if resize else self.active.selection.nudge
        change(across, down)
        self._offer()

    def _escape(self) -> None:
        """First the region goes, then the overlay."""
        if self.active.selection.rect is None:
            self.cancel()
        else:
            self._adjusting = False
            self.active.clear()

    def _place_all(self) -> None:
        self.active.selection.place(self.active.selection.bounds)
        self._offer()

    def _place_last(self) -> None:
        last = self._last
        if last is None:
            return
        for number, overlay in enumerate(self.overlays):
            if overlay.picture.screen.name == last.screen:
                self._go_to(number)
                overlay.selection.place(last.region)
                self._offer()

    def _act(self, key: Qt.Key) -> None:
        for action, letter in KEYS.items():
            if letter is key:
                self._accept(action)

    @property
    def _number(self) -> int:
        return self.overlays.index(self.active)

    def _go_to(self, number: int) -> None:
        """Another monitor has the keyboard."""
        overlay = self.overlays[number % len(self.overlays)]
        if overlay is not self.active:
            self.active.clear()
            self._adjusting = False
            self.active = overlay
            overlay.take_keys()
            overlay.refresh()
