"""The file of the history: opening it, its versions, and what to do with a damaged one."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop_app.history.records import HistoryError, HistoryFault

BUSY_SECONDS = 2.0
APPLICATION_ID = 0x4D435056
Migration = Callable[[sqlite3.Connection], None]


def _first_version(connection: sqlite3.Connection) -> None:
    for statement in FIRST:
        connection.execute(statement)


# The thumbnail stands before the data: SQLite need not walk through a large picture to reach it.
FIRST = (
    """CREATE TABLE pictures (
        key TEXT PRIMARY KEY, name TEXT NOT NULL, media TEXT NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL,
        thumbnail BLOB NOT NULL, data BLOB NOT NULL)""",
    """CREATE TABLE conversations (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
        model TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
        renamed INTEGER NOT NULL DEFAULT 0, picture TEXT REFERENCES pictures(key),
        picture_name TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE turns (
        id INTEGER PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
        position INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0,
        shown INTEGER NOT NULL DEFAULT 1, speaker TEXT NOT NULL, text TEXT NOT NULL,
        created REAL NOT NULL, state TEXT NOT NULL, stop_reason TEXT,
        tokens_written INTEGER NOT NULL DEFAULT 0, write_seconds REAL NOT NULL DEFAULT 0,
        UNIQUE (conversation, position, version))""",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE INDEX in_order ON conversations (pinned DESC, updated DESC, id)",
    "CREATE INDEX by_picture ON conversations (picture)",
    "CREATE INDEX unfinished ON turns (state) WHERE state IN ('waiting', 'growing')",
    # What the search index holds: text that still grows is not worth indexing again and again.
    # Two more characters make every character the first of a piece of three.
    """CREATE VIEW searchable AS SELECT id, text || char(10, 10) AS text FROM turns
        WHERE state NOT IN ('waiting', 'growing')""",
    """CREATE TRIGGER picture_left AFTER DELETE ON conversations BEGIN
        DELETE FROM pictures WHERE key = old.picture
        AND NOT EXISTS (SELECT 1 FROM conversations WHERE picture = old.picture); END""",
    """CREATE TRIGGER picture_changed AFTER UPDATE OF picture ON conversations
        WHEN old.picture IS NOT new.picture BEGIN
        DELETE FROM pictures WHERE key = old.picture
        AND NOT EXISTS (SELECT 1 FROM conversations WHERE picture = old.picture); END""",
)


def _branches(connection: sqlite3.Connection) -> None:
    """Until now there was one version of everything, and 0 was its number."""
    connection.execute("ALTER TABLE turns ADD COLUMN follows INTEGER NOT NULL DEFAULT 0")


def _models(connection: sqlite3.Connection) -> None:
    """Until now every answer counted as given by the conversation's model."""
    connection.execute("ALTER TABLE turns ADD COLUMN model TEXT NOT NULL DEFAULT ''")


# The one at place n leads from version n to n + 1.
MIGRATIONS: tuple[Migration, ...] = (_first_version, _branches, _models)


OURS = """SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')
    AND name NOT GLOB 'search_*' AND name NOT GLOB 'sqlite_*'
    ORDER BY name = 'pictures', name = 'conversations'"""  # those that others refer to, last


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that is ready, and where a damaged file went."""

    connection: sqlite3.Connection
    set_aside: Path | None = None


def open_file(
    path: Path,
    migrations: Sequence[Migration] = MIGRATIONS,
    now: Callable[[], datetime] = datetime.now,
) -> Opened:
    """Open or begin the history at a path. Raises HistoryError."""
    with typed_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_newer(version_in_header(path), migrations)
    try:
        return Opened(_open(path, migrations))
    except HistoryError as error:
        if error.fault is not HistoryFault.DAMAGED:
            raise
    with typed_errors():
        aside = _move_aside(path, now())
    return Opened(_open(path, migrations), aside)


def version_in_header(path: Path) -> int:
    """The schema version as the file's first page says it: nothing is opened for writing."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return 0
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return 0
    return int(struct.unpack(">i", header[60:64])[0])


@contextmanager
def typed_errors() -> Iterator[None]:
    """Let the errors of SQLite and of the file system leave as HistoryError."""
    try:
        yield
    except sqlite3.Error as error:
        raise HistoryError(_fault(error), str(error)) from error
    except OSError as error:
        raise HistoryError(HistoryFault.UNREACHABLE, error.strerror or str(error)) from error


def _fault(error: sqlite3.Error) -> HistoryFault:
    # The low byte is the primary code; errors of the module itself carry none.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return {
        sqlite3.SQLITE_BUSY: HistoryFault.BUSY,
        sqlite3.SQLITE_LOCKED: HistoryFault.BUSY,
        sqlite3.SQLITE_FULL: HistoryFault.NO_ROOM,
        sqlite3.SQLITE_CORRUPT: HistoryFault.DAMAGED,
        sqlite3.SQLITE_NOTADB: HistoryFault.DAMAGED,
    }.get(code, HistoryFault.UNREACHABLE)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; on disk when it is left."""
    with typed_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _open(path: Path, migrations: Sequence[Migration]) -> sqlite3.Connection:
    with typed_errors():
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _prepare(connection, migrations)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    version = _version(connection)
    _refuse_newer(version, migrations)
    if version == 0:
        connection.execute("PRAGMA page_size = 16384")  # large pictures take fewer pages
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA cache_size = -16000")  # KiB
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL also waits for the disk at each commit: saved means saved when the power goes.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    _migrate(connection, migrations)
    for table in ("conversations", "turns"):  # not the pictures, which may be gigabytes
        answer = connection.execute(f"PRAGMA quick_check('{table}')").fetchone()[0]
        if answer != "ok":
            raise HistoryError(HistoryFault.DAMAGED, str(answer))


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    while (version := _version(connection)) < len(migrations):
        with transaction(connection):
            if _version(connection) == version:  # else another program was faster
                migrations[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def begin_anew(connection: sqlite3.Connection) -> None:
    """Drop everything and make it again, which is far faster than to delete row by row."""
    connection.execute("PRAGMA secure_delete = OFF")  # nothing of the old file will be left
    with transaction(connection):
        for kind, name in connection.execute(OURS).fetchall():
            connection.execute(f"DROP {kind} IF EXISTS {name}")
        for migration in MIGRATIONS:
            migration(connection)
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("PRAGMA secure_delete = ON")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_newer(version: int, migrations: Sequence[Migration]) -> None:
    if version > len(migrations):
        raise HistoryError(HistoryFault.NEWER, str(version))


def _move_aside(path: Path, now: datetime) -> Path:
    """Rename the file, and the log beside it that belongs to it."""
    stem = f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}"
    aside, number = path.with_name(f"{stem}{path.suffix}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
