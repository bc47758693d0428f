"""Paths, translations, and whether there is a display."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app import display
from desktop_app.i18n import Catalog
from desktop_app.paths import Paths, model_folder, resource


def test_paths_under_a_folder_stay_there(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert {paths.config.parent, paths.data.parent, paths.cache.parent} == {tmp_path}
    assert list(tmp_path.iterdir()) == []


def test_models_are_found_by_name_or_folder(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert model_folder("starter", paths) == resource("starter")
    assert model_folder("minicpm-v-2", paths) == tmp_path / "data" / "models" / "MiniCPM-V-2"
    assert model_folder("~/mine", paths) == Path("~/mine").expanduser()
    assert model_folder(str(tmp_path), paths) == tmp_path


def test_resources_are_found_in_a_checkout_and_in_a_frozen_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (resource("icons") / "send.svg").is_file()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource("icons") == tmp_path / "resources" / "icons"


def test_translations_come_from_a_catalog_and_english_passes_through(tmp_path: Path) -> None:
    (tmp_path / "zh.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Open"\nmsgstr "打开"\n\nmsgid "New"\nmsgstr ""\n',
        encoding="utf-8",
    )
    catalog = Catalog()
    assert catalog.use("zh", tmp_path)
    assert [catalog.text(word) for word in ("Open", "New", "Copy")] == ["打开", "New", "Copy"]
    assert not catalog.use("fr", tmp_path)
    assert (catalog.language, catalog.text("Open")) == ("en", "Open")
    assert catalog.use("en", tmp_path)


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has no display")


@linux
def test_without_a_display_ask_is_named() -> None:
    problem = display.display_problem({})
    assert problem is not None
    assert "minicpmv ask" in problem


@linux
def test_a_display_that_does_not_answer_is_none() -> None:
    assert display.display_problem({"DISPLAY": ":4711"}) is not None
    assert display.display_problem({"WAYLAND_DISPLAY": "wayland-4711"}) is not None


@linux
def test_the_offscreen_platform_needs_no_display() -> None:
    assert display.display_problem({"QT_QPA_PLATFORM": "offscreen"}) is None


@linux
def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(path: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file")

    monkeypatch.setattr("ctypes.CDLL", cannot)
    problem = display.display_problem({"QT_QPA_PLATFORM": "xcb"})
    assert problem is not None
    assert "libxcb-cursor.so.0" in problem


def fresh(code: str) -> set[str]:
    """The modules that are loaded after some code ran in an interpreter of its own."""
    script = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


def test_the_window_opens_before_torch_is_loaded() -> None:
    loaded = fresh("import desktop_app.app")
    assert "PySide6.QtWidgets" in loaded
    assert not loaded & {"torch", "transformers", "timm", "numpy", "PIL"}


def test_the_words_need_no_qt() -> None:
    loaded = fresh(
        "import desktop_app.wording, desktop_app.notices, desktop_app.paths, desktop_app.display"
    )
    assert not loaded & {"PySide6", "torch"}


@linux
def test_the_binding_gives_no_reference_to_none_away() -> None:
    """PySide6 6.12 on Python 3.11 does, and the process dies after a few thousand calls."""
    script = (
        "from PySide6.QtCore import QObject\n"
        "thing = QObject()\n"
        "for _ in range(200_000): thing.setObjectName('x')\n"
    )
    assert fresh(script)
