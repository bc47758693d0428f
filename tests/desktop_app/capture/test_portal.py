"""The desktop's portal over a real bus: registered first, answered, refused, cancelled, silent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_app.capture import portal as portal_module
from desktop_app.capture.errors import Fault, GrabError
from desktop_app.capture.geometry import Screen
from desktop_app.capture.portal import PortalBackend
from desktop_app.desktop_portal import request_path
from tests.desktop_app.capture.bus import StartPortal, asked, portals

SCREENS = [Screen("a", -40, 0, 40, 30), Screen("b", 0, 0, 20, 30)]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="portals are Linux's")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartPortal]:
    with portals(tmp_path, monkeypatch) as start:
        yield start


def test_a_picture_comes_and_no_copy_stays(tmp_path: Path, start: StartPortal) -> None:
    file = tmp_path / "Screenshot 1.png"
    image = QImage(120, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    image.save(str(file))
    log = start({"Screenshot": [0, {"uri": ["s", file.as_uri()]}]})
    frames = PortalBackend().grab(SCREENS)
    assert [(f.image.width(), f.image.height()) for f in frames] == [(80, 60), (40, 60)]
    assert frames[1].image.pixelColor(1, 1).name() == "#336699"
    assert not file.exists()
    assert [method for method, _ in asked(log)] == ["Register", "Screenshot"]
    assert asked(log)[0][1] == ["minicpmv", {}]
    parent, options = asked(log)[1][1]
    assert parent == "wayland:"
    assert options["interactive"] == ["b", False]


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ({"Screenshot": [1, {}]}, Fault.DENIED),
        ({"Screenshot": [2, {}]}, Fault.BROKEN),
        ({"Screenshot": [0, {}]}, Fault.BROKEN),
        ({"Screenshot": "nothing"}, Fault.NO_ANSWER),
        ({}, Fault.BROKEN),
    ],
)
def test_every_no_has_its_reason(
    start: StartPortal, monkeypatch: pytest.MonkeyPatch, plan: dict[str, object], fault: Fault
) -> None:
    monkeypatch.setattr(portal_module, "ANSWER_WITHIN", 0.3)
    start(plan)
    with pytest.raises(GrabError) as caught:
        PortalBackend().grab(SCREENS)
    assert caught.value.fault is fault


def test_no_bus_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(GrabError, match="no session bus"):
        PortalBackend().grab(SCREENS)


def test_where_an_answer_will_come() -> None:
    assert request_path(":1.42", "token") == ("/org/freedesktop/portal/desktop/request/1_42/token")
