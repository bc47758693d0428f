"""Ways to grab the screen: their order, their reasons, pictures cut into monitors, black ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_app.capture import macos_permission, system_tools
from desktop_app.capture.backends import Session, all_backends, grab
from desktop_app.capture.errors import CaptureError, Fault, GrabError
from desktop_app.capture.frames import Frame, all_black, split
from desktop_app.capture.geometry import Rect, Screen
from desktop_app.capture.portal import file_of
from desktop_app.capture.system_tools import GrimBackend, SpectacleBackend, run

X11 = Session("linux")
SWAY = Session("linux", wayland=True, desktop="sway")
GNOME = Session("linux", wayland=True, desktop="ubuntu:gnome")
KDE = Session("linux", wayland=True, desktop="kde")
SCREENS = [Screen("a", 0, 0, 40, 30), Screen("b", 40, 0, 20, 30)]


def picture(width: int, height: int, color: str = "white") -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


@dataclass
class Scripted:
    """A way that says what it was told to say."""

    name: str = "scripted"
    fits: bool = True
    lacks: str = ""
    answer: QImage | GrabError = field(default_factory=lambda: picture(60, 30))
    asked: int = 0

    def compatible(self, session: Session) -> bool:
        return self.fits

    def missing(self) -> str:
        return self.lacks

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        self.asked += 1
        if isinstance(self.answer, GrabError):
            raise self.answer
        return split(self.answer, screens)


def test_the_first_way_that_works_is_used() -> None:
    ways = [
        Scripted("other", fits=False),
        Scripted("absent", lacks="absent"),
        Scripted("broken", answer=GrabError(Fault.BROKEN, "why")),
        Scripted("black", answer=picture(60, 30, "black")),
        Scripted("good"),
        Scripted("spare"),
    ]
    frames = grab(ways, X11, SCREENS)
    assert [frame.image.width() for frame in frames] == [40, 20]
    assert [way.asked for way in ways] == [0, 0, 1, 1, 1, 0]


def test_every_reason_is_told() -> None:
    ways = [
        Scripted("other", fits=False),
        Scripted("absent", lacks="grim"),
        Scripted("broken", answer=GrabError(Fault.BROKEN, "why")),
        Scripted("black", answer=picture(60, 30, "black")),
    ]
    with pytest.raises(CaptureError) as caught:
        grab(ways, X11, SCREENS)
    assert [(one.way, one.fault, one.detail) for one in caught.value.attempts] == [
        ("other", Fault.NOT_HERE, ""),
        ("absent", Fault.NOT_INSTALLED, "grim"),
        ("broken", Fault.BROKEN, "why"),
        ("black", Fault.BLACK, ""),
    ]


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.NO_PERMISSION])
def test_a_no_is_not_asked_round(fault: Fault) -> None:
    ways = [Scripted("first", answer=GrabError(fault)), Scripted("second")]
    with pytest.raises(CaptureError) as caught:
        grab(ways, X11, SCREENS)
    assert caught.value.has(fault)
    assert ways[1].asked == 0


@pytest.mark.parametrize(
    ("session", "names"),
    [
        (X11, ["mss", "desktop portal", "spectacle"]),
        (SWAY, ["desktop portal", "grim", "spectacle"]),
        (GNOME, ["desktop portal", "spectacle"]),
        (KDE, ["desktop portal", "spectacle"]),
        (Session("win32"), ["mss"]),
        (Session("darwin"), ["mss", "screencapture"]),
    ],
)
def test_what_fits_which_session(session: Session, names: list[str]) -> None:
    assert [way.name for way in all_backends() if way.compatible(session)] == names


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sessions of Linux")
@pytest.mark.parametrize(
    ("environment", "wayland"),
    [
        ({"DISPLAY": ":0"}, False),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"XDG_SESSION_TYPE": "wayland"}, True),
        ({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"}, False),
    ],
)
def test_the_session_is_recognised(environment: dict[str, str], wayland: bool) -> None:
    assert Session.here(environment).wayland is wayland


def test_black_is_recognised_to_the_last_pixel() -> None:
    image = picture(61, 31, "black")
    assert all_black([Frame(SCREENS[0], image)])
    image.setPixelColor(60, 30, QColor("#050505"))
    assert not all_black([Frame(SCREENS[0], image)])
    assert not all_black([Frame(SCREENS[0], picture(9, 9, "black")), Frame(SCREENS[1], image)])


def test_a_frame_is_cut_in_its_own_pixels() -> None:
    image = picture(50, 40)
    image.setPixelColor(10, 12, QColor("red"))
    cut = Frame(SCREENS[0], image).cut(Rect(10, 12, 100, 5))
    assert (cut.width(), cut.height()) == (40, 5)
    assert cut.pixelColor(0, 0) == QColor("red")


def test_monitors_are_cut_out_of_the_desktop() -> None:
    image = picture(120, 60)
    image.setPixelColor(80, 0, QColor("red"))
    first, second = split(image, SCREENS)
    assert (first.image.width(), second.image.width()) == (80, 40)
    assert second.image.pixelColor(0, 0) == QColor("red")


def tool(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are for a shell")


@needs_shell
def test_grim_is_asked_for_each_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shot.ppm"
    picture(33, 22, "#123456").save(str(file))
    tool(tmp_path, "grim", f'echo "$4" >> {tmp_path}/asked; cat {file}', monkeypatch)
    assert GrimBackend().missing() == ""
    frames = GrimBackend().grab(SCREENS)
    assert [frame.image.pixelColor(5, 5).name() for frame in frames] == ["#123456"] * 2
    assert (tmp_path / "asked").read_text().split() == ["a", "b"]


@needs_shell
def test_spectacle_writes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shot.png"
    picture(60, 30, "#654321").save(str(file))
    tool(tmp_path, "spectacle", f'cp {file} "$5"', monkeypatch)
    frames = SpectacleBackend().grab(SCREENS)
    assert [frame.image.width() for frame in frames] == [40, 20]


@needs_shell
def test_what_a_tool_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, "grim", "echo no such output >&2; exit 1", monkeypatch)
    with pytest.raises(GrabError) as caught:
        GrimBackend().grab(SCREENS)
    assert (caught.value.fault, caught.value.detail) == (Fault.BROKEN, "no such output")


@needs_shell
def test_a_tool_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_tools, "LONGEST", 0.1)
    with pytest.raises(GrabError) as caught:
        run(["tail", "-f", os.devnull])
    assert caught.value.fault is Fault.NO_ANSWER


@needs_shell
def test_a_tool_that_writes_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, "grim", "echo not a picture", monkeypatch)
    with pytest.raises(GrabError, match="cannot be read"):
        GrimBackend().grab(SCREENS)


def test_a_tool_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert GrimBackend().missing() == "grim"
    assert SpectacleBackend().missing() == "spectacle"


def test_the_portal_names_a_file() -> None:
    assert file_of(("s", "file:///tmp/a%20b%C3%A9.png")) == Path("/tmp/a bé.png")
    for answer in (None, ("s", "https://host.test/a.png")):
        with pytest.raises(GrabError, match="no file"):
            file_of(answer)


def test_without_the_right_macos_is_not_asked_for_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(function: str) -> bool:
        asked.append(function)
        return False

    macos_permission.require()  # elsewhere there is nothing to ask
    monkeypatch.setattr(macos_permission, "_ask", answer)
    with pytest.raises(GrabError) as caught:
        macos_permission.require()
    assert caught.value.fault is Fault.NO_PERMISSION
    assert asked == ["CGPreflightScreenCaptureAccess", "CGRequestScreenCaptureAccess"]
