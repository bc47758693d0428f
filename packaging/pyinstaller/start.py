"""Where a frozen program begins: what must be true before anything else is imported."""

from __future__ import annotations

import multiprocessing
import os
import sys


def open_streams() -> None:
    """Give a program without a console streams that swallow what it says.

    Windows starts a windowed program without any, and whoever writes to them would end it.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def main() -> int:
    """Run ``minicpmv``."""
    open_streams()
    multiprocessing.freeze_support()
    from desktop_app.command_line import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
