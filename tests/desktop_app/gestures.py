"""What a person does with mouse and keys, as the events that Qt would send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.model_state import Stage
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.models_page import ModelsPage

COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton


def mime_of(*files: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return mime


def drag(window: MainWindow, mime: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(300, 300), COPY, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, event)
    return event


def drop(window: MainWindow, mime: QMimeData) -> None:
    drag(window, mime)
    event = QDropEvent(QPointF(300, 300), COPY, mime, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, event)


def write(qtbot: QtBot, desktop: Desktop, text: str) -> None:
    qtbot.keyClicks(desktop.window.composer.edit, text)
    qtbot.keyClick(desktop.window.composer.edit, Qt.Key.Key_Return)


def answered(desktop: Desktop) -> bool:
    return bool(desktop.conversation.exchanges) and not desktop.conversation.busy


def get_model(page: ModelsPage, click: Callable[[QAbstractButton], None]) -> None:
    assert page.licence is not None
    click(page.licence.box)
    click(page.get_button)


def stage_of(page: ModelsPage) -> Stage:
    return page._keeper.state.stage
