"""Finding text: an index of three-character pieces where SQLite has it, a scan where not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from desktop_app.history.schema import transaction

PIECE = 3  # characters; a shorter query is looked for as the beginning of pieces
MOST_PIECES = 1000
MOST_TURNS = 1000  # of a very common word, the latest turns are enough
BEFORE, AFTER = 24, 72  # characters of a snippet around the match
INDEX = """CREATE VIRTUAL TABLE search USING fts5(
    text, content='searchable', content_rowid='id', tokenize='trigram')"""
NO_PIECES = "DROP TABLE IF EXISTS temp.pieces"
PIECES = "CREATE VIRTUAL TABLE temp.pieces USING fts5vocab('main', 'search', 'row')"
GROWING = "{row}.state IN ('waiting', 'growing')"
FORGET = """INSERT INTO search (search, rowid, text)
    SELECT 'delete', old.id, old.text || char(10, 10)"""
LEARN = "INSERT INTO search (rowid, text) SELECT new.id, new.text || char(10, 10)"
# Of this connection only: a program whose SQLite has no such index can still write the file.
TRIGGERS = (
    f"CREATE TEMP TRIGGER turn_came AFTER INSERT ON main.turns BEGIN "
    f"{LEARN} WHERE NOT {GROWING.format(row='new')}; END",
    f"CREATE TEMP TRIGGER turn_went AFTER DELETE ON main.turns BEGIN "
    f"{FORGET} WHERE NOT {GROWING.format(row='old')}; END",
    f"CREATE TEMP TRIGGER turn_changed AFTER UPDATE OF text, state ON main.turns BEGIN "
    f"{FORGET} WHERE NOT {GROWING.format(row='old')}; "
    f"{LEARN} WHERE NOT {GROWING.format(row='new')}; END",
)
IN_INDEX = f"""SELECT conversation, MIN(position), text FROM turns WHERE shown AND id IN (
    SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT {MOST_TURNS})
    GROUP BY conversation"""
IN_TURNS = """SELECT conversation, MIN(position), text FROM turns
    WHERE shown AND {test} GROUP BY conversation"""


def has_trigrams(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite can index three-character pieces."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5(x, tokenize='trigram')")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        return False
    return True


def prepare(connection: sqlite3.Connection, trigrams: bool) -> None:
    """Make the index match the turns, or note that it no longer does."""
    connection.create_function("holds", 2, _holds, deterministic=True)
    with transaction(connection):
        whole = connection.execute("SELECT value FROM facts WHERE name = 'index'").fetchone()
        if not trigrams:
            connection.execute("INSERT OR REPLACE INTO facts VALUES ('index', 'stale')")
            return
        if whole is None:
            connection.execute(INDEX)
        if whole != ("whole",):
            connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
            connection.execute("INSERT OR REPLACE INTO facts VALUES ('index', 'whole')")
        for statement in (NO_PIECES, PIECES, *TRIGGERS):
            connection.execute(statement)


def find_turns(
    connection: sqlite3.Connection, query: str, trigrams: bool
) -> dict[str, tuple[str, int, int]]:
    """Text around the first match, its place and length there, for each conversation."""
    pieces = _pieces(connection, query) if trigrams else None
    if pieces is None:
        rows = connection.execute(IN_TURNS.format(test=scan_test(query, "text")), [scan(query)])
    else:
        rows = connection.execute(IN_INDEX, [" OR ".join(map(_quoted, pieces)) or '""'])
    return _snippets(rows, query)


def _pieces(connection: sqlite3.Connection, query: str) -> list[str] | None:
    """What to look for in the index; None where that would be too much."""
    if len(query) >= PIECE:
        return [query]
    folded = query.lower()
    found = connection.execute(
        f"SELECT term FROM temp.pieces WHERE term >= ? AND term < ? LIMIT {MOST_PIECES + 1}",
        [folded, folded + chr(0x10FFFF)],
    ).fetchall()
    return [term for (term,) in found] if len(found) <= MOST_PIECES else None


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


def scan_test(query: str, column: str) -> str:
    """The condition of a scan; LIKE, which is fast, knows the two cases of ASCII only."""
    if ascii_case(query):
        return f"{column} LIKE ? ESCAPE '\\'"
    return f"holds({column}, ?)"


def scan(query: str) -> str:
    """The value that goes with ``scan_test``."""
    if not ascii_case(query):
        return query
    return "%" + re.sub(r"([\\%_])", r"\\\1", query) + "%"


def ascii_case(query: str) -> bool:
    """Whether only ASCII letters of a query have two cases; Chinese has none."""
    return all(c.isascii() or c.lower() == c.upper() for c in query)


def _holds(text: str, query: str) -> bool:
    return place(text, query) is not None


def place(text: str, query: str) -> tuple[int, int] | None:
    """Where a text holds a query, whatever the case of either: start and end."""
    found = re.search(re.escape(query), text, re.IGNORECASE)
    return found.span() if found else None


def _snippets(rows: Iterable[tuple[str, int, str]], query: str) -> dict[str, tuple[str, int, int]]:
    return {conversation: snippet(text, query) for conversation, _, text in rows}


def snippet(text: str, query: str) -> tuple[str, int, int]:
    """One line around the first match, and where in it the match begins and how long it is."""
    start, end = place(text, query) or (0, 0)
    before = _one_line(text[max(0, start - BEFORE) : start])
    if start > BEFORE:
        before = "…" + before
    match = _one_line(text[start:end])
    after = _one_line(text[end : end + AFTER])
    return (before + match + after).rstrip(), len(before), len(match)


def _one_line(text: str) -> str:
    return re.sub(r"\s", " ", text)
