"""The icon in the tray: what can be done without the window, and what closing the window means."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QMessageBox, QSystemTrayIcon

from desktop_app.actions import action
from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.question_box import question_box, show_question

Reason = QSystemTrayIcon.ActivationReason


class Tray(QObject):
    """Shown where the desktop has a tray and the person wants it; else closing means to quit."""

    show_wished = Signal()
    quit_wished = Signal()

    def __init__(
        self,
        window: MainWindow,
        preferences: Preferences,
        icon: QIcon,
        deeds: dict[str, Callable[[], object]],
        there: bool | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._deeds = deeds
        self.there = QSystemTrayIcon.isSystemTrayAvailable() if there is None else there
        self.box: QMessageBox | None = None
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setToolTip("MiniCPM-V")
        self.icon.activated.connect(self._activate)
        self.menu = QMenu()
        self.icon.setContextMenu(self.menu)
        self.menu.aboutToShow.connect(self.rebuild)
        preferences.changed.connect(self._follow)
        window.installEventFilter(self)
        self.rebuild()
        self._allowed = False

    @property
    def in_use(self) -> bool:
        """Whether the program can be reached without its window."""
        return self._allowed and self.there and self._preferences.settings.tray

    def allow(self) -> None:
        """From now on the icon is there, if it can be and is wanted."""
        self._allowed = True
        self.icon.setVisible(self.in_use)

    def hide(self) -> None:
        """Take the icon away; some desktops would keep it after the end."""
        self._allowed = False
        self.icon.hide()

    @Slot()
    def rebuild(self) -> None:
        """The menu's words and keys, as they are now."""
        self.menu.clear()
        shown = self._window.isVisible()
        self._add(tr("Hide the window") if shown else tr("Show the window"), self._toggle)
        self.menu.addSeparator()
        for name, do in self._deeds.items():
            self._add(tr(action(name).title), do)
        self.menu.addSeparator()
        self._add(tr("Quit"), self.quit_wished.emit)

    def _add(self, text: str, do: Callable[[], object]) -> None:
        self.menu.addAction(text).triggered.connect(lambda: do())

    # What the person does

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activate(self, reason: Reason) -> None:
        if reason in (Reason.Trigger, Reason.DoubleClick):
            self._toggle()

    def _toggle(self) -> None:
        if self._window.isVisible() and self._window.isActiveWindow():
            self._window.hide()
        else:
            self.show_wished.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Closing the window hides it, where the person said so."""
        if event.type() != QEvent.Type.Close or not self.in_use:
            return False
        wish = self._preferences.settings.on_close
        if wish == "quit":
            return False
        event.ignore()
        if wish == "hide":
            self._window.hide()
        else:
            self._ask()
        return True

    def _ask(self) -> None:
        """The first time, and never again."""
        if self.box is not None:
            return
        self.box = box = question_box(
            self._window,
            tr("Close the window"),
            tr("Stay in the tray when the window is closed?"),
            tr("The hotkeys go on working then, and the model stays loaded. Settings change it."),
        )
        stay = box.addButton(tr("Stay in the tray"), QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton(tr("Quit"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        stay.clicked.connect(lambda: self._decide("hide"))
        leave.clicked.connect(lambda: self._decide("quit"))
        box.finished.connect(self._forget_box)
        show_question(box)

    def _decide(self, wish: str) -> None:
        self._preferences.set(on_close=wish)
        QTimer.singleShot(0, self._window, self._window.close)  # once the box has gone

    @Slot()
    def _forget_box(self) -> None:
        box, self.box = self.box, None
        if box is not None:
            box.deleteLater()

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        if "tray" in names:
            self.icon.setVisible(self.in_use)
            if not self.in_use and not self._window.isVisible():
                self.show_wished.emit()
