"""The history itself: short statements on one connection, for one thread."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from desktop_app.exchange import AnswerState
from desktop_app.history import rows, search
from desktop_app.history.records import (
    Hit,
    Imported,
    StoredConversation,
    StoredPicture,
    StoredTurn,
    Summary,
)
from desktop_app.history.rows import ORDER, SUMMARY
from desktop_app.history.schema import begin_anew, open_file, transaction, typed_errors

MOST_HITS = 200
DAY = 86_400.0


class HistoryStore:
    """Keeps conversations in one file. What a method returned from is on the disk.

    Every method raises HistoryError.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], float] = time.time,
        trigrams: bool | None = None,
    ) -> None:
        opened = open_file(path)
        self.connection = opened.connection
        self._now = now
        self.set_aside = opened.set_aside
        with typed_errors():
            known = search.has_trigrams(self.connection)
            self._trigrams = known if trigrams is None else trigrams
            search.prepare(self.connection, self._trigrams)
            self._close_what_was_cut_off()

    def _close_what_was_cut_off(self) -> None:
        """Answers that were being written when the program ended have stopped."""
        with transaction(self.connection):
            self.connection.execute(
                "UPDATE turns SET state = ? WHERE state IN ('waiting', 'growing')",
                [AnswerState.STOPPED.value],
            )

    def close(self) -> None:
        """Give back room that is not used, and leave one whole file."""
        with typed_errors():
            crossed_out = self.connection.execute("SELECT 1 FROM facts WHERE name = 'removed'")
            if crossed_out.fetchone():
                self._forget_removed()
            self.connection.execute("PRAGMA incremental_vacuum").fetchall()
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self.connection.close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self.connection.close()

    # Writing

    def begin(
        self,
        title: str,
        first: StoredTurn,
        model: str = "",
        picture: StoredPicture | None = None,
    ) -> str:
        """Begin a conversation with its first turn; its id."""
        now = self._now()
        key, name = (picture.key, picture.name) if picture else ("", "")
        made = uuid.uuid4().hex
        summary = Summary(made, title, now, now, model, picture=key, picture_name=name)
        with transaction(self.connection):
            self._put(StoredConversation(summary, picture, (first,)))
        return summary.id

    def put_turn(self, conversation: str, turn: StoredTurn) -> bool:
        """Write a turn, or write it anew; False where the conversation has been deleted."""
        with transaction(self.connection):
            there = self._has(conversation)
            if there:
                self._put_turn(conversation, turn)
                self._touch(conversation)
        return there

    def show(self, conversation: str, turns: Iterable[tuple[int, int]]) -> None:
        """Show these turns, each a position and a version, in place of their other versions."""
        with transaction(self.connection):
            for position, version in turns:
                place = [conversation, position, version]
                found = self.connection.execute(rows.SHOW, place).fetchone()
                if found is not None:
                    self._hide_others(conversation, position, version, found[0])

    def retitle(self, conversation: str, title: str) -> None:
        """Follow a changed first question, unless the person chose the title."""
        self._set("title = ?", rows.clean(title), conversation, "AND NOT renamed")

    def rename(self, conversation: str, title: str) -> None:
        """Take the person's own title."""
        self._set("renamed = 1, title = ?", rows.clean(title), conversation)

    def pin(self, conversation: str, pinned: bool) -> None:
        """Keep a conversation on top of the list and out of the retention's way."""
        self._set("pinned = ?", int(pinned), conversation)

    def _set(self, change: str, value: str | int, conversation: str, only: str = "") -> None:
        with transaction(self.connection):
            self.connection.execute(
                f"UPDATE conversations SET {change} WHERE id = ? {only}", [value, conversation]
            )

    def add(self, conversations: Iterable[StoredConversation]) -> Imported:
        """Write whole conversations, all or none; those that are there are left alone."""
        added = skipped = 0
        with transaction(self.connection):
            for conversation in conversations:
                if self._has(conversation.summary.id):
                    skipped += 1
                else:
                    self._put(conversation)
                    added += 1
        return Imported(added, skipped)

    # Removing

    def delete(self, conversation: str) -> None:
        """Remove a conversation, and its picture where no other one has it."""
        self._delete("WHERE id = ?", conversation)

    def delete_all(self) -> None:
        """Remove everything, also from the parts of the file that are free."""
        with typed_errors():
            begin_anew(self.connection)
            search.prepare(self.connection, self._trigrams)

    def delete_older(self, days: int, spare: str = "") -> int:
        """Remove what has not been used for so many days and is not pinned; how many went.

        One is spared: the one that is open, to which more may be written.
        """
        which = "WHERE NOT pinned AND updated < ? AND id != ?"
        return self._delete(which, self._now() - days * DAY, spare)

    def _delete(self, which: str, *values: str | float) -> int:
        with transaction(self.connection):
            gone = self.connection.execute(f"DELETE FROM conversations {which}", values).rowcount
            if gone:
                self.connection.execute("INSERT OR REPLACE INTO facts VALUES ('removed', '')")
        return gone

    def _forget_removed(self) -> None:
        """Take removed texts out of the search index, which has only crossed them out."""
        with transaction(self.connection):
            if self._trigrams:
                self.connection.execute("INSERT INTO search (search) VALUES ('optimize')")
                self.connection.execute("DELETE FROM facts WHERE name = 'removed'")

    # Reading

    def summaries(self, most: int = -1) -> list[Summary]:
        """All or the latest conversations: pinned ones first, then the one used last."""
        with typed_errors():
            found = self.connection.execute(f"{SUMMARY} {ORDER} LIMIT ?", [most])
            return [rows.summary(row) for row in found]

    def load(self, conversation: str) -> StoredConversation | None:
        """A whole conversation; None where it is gone."""
        with typed_errors():
            found = self.connection.execute(f"{SUMMARY} WHERE id = ?", [conversation]).fetchone()
            if found is None:
                return None
            summary = rows.summary(found)
            turns = self.connection.execute(rows.TURNS, [conversation])
            kept = tuple(rows.turn(row) for row in turns)
            return StoredConversation(summary, self._picture(summary.picture), kept)

    def thumbnail(self, key: str) -> bytes:
        """The small PNG of a picture; empty where there is none."""
        with typed_errors():
            found = self.connection.execute(
                "SELECT thumbnail FROM pictures WHERE key = ?", [key]
            ).fetchone()
        return bytes(found[0]) if found else b""

    def search(self, query: str) -> list[Hit]:
        """Conversations whose title or turns hold a text, the one used last first."""
        query = rows.clean(query.strip())
        if not query:
            return []
        with typed_errors():
            texts = search.find_turns(self.connection, query, self._trigrams)
            test = search.scan_test(query, "title")
            found = self.connection.execute(
                f"{SUMMARY} WHERE {test} OR id IN (SELECT value FROM json_each(?)) "
                f"{ORDER} LIMIT {MOST_HITS}",
                [search.scan(query), rows.json_list(texts)],
            )
            summaries = [rows.summary(row) for row in found]
        return [Hit(summary, *texts.get(summary.id, ("", 0, 0))) for summary in summaries]

    # Statements within a transaction

    def _put(self, conversation: StoredConversation) -> None:
        picture = conversation.picture
        if picture is not None:
            self.connection.execute(rows.INSERT_PICTURE, rows.picture_row(picture))
        row = rows.summary_row(conversation.summary)
        self.connection.execute(rows.INSERT_CONVERSATION, row)
        for turn in conversation.turns:
            self._put_turn(conversation.summary.id, turn)

    def _put_turn(self, conversation: str, turn: StoredTurn) -> None:
        self.connection.execute(rows.UPSERT_TURN, rows.turn_row(conversation, turn))
        if turn.shown:
            self._hide_others(conversation, turn.position, turn.version, turn.follows)

    def _hide_others(self, conversation: str, position: int, version: int, follows: int) -> None:
        self.connection.execute(rows.HIDE_OTHERS, [conversation, position, follows, version])

    def _touch(self, conversation: str) -> None:
        self.connection.execute(
            "UPDATE conversations SET updated = ? WHERE id = ?", [self._now(), conversation]
        )

    def _has(self, conversation: str) -> bool:
        found = self.connection.execute(
            "SELECT 1 FROM conversations WHERE id = ?", [conversation]
        ).fetchone()
        return found is not None

    def _picture(self, key: str) -> StoredPicture | None:
        found = self.connection.execute(rows.PICTURE, [key]).fetchone()
        return rows.picture(found) if found else None
