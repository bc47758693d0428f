"""The switch for starting with the computer, off the window's thread where a person is asked."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from desktop_app.autostart import Autostart, AutostartError


class _Asking(QThread):
    """One wish, answered by the desktop and its person."""

    ended = Signal(str)  # why it was not taken, if so

    def __init__(self, autostart: Autostart, on: bool) -> None:
        super().__init__()
        self.setObjectName("autostart")
        self._autostart, self._on = autostart, on

    def run(self) -> None:
        self.ended.emit(_switched(self._autostart, self._on))


class AutostartDesk(QObject):
    """Outlives the pages that show it."""

    changed = Signal()
    refused = Signal(str)  # the reason

    def __init__(self, autostart: Autostart, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._autostart = autostart
        self._asking: _Asking | None = None

    @property
    def on(self) -> bool:
        """Whether the program starts with the computer."""
        return self._autostart.is_on()

    @property
    def busy(self) -> bool:
        """Whether the desktop still has to answer."""
        return self._asking is not None

    def switch(self, on: bool) -> None:
        """Wish for it; ``changed`` tells the end, ``refused`` before that what was wrong."""
        if self.busy:
            return
        if not self._autostart.asks:
            self._tell(_switched(self._autostart, on))
            return
        self._asking = _Asking(self._autostart, on)
        self._asking.ended.connect(self._answered, Qt.ConnectionType.QueuedConnection)
        self._asking.start()
        self.changed.emit()

    def shutdown(self) -> None:
        """Wait no longer for an answer."""
        asking, self._asking = self._asking, None
        if asking is not None:
            self._autostart.give_up()
            asking.wait()

    @Slot(str)
    def _answered(self, problem: str) -> None:
        if self._asking is not None:
            self._asking.wait()
            self._asking = None
            self._tell(problem)

    def _tell(self, problem: str) -> None:
        if problem:
            self.refused.emit(problem)
        self.changed.emit()


def _switched(autostart: Autostart, on: bool) -> str:
    try:
        autostart.switch(on)
    except AutostartError as error:
        return error.reason
    return ""
