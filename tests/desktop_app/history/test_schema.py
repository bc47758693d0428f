"""Opening the file: versions, a newer one, a damaged one, an unreachable one."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from desktop_app.history import schema
from desktop_app.history.exchanges import exchanges_of
from desktop_app.history.records import HistoryError, HistoryFault
from desktop_app.history.schema import MIGRATIONS, open_file
from tests.desktop_app.history.conftest import Opener
from tests.desktop_app.history.samples import conversation


def more(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")


def broken(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN half TEXT")
    connection.execute("SELECT * FROM nowhere")


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(version)


def parts_of(path: Path) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in sorted(path.parent.iterdir())}


def test_a_new_file_has_the_latest_version_and_the_promised_modes(path: Path) -> None:
    connection = open_file(path).connection
    modes = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("user_version", "journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    connection.close()
    assert modes == {
        "user_version": len(MIGRATIONS),
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 2000,
    }


def test_an_older_file_is_brought_up_and_keeps_what_it_holds(opened: Opener, path: Path) -> None:
    store = opened()
    store.add([conversation("c1", data=b"picture")])
    store.close()
    connection = open_file(path, (*MIGRATIONS, more)).connection
    assert connection.execute("SELECT id, colour FROM conversations").fetchall() == [("c1", "red")]
    connection.close()
    assert version_of(path) == len(MIGRATIONS) + 1


def test_turns_of_a_file_that_knew_no_models_keep_that_of_their_conversation(
    opened: Opener, path: Path
) -> None:
    old = open_file(path, MIGRATIONS[:2]).connection
    old.execute(
        "INSERT INTO conversations (id, title, created, updated, model) VALUES (?, ?, 1, 1, ?)",
        ["c1", "What?", "starter"],
    )
    old.executemany(
        """INSERT INTO turns (conversation, position, speaker, text, created, state)
        VALUES ('c1', ?, ?, ?, 1, 'finished')""",
        [(0, "user", "What?"), (1, "assistant", "A receipt.")],
    )
    old.close()
    kept = opened().load("c1")
    assert version_of(path) == len(MIGRATIONS)
    assert kept is not None
    assert [turn.model for turn in kept.turns] == ["", ""]
    (exchange,), _ = exchanges_of(kept.turns, kept.summary.model)
    assert (exchange.answer, exchange.version.model) == ("A receipt.", "starter")


def test_a_migration_that_fails_leaves_the_file_as_it_was(opened: Opener, path: Path) -> None:
    store = opened()
    store.add([conversation("c1")])
    store.close()
    with pytest.raises(HistoryError) as caught:
        open_file(path, (*MIGRATIONS, broken))
    assert caught.value.fault is HistoryFault.UNREACHABLE
    assert version_of(path) == len(MIGRATIONS)
    kept = opened().load("c1")
    assert kept == conversation("c1")


def test_a_newer_file_is_refused_and_left_untouched(opened: Opener, path: Path) -> None:
    store = opened()
    store.add([conversation("c1")])
    store.close()
    open_file(path, (*MIGRATIONS, more)).connection.close()
    before = parts_of(path)
    with pytest.raises(HistoryError) as caught:
        opened()
    assert caught.value.fault is HistoryFault.NEWER
    assert parts_of(path) == before


def test_a_newer_version_that_only_the_log_knows_is_refused_too(path: Path) -> None:
    writer = open_file(path).connection  # its log is not yet part of the file
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    writer.execute("PRAGMA user_version = 99")
    assert schema.version_in_header(path) == len(MIGRATIONS)
    with pytest.raises(HistoryError) as caught:
        open_file(path)
    writer.close()
    assert caught.value.fault is HistoryFault.NEWER
    assert version_of(path) == 99


def words(data: bytes) -> bytes:
    return b"this is no database, only words of somebody " * 50


def without_its_end(data: bytes) -> bytes:
    return data[: len(data) // 2]


def with_its_middle_overwritten(data: bytes) -> bytes:
    """All pages but the first."""
    return data[:16_384] + b"\xa5" * (len(data) - 16_384)


def without_a_schema(data: bytes) -> bytes:
    return data[:100] + b"\xff" * 16_000 + data[16_100:]


@pytest.mark.parametrize(
    "damage", [words, without_its_end, with_its_middle_overwritten, without_a_schema]
)
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    opened: Opener, path: Path, damage: object
) -> None:
    store = opened()
    store.add(conversation(f"c{n}", ("question " * 200, "answer " * 200)) for n in range(40))
    store.close()
    damaged = damage(path.read_bytes())  # type: ignore[operator]
    path.write_bytes(damaged)
    store = opened()
    assert store.set_aside is not None
    assert store.set_aside.read_bytes() == damaged
    assert store.set_aside.parent == path.parent
    assert store.summaries() == []
    store.add([conversation("new")])
    store.close()
    again = opened()
    assert again.set_aside is None
    assert again.load("new") == conversation("new")


def test_two_damaged_files_of_one_second_are_both_kept(path: Path) -> None:
    path.parent.mkdir()
    moment = datetime(2026, 3, 1, 12, 30)
    asides = []
    for word in (b"one " * 200, b"two " * 200):
        path.write_bytes(word)
        opened = open_file(path, now=lambda: moment)
        opened.connection.close()
        asides.append(opened.set_aside)
    assert asides[0] is not None
    assert asides[1] is not None
    assert asides[0].name == "history.damaged-20260301-123000.sqlite"
    assert asides[0].read_bytes() == b"one " * 200
    assert asides[1].read_bytes() == b"two " * 200


def test_an_empty_file_is_a_new_one(opened: Opener, path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    store = opened()
    assert store.set_aside is None
    assert store.summaries() == []


def test_a_folder_in_its_place_is_a_typed_error(opened: Opener, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(HistoryError) as caught:
        opened()
    assert caught.value.fault is HistoryFault.UNREACHABLE
    assert path.is_dir()


def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(HistoryError) as caught:
        open_file(tmp_path / "data" / "history.sqlite")
    assert caught.value.fault is HistoryFault.UNREACHABLE
