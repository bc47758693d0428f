"""Qt's application object with our name, icon and fonts."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QIcon
from PySide6.QtWidgets import QApplication

from desktop_app.paths import resource

CHINESE_FONTS = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
)


def make_application() -> QApplication:
    """Qt with our name, icon and fonts."""
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)  # the overlay of a capture is no last window
    application.setApplicationName("minicpmv")
    application.setApplicationDisplayName("MiniCPM-V")
    application.setDesktopFileName("minicpmv")
    application.setWindowIcon(QIcon(str(resource("icons/application.svg"))))
    application.setFont(with_chinese(application.font()))
    return application


def with_chinese(font: QFont) -> QFont:
    """The system's font, with one that draws Chinese as it is written in China behind it."""
    made = QFont(font)
    known = set(QFontDatabase.families())
    made.setFamilies([QFontInfo(font).family(), *(name for name in CHINESE_FONTS if name in known)])
    return made
