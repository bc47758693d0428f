"""What the program must have loaded before Qt, on which system."""

import subprocess
import sys

LOADS = """
import sys
from desktop_app.program import load_before_qt
load_before_qt({platform!r})
print("torch" in sys.modules, "PySide6" in sys.modules)
"""


def loaded(root, platform):
    command = [sys.executable, "-c", LOADS.format(platform=platform)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_torch_comes_before_qt_on_windows_alone(request):
    root = request.config.rootpath
    assert loaded(root, "win32") == ["True", "False"]
    assert loaded(root, "linux") == ["False", "False"]
