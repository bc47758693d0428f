"""Settings: what is written, what is read back, and what bad files do."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from desktop_app.settings import RULES, VERSION, Settings, range_of, values_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    Settings(theme="dark").save(path)
    assert json.loads(path.read_text()) == {"version": VERSION, "theme": "dark"}
    assert Settings.load(path) == Settings(theme="dark")
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_every_kind_of_value_comes_back(path: Path) -> None:
    made = Settings(
        font_scale=150,
        tray=False,
        temperature=1.25,
        capture_delay=3,
        shortcuts=(("open", "Ctrl+Shift+O"), ("new", "")),
        model="结构/模型",
    )
    made.save(path)
    assert Settings.load(path) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"theme": "pink"}',
        '{"theme": 3, "language": null, "more": 1}',
        '{"font_scale": 1000}',
        '{"font_scale": true}',
        '{"font_scale": "100"}',
        '{"tray": 1}',
        '{"capture_delay": 4}',
        '{"shortcuts": {"open": 3}}',
        '{"shortcuts": ["open"]}',
        '{"temperature": NaN}',
    ],
)
def test_bad_settings_fall_back_and_are_logged(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(text)
    assert Settings.load(path) == Settings()
    assert caplog.records


def test_one_bad_value_leaves_the_others(path: Path) -> None:
    path.write_text('{"theme": "pink", "language": "zh"}')
    settings, bad = Settings.read(path)
    assert (settings, bad) == (Settings(language="zh"), ["theme"])


def test_missing_settings_are_the_defaults(path: Path) -> None:
    assert Settings.load(path) == Settings()


def test_what_a_newer_version_wrote_is_kept(path: Path) -> None:
    path.write_text('{"version": 9, "theme": "dark", "smell": {"of": ["roses"]}}')
    replace(Settings.load(path), theme="light").save(path)
    assert json.loads(path.read_text()) == {
        "version": VERSION,
        "theme": "light",
        "smell": {"of": ["roses"]},
    }
    assert Settings.load(path).reset().unknown == {"smell": {"of": ["roses"]}}


def test_a_value_is_checked_before_it_is_taken() -> None:
    assert Settings().with_value("font_scale", 110).font_scale == 110
    with pytest.raises(ValueError, match="font_scale"):
        Settings().with_value("font_scale", 210)


def test_every_default_passes_its_own_check() -> None:
    assert {name for name, good in RULES.items() if not good(getattr(Settings(), name))} == set()
    assert {each.name for each in fields(Settings)} == {*RULES, "unknown"}


def test_the_choices_and_ranges_are_known() -> None:
    assert values_of("theme") == ("system", "light", "dark")
    assert range_of("font_scale") == (90, 200)
