"""The program as a whole: it starts, ends with the window, and its exit code is 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from desktop_app import app, launch

class Short(app.Desktop):
    def start(self, pictures=(), shown=True):
        super().start(pictures, shown)
        QTimer.singleShot(100, self.window.close)

app.Desktop = Short
sys.exit(launch.run(launch.Start(sys.argv[1], "cpu", pictures=(Path(sys.argv[2]),))))
"""


def test_the_program_ends_with_its_window(tmp_path: Path, picture_file: Path) -> None:
    folders = {f"XDG_{kind}_HOME": str(tmp_path) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path / "gone"), str(picture_file)],
        env={**os.environ, **folders, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
