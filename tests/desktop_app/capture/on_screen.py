"""Programs on an X display for a test: one shows known text, one waits for the clipboard."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

LONGEST_WAIT = 180_000  # ms; reading takes a second on a machine that is not busy


def show(text: str) -> QLabel:
    """A window with some text at a place that the test knows."""
    label = QLabel(text)
    label.setWindowTitle("Known text")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setStyleSheet("background: white; color: black; font: 22px 'DejaVu Sans';")
    label.setGeometry(200, 150, 640, 240)
    label.show()
    QTimer.singleShot(0, lambda: print("ready", flush=True))
    return label


def tell_clipboard() -> QTimer:
    """Print what is on the clipboard as soon as there is text, then end."""
    timer = QTimer()

    def look() -> None:
        text = QGuiApplication.clipboard().text()
        if text:
            print(text.replace("\n", "\\n"), flush=True)
            QApplication.quit()

    timer.timeout.connect(look)
    timer.start(200)
    QTimer.singleShot(LONGEST_WAIT, QApplication.quit)  # so that a broken test ends
    return timer


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    kept = show(sys.argv[2]) if sys.argv[1] == "show" else tell_clipboard()
    sys.exit(application.exec())
