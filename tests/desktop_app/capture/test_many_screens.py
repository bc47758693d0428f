"""Several monitors, left of and above the main one and of other scales, without a display."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCREENS = (
    ("main", 0, 0, 1280, 720, 1),
    ("left", -800, 100, 800, 600, 2),
    ("top", 0, -400, 640, 400, 1),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program tells that runs on such a desktop; its screens come from a file."""
    folder = tmp_path_factory.mktemp("screens")
    names = ("name", "x", "y", "width", "height", "dpr")
    screens = [
        {**dict(zip(names, screen, strict=True)), "logicalDpi": 96, "logicalBaseDpi": 96}
        for screen in SCREENS
    ]
    (folder / "screens.json").write_text(json.dumps({"screens": screens}), encoding="utf-8")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen:configfile=screens.json",  # a full path may have a colon
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.desktop_app.capture.many_screens"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_each_monitor_is_covered_where_it_lies(told: dict[str, Any]) -> None:
    assert told["covers"] == {name: [x, y, w, h] for name, x, y, w, h, _ in SCREENS}


@pytest.mark.parametrize("number", range(len(SCREENS)))
def test_a_drag_gives_the_pixels_of_its_monitor(told: dict[str, Any], number: int) -> None:
    name, x, y, _, _, scale = SCREENS[number]
    assert told["chosen"][list(told["covers"]).index(name)] == {
        "screen": name,
        "region": [50 * scale, 40 * scale, 100 * scale, 60 * scale],
        "place": [x + 50, y + 40, 100, 60],
    }


def test_keys_go_from_monitor_to_monitor(told: dict[str, Any]) -> None:
    names = list(told["covers"])
    start = names.index(told["walked"][0])
    assert told["walked"] == [names[start], names[(start + 1) % 3], names[start], names[0]]


def test_the_last_region_is_found_on_its_monitor(told: dict[str, Any]) -> None:
    assert told["chosen"][-1] == {
        "screen": "left",
        "region": [4, 6, 80, 60],
        "place": [-798, 103, 40, 30],
    }
