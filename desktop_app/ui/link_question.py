"""A link in an answer: where it leads is shown, and it is opened only if the person says so."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.i18n import tr
from desktop_app.ui.outside import add_copier, open_outside, shortened, written
from desktop_app.ui.question_box import question_box, show_question

WEB = ("http", "https", "mailto")  # other kinds start programs or open files


def ask_about_link(parent: QWidget, link: QUrl) -> None:
    """Open the address elsewhere, or copy it."""
    address = written(link)
    web = link.scheme().lower() in WEB
    words = (
        tr("Open this address outside the program?")
        if web
        else tr("This is no address of the web, so it is not opened.")
    )
    box = question_box(parent, tr("Link"), words, shortened(address))
    box.setTextFormat(Qt.TextFormat.PlainText)
    if web:
        opener = box.addButton(tr("Open"), QMessageBox.ButtonRole.AcceptRole)
        opener.clicked.connect(lambda: open_outside(parent, link))
    add_copier(box, address)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.finished.connect(box.deleteLater)
    show_question(box)
