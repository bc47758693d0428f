"""The panel in the window: opening, searching, renaming, deleting, files, places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import ModelChoice
from desktop_app.history.records import Hit, Summary
from desktop_app.notices import Help
from desktop_app.paths import Paths
from desktop_app.ui.history_list import around
from desktop_app.ui.history_panel import PAGE
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import (
    ago,
    choose,
    click,
    panel,
    press,
    questions,
    rows_entry,
    shown,
)
from tests.desktop_app.history.samples import conversation
from tests.desktop_app.test_accessible_names import unnamed
from tests.fakes import FakeEngines, Gate


def test_conversations_are_listed_by_day(filled: Desktop) -> None:
    assert panel(filled).isVisible()
    assert shown(filled) == [
        *("today", "What is the total?"),
        *("yesterday", "请读出图片里的文字"),
        *("week", "What colour is the sky?"),
        *("earlier", "Translate the sign"),
    ]
    rows = panel(filled).rows
    heading = rows.index(0)
    assert heading.data() == "Today"
    assert not rows.flags(heading) & Qt.ItemFlag.ItemIsEnabled


def test_a_click_opens_a_conversation(qtbot: QtBot, filled: Desktop, until: Waiter) -> None:
    click(qtbot, filled, "total")
    until(lambda: filled.conversation.picture is not None)
    assert questions(filled) == ["What is the total?"]
    assert panel(filled).list.delegate.open_key == "total"
    click(qtbot, filled, "sky")
    assert questions(filled) == ["What colour is the sky?"]
    assert filled.conversation.picture is None
    assert filled.window.composer.edit.hasFocus()


def test_enter_opens_and_arrows_pass_over_headings(qtbot: QtBot, filled: Desktop) -> None:
    press(qtbot, filled, "total", Qt.Key.Key_Down)
    qtbot.keyClick(panel(filled).list, Qt.Key.Key_Down)
    qtbot.keyClick(panel(filled).list, Qt.Key.Key_Return)
    assert questions(filled) == ["What colour is the sky?"]


def test_a_new_conversation_appears_at_once_and_moves_up(filled: Desktop, until: Waiter) -> None:
    filled.conversation.ask("Brand new?")
    assert shown(filled)[:3] == ["today", "Brand new?", "What is the total?"]
    until(lambda: not filled.conversation.busy)
    filled.recorder.take_up("old")
    filled.conversation.ask("And now?")
    until(lambda: not filled.conversation.busy)
    assert shown(filled)[:3] == ["today", "Translate the sign", "Brand new?"]
    assert panel(filled).list.delegate.open_key == "old"


def test_ctrl_f_searches_and_keys_lead_into_the_list(
    qtbot: QtBot, filled: Desktop, until: Waiter
) -> None:
    filled.window.history.show_wished(False)
    assert not panel(filled).isVisible()
    qtbot.keyClick(filled.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel(filled).isVisible()
    search = panel(filled).search
    assert search.hasFocus()
    search.setText("收据")
    until(lambda: shown(filled) == ["yesterday", "请读出图片里的文字"])
    hit = rows_entry(filled, "chinese").hit
    assert hit is not None
    assert around(hit) == ("", "收据", ":合计 42.10")
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert panel(filled).list.hasFocus()
    qtbot.keyClick(panel(filled).list, Qt.Key.Key_Return)
    assert questions(filled) == ["请读出图片里的文字"]


def test_escape_clears_the_search_then_leaves_it(
    qtbot: QtBot, filled: Desktop, until: Waiter
) -> None:
    panel(filled).begin_search()
    panel(filled).search.setText("nowhere at all")
    until(lambda: panel(filled).nothing.isVisible())
    assert "nowhere at all" in panel(filled).nothing.text()
    qtbot.keyClick(panel(filled).search, Qt.Key.Key_Escape)
    until(lambda: len(shown(filled)) == 8)
    assert panel(filled).search.hasFocus()
    qtbot.keyClick(panel(filled).search, Qt.Key.Key_Escape)
    assert filled.window.composer.edit.hasFocus()


def editor_of(desktop: Desktop) -> QLineEdit:
    (editor,) = panel(desktop).list.viewport().findChildren(QLineEdit)
    return editor


def test_f2_renames_in_place(qtbot: QtBot, filled: Desktop, until: Waiter) -> None:
    press(qtbot, filled, "sky", Qt.Key.Key_F2)
    editor = editor_of(filled)
    assert editor.text() == editor.selectedText() == "What colour is the sky?"
    assert unnamed(filled.window) == []
    editor.insert("Abend 晚上")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    until(lambda: "Abend 晚上" in shown(filled))
    assert questions(filled) == []  # Enter was for the editor


def test_escape_leaves_a_title_as_it_was(qtbot: QtBot, filled: Desktop) -> None:
    press(qtbot, filled, "sky", Qt.Key.Key_F2)
    qtbot.keyClicks(editor_of(filled), "something else")
    qtbot.keyClick(editor_of(filled), Qt.Key.Key_Escape)
    assert not panel(filled).list.editing
    assert "What colour is the sky?" in shown(filled)


def test_an_answer_that_ends_does_not_close_the_editor(
    qtbot: QtBot, filled: Desktop, until: Waiter
) -> None:
    press(qtbot, filled, "sky", Qt.Key.Key_F2)
    qtbot.keyClicks(editor_of(filled), "half ti")
    filled.conversation.ask("Meanwhile?")
    until(lambda: not filled.conversation.busy)
    assert panel(filled).list.editing
    qtbot.keyClicks(editor_of(filled), "tle")
    qtbot.keyClick(editor_of(filled), Qt.Key.Key_Return)
    until(lambda: {"half title", "Meanwhile?"} <= set(shown(filled)))


def test_delete_removes_and_the_notice_undoes(qtbot: QtBot, filled: Desktop) -> None:
    press(qtbot, filled, "chinese", Qt.Key.Key_Delete)
    assert "请读出图片里的文字" not in shown(filled)
    assert "yesterday" not in shown(filled)
    assert panel(filled).rows.entry(panel(filled).list.currentIndex()) is not None
    notice = filled.window.notice
    assert notice.notice is not None
    assert notice.notice.help is Help.UNDO
    qtbot.mouseClick(notice.help_button, Qt.MouseButton.LeftButton)
    assert shown(filled)[2:4] == ["yesterday", "请读出图片里的文字"]


def test_one_that_is_being_answered_is_deleted_and_comes_back_by_keys(
    qtbot: QtBot, filled: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half an answer"), gate, TextDelta("")])
    filled.conversation.ask("A long story?")
    until(lambda: filled.conversation.text_so_far == "Half an answer")
    key = filled.recorder.current
    press(qtbot, filled, key, Qt.Key.Key_Delete)
    gate.open()
    until(lambda: not filled.conversation.busy)
    assert "A long story?" not in shown(filled)
    assert questions(filled) == []
    click(qtbot, filled, "total")  # something else in between, with a picture
    until(lambda: questions(filled) == ["What is the total?"])
    undo = filled.window.notice.help_button
    assert undo.isVisible()
    undo.setFocus()
    qtbot.keyClick(undo, Qt.Key.Key_Space)
    assert "A long story?" in shown(filled)
    (kept,) = filled.recorder.kept([key])
    assert [turn.text for turn in kept.turns] == ["A long story?", "Half an answer"]


def test_deleting_the_last_one_leaves_the_empty_state(qtbot: QtBot, filled: Desktop) -> None:
    for key in ("total", "chinese", "sky", "old"):
        press(qtbot, filled, key, Qt.Key.Key_Delete)
    assert shown(filled) == []
    assert panel(filled).nothing.isVisible()
    assert "No conversations yet" in panel(filled).nothing.text()
    assert not any(action.isEnabled() for action in panel(filled).more_menu().actions()[:1])


def test_the_menu_pins_and_unpins(filled: Desktop) -> None:
    choose(panel(filled).menu_for("old"), "Pin")
    assert shown(filled)[:2] == ["pinned", "Translate the sign"]
    choose(panel(filled).menu_for("old"), "Unpin")
    assert shown(filled)[-1] == "Translate the sign"


def test_the_menu_comes_by_mouse_and_by_key(filled: Desktop) -> None:
    asked: list[tuple[str, QPoint]] = []
    panel(filled).list.menu_wished.disconnect()
    panel(filled).list.menu_wished.connect(lambda key, place: asked.append((key, place)))
    listed = panel(filled).list
    listed.setCurrentIndex(panel(filled).rows.index_of("sky"))
    for reason, key in (
        (QContextMenuEvent.Reason.Mouse, "total"),
        (QContextMenuEvent.Reason.Keyboard, "total"),
    ):
        place = listed.visualRect(panel(filled).rows.index_of(key)).center()
        event = QContextMenuEvent(reason, place, listed.viewport().mapToGlobal(place))
        QApplication.sendEvent(listed.viewport(), event)
    assert [key for key, _ in asked] == ["total", "sky"]
    heading = listed.visualRect(panel(filled).rows.index(0)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, heading, heading)
    QApplication.sendEvent(listed.viewport(), event)
    assert len(asked) == 2


def test_do_not_keep_is_shown_plainly(qtbot: QtBot, filled: Desktop, until: Waiter) -> None:
    bar = filled.window.top_bar
    assert not bar.not_kept.isVisible()
    qtbot.mouseClick(panel(filled).private, Qt.MouseButton.LeftButton)
    assert bar.not_kept.isVisible()
    assert not filled.recorder.keeping
    filled.conversation.ask("Secret?")
    until(lambda: not filled.conversation.busy)
    assert "Secret?" not in shown(filled)
    panel(filled).private.setFocus()
    qtbot.keyClick(panel(filled).private, Qt.Key.Key_Space)
    assert filled.recorder.keeping
    assert not bar.not_kept.isVisible()


def left_of_composer(desktop: Desktop) -> int:
    return desktop.window.composer.mapTo(desktop.window, QPoint(0, 0)).x()


def test_the_panel_makes_room_and_gives_way(qtbot: QtBot, filled: Desktop, until: Waiter) -> None:
    window = filled.window
    window.resize(1100, 760)
    until(lambda: left_of_composer(filled) >= panel(filled).width())
    assert window.top_bar.history_button.isChecked()
    window.resize(700, 600)
    assert not panel(filled).isVisible()
    until(lambda: left_of_composer(filled) < panel(filled).width())
    qtbot.mouseClick(window.top_bar.history_button, Qt.MouseButton.LeftButton)
    assert panel(filled).isVisible()  # over the page, which keeps its place
    assert left_of_composer(filled) < panel(filled).width()
    click(qtbot, filled, "sky")
    assert not panel(filled).isVisible()
    window.resize(1100, 760)
    assert panel(filled).isVisible()
    window.resize(640, 480)
    assert window.width() == 640


def test_whether_it_is_shown_is_remembered(
    qtbot: QtBot, filled: Desktop, tmp_path: Path, qapp: QApplication, engines: FakeEngines
) -> None:
    filled.window.top_bar.history_button.click()
    filled.window.close()
    made = Desktop(qapp, Paths.under(tmp_path), ModelChoice("starter", tmp_path), engines.make)
    qtbot.addWidget(made.window)
    assert not made.window.history.wished
    made.shutdown()


def test_it_is_hidden_while_there_is_nothing_in_it(desktop: Desktop) -> None:
    assert not desktop.window.history.wished


def test_a_long_history_comes_in_parts(filled: Desktop, until: Waiter) -> None:
    filled.recorder.add(
        conversation(f"c{number}", updated=ago(400) - number) for number in range(2 * PAGE)
    )
    assert len(shown(filled)) < PAGE + 10
    listed = panel(filled).list

    def all_came() -> bool:
        listed.scrollToBottom()
        return len(shown(filled)) == 2 * PAGE + 8

    until(all_came)
    assert shown(filled).count("earlier") == 1
    assert panel(filled).rows.index_of(f"c{2 * PAGE - 1}").isValid()


def test_every_control_has_a_name(filled: Desktop) -> None:
    assert unnamed(filled.window) == []
    assert panel(filled).list.accessibleName() == "Conversations"


def test_it_draws_in_both_themes(filled: Desktop, until: Waiter) -> None:
    pictures = []
    for wish in ("light", "dark"):
        filled.theme.use(wish)
        pictures.append(panel(filled).grab().toImage())
    assert pictures[0] != pictures[1]
    panel(filled).search.setText("42.10")
    until(lambda: len(shown(filled)) == 4)
    assert panel(filled).grab().toImage() != pictures[1]


def test_a_snippet_fits_a_short_line() -> None:
    summary = Summary("a", "t", 0, 0)
    hit = Hit(summary, "The total is **42.10** at `Harbour` Books.", 26, 7)
    before, match, after = around(hit)
    assert match == hit.snippet[26:33]
    assert "*" not in before + after
    assert before.startswith("…")
    assert around(replace(hit, snippet="Harbour", start=0))[0] == ""
