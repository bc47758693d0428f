"""What another program of the desktop opens: pages of the web, and folders."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.i18n import tr
from desktop_app.ui.question_box import question_box, show_question

LONGEST = 300  # characters that are shown


def written(url: QUrl) -> str:
    """An address encoded, so that no letter of another alphabet looks like one of ours."""
    return url.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def shortened(address: str) -> str:
    """As much of it as a box has room for."""
    return address if len(address) <= LONGEST else address[:LONGEST] + "…"


def add_copier(box: QMessageBox, address: str) -> None:
    """A button that copies the address."""
    copier = box.addButton(tr("Copy the address"), QMessageBox.ButtonRole.ActionRole)
    copier.clicked.connect(lambda: QGuiApplication.clipboard().setText(address))


def open_outside(parent: QWidget, url: QUrl) -> None:
    """Open it; where the desktop has nothing for it, say so and offer the address."""
    if QDesktopServices.openUrl(url):
        return
    address = url.toLocalFile() or written(url)
    words = tr("No program on this computer opens this. Copy it, and open it where you can.")
    box = question_box(parent, tr("Not opened"), words, shortened(address))
    box.setTextFormat(Qt.TextFormat.PlainText)
    add_copier(box, address)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Close))
    box.finished.connect(box.deleteLater)
    show_question(box)
