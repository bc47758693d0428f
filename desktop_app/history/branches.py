"""The turns of a conversation as a tree: what follows what, and which way through it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_app.history.records import StoredTurn
from engine.messages import Speaker


class Branches:
    """Finds the turns that follow a turn, in the order in which they were made."""

    def __init__(self, turns: Iterable[StoredTurn]) -> None:
        self._after: dict[tuple[int, int], list[StoredTurn]] = {}
        for turn in sorted(turns, key=lambda turn: turn.version):
            self._after.setdefault((turn.position, turn.follows), []).append(turn)

    def after(self, turn: StoredTurn | None) -> list[StoredTurn]:
        """The versions of what was said next; of the first question where no turn is given."""
        if turn is None:
            return self._after.get((0, 0), [])
        answered = self._after.get((turn.position + 1, turn.version), [])
        if answered or turn.speaker is Speaker.ASSISTANT:
            return answered
        # The program was killed before there was an answer, and the person asked something else.
        return self._after.get((turn.position + 2, turn.version), [])


def shown_of(versions: list[StoredTurn]) -> StoredTurn:
    """The version that is shown, or the latest one."""
    return next((turn for turn in reversed(versions) if turn.shown), versions[-1])


def shown_turns(turns: Iterable[StoredTurn]) -> list[StoredTurn]:
    """What one sees of a conversation from its beginning to its end."""
    branches, path = Branches(turns), list[StoredTurn]()
    while versions := branches.after(path[-1] if path else None):
        path.append(shown_of(versions))
    return path
