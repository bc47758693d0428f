"""Two real processes: the second hands over and prints, a killed first leaves no trouble."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from desktop_app.instance.client import NoReply, send, server_name, start_and_send
from desktop_app.instance.messages import Command, Reply, Request
from desktop_app.paths import Paths
from desktop_app.screen_wish import ScreenWish

RUNNING = """
import sys
from PySide6.QtCore import QObject, Signal
from desktop_app import app, launch

class Reader(QObject):
    text_ready, failed, cancelled = Signal(str), Signal(object), Signal()

    def read_screen(self, wish):
        if wish.repeat:
            self.cancelled.emit()
        else:
            self.text_ready.emit(f"{wish.reader} {wish.screen} {wish.region}")

class Told(app.Desktop):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.screen_reader = Reader(self)

    def _begin(self, pictures):
        super()._begin(pictures)
        print("shown", self.window.isVisible(), [path.name for path in pictures], flush=True)

app.Desktop = Told
sys.exit(launch.run(launch.Start(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return person(tmp_path_factory.mktemp("person"))


def person(home: Path) -> dict[str, str]:
    folder = str(home)
    kinds = ("CONFIG", "DATA", "CACHE", "STATE")
    homes = {f"XDG_{kind}_HOME": folder for kind in kinds}
    return {
        **os.environ,
        **homes,
        "HOME": folder,
        "XDG_RUNTIME_DIR": folder,
        "QT_QPA_PLATFORM": "offscreen",
    }


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    os.chmod(environment["HOME"], 0o700)  # Qt wants a runtime folder that is nobody else's
    return subprocess.Popen(
        [sys.executable, "-c", RUNNING, str(Path(environment["HOME"]) / "gone")],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    stream: IO[str] | None = process.stdout
    assert stream is not None
    return stream.readline().strip()


@pytest.fixture(scope="module")
def running(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with start(environment) as process:
        assert line_of(process) == "shown True []"
        yield process
        process.kill()


def second(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_second_start_passes_its_picture(
    running: subprocess.Popen[str], environment: dict[str, str], picture_file: Path
) -> None:
    assert second(environment, str(picture_file)) == (0, "", "")
    assert line_of(running) == "shown True ['receipt.png']"


def test_the_text_of_the_screen_is_printed(
    running: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    words = ["--ocr", "--reader", "quick", "--screen", "1", "--rect=-5,0,20,10"]
    assert second(environment, *words) == (0, "quick 1 (-5, 0, 20, 10)\n", "")
    assert second(environment, "--ocr", "--repeat") == (130, "", "")


def test_in_the_background_nothing_comes_forward(
    running: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    assert second(environment, "--background") == (0, "", "")
    assert second(environment) == (0, "", "")
    assert line_of(running) == "shown True []"  # of the second call only


STARTED = """
import os, sys
print(os.getpid(), file=open(os.environ["HOME"] + "/pid", "w"))
"""


def test_without_a_program_one_is_started_and_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in person(tmp_path).items():
        monkeypatch.setenv(name, value)
    os.chmod(tmp_path, 0o700)
    code = STARTED + RUNNING.replace(
        "launch.Start(sys.argv[1])",
        "launch.Start(background=True, until_answered=sys.argv[2] == '--until-answered')",
    )
    wish = ScreenWish("model", 0, (1, 2, 3, 4))
    request = Request(Command.READ_SCREEN, wish=wish)
    name = server_name(Paths.for_user())
    assert send(name, request) is None
    try:
        reply = start_and_send(name, request, [sys.executable, "-c", code])
        assert reply == Reply(0, "model 0 (1, 2, 3, 4)")
        assert send(name, request) == reply  # it is still there, for the next one
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_a_program_that_cannot_start_is_told(
    tmp_path: Path,
) -> None:
    with pytest.raises(NoReply):
        start_and_send(
            str(tmp_path / "nobody"),
            Request(Command.OPEN),
            [sys.executable, "-c", "raise SystemExit(3)"],
        )


def test_after_a_crash_the_next_program_takes_the_place(tmp_path: Path) -> None:
    environment = person(tmp_path)
    for _ in range(2):
        with start(environment) as process:
            assert line_of(process) == "shown True []"
            process.kill()
