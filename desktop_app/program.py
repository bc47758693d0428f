"""How this program is started again: from a checkout, an installation, or a frozen folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path


def program_command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The words of a command line that starts this program, without arguments."""
    if environment.get("APPIMAGE"):
        return [environment["APPIMAGE"]]  # what is mounted now is gone after the end
    if getattr(sys, "frozen", False):
        return [sys.executable]
    name = "minicpmv.exe" if sys.platform == "win32" else "minicpmv"
    script = Path(sys.executable).parent / name
    return [str(script)] if script.is_file() else [sys.executable, "-m", "desktop_app"]


def load_before_qt(platform: str = sys.platform) -> None:
    """Load what could not be loaded once Qt is there.

    On Windows torch's own libraries fail behind Qt's (WinError 1114; pytorch issue 166628).
    Elsewhere the window comes first.
    """
    if platform == "win32":
        import_module("torch")
