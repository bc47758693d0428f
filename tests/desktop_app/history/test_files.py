"""Conversations leave as files and come back, from the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from desktop_app.app import Desktop
from desktop_app.ui.history_side import file_name
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import (
    choose,
    panel,
    shown,
)
from tests.desktop_app.test_accessible_names import unnamed


@pytest.mark.parametrize(
    ("name", "ending", "holds"),
    [
        ("Markdown", "md", "# What is the total?"),
        ("Text", "txt", "You:\nWhat is the total?"),
        ("JSON", "json", '"minicpmv-history"'),
    ],
)
def test_one_conversation_is_exported(
    filled: Desktop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    ending: str,
    holds: str,
) -> None:
    offered: list[str] = []

    def answer(parent: object, caption: str, start: str, kinds: str) -> tuple[str, str]:
        offered.append(start)
        return str(tmp_path / "chosen"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    formats = panel(filled).menu_for("total").findChildren(QMenu)[0]
    choose(formats, name)
    assert offered == [f"What is the total.{ending}"]
    written = (tmp_path / f"chosen.{ending}").read_text(encoding="utf-8")
    assert holds in written
    assert "42.10" in written
    assert "请读出" not in written
    notice = filled.window.notice.notice
    assert notice is not None
    assert f"chosen.{ending}" in notice.title


def test_all_is_exported_deleted_and_imported(
    filled: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Waiter
) -> None:
    path = tmp_path / "all.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    before = filled.recorder.kept()
    choose(panel(filled).more_menu(), "Export all…")
    choose(panel(filled).more_menu(), "Delete all…")
    (box,) = filled.window.findChildren(QMessageBox)
    assert unnamed(box) == []
    assert filled.recorder.kept() == before  # it asks first
    next(button for button in box.buttons() if button.text() == "Delete all").click()
    until(lambda: shown(filled) == [])
    choose(panel(filled).more_menu(), "Import…")
    assert filled.recorder.kept() == before
    assert "4 conversations" in filled.window.notice.title.text()
    choose(panel(filled).more_menu(), "Import…")
    assert "4 were there already" in filled.window.notice.body.text()


@pytest.mark.parametrize("data", [b"words", b"\xff\xfe\x00", b"{}", b'{"format": "x"}'])
def test_a_file_that_is_no_history_gives_a_notice(
    filled: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    before = filled.recorder.kept()
    choose(panel(filled).more_menu(), "Import…")
    assert filled.window.notice.isVisible()
    assert filled.recorder.kept() == before


def test_cancelled_dialogs_change_nothing(filled: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    choose(panel(filled).more_menu(), "Export all…")
    choose(panel(filled).more_menu(), "Import…")
    assert not filled.window.notice.isVisible()


def test_names_that_every_system_takes() -> None:
    assert file_name('a/b\\c: "d"?\n<e>|*') == "a b c d e"
    assert file_name("..") == "Conversation"
    assert file_name("收据" * 100) == "收据" * 30
    assert len(file_name("x" * 500)) <= 60
