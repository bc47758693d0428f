"""Writes to a history without end and says what is on the disk; another process ends it.

python -m tests.desktop_app.history.writer PATH SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from desktop_app.exchange import AnswerState
from desktop_app.history.store import HistoryStore
from tests.desktop_app.history.samples import answer, picture, question


def main() -> None:
    rng = random.Random(sys.argv[2])
    store = HistoryStore(Path(sys.argv[1]))
    while True:
        data = rng.randbytes(rng.choice((0, 300, 40_000)))
        made = store.begin("Q", question("Q 问题"), "starter", picture(data) if data else None)
        say(made, "begun")
        for length in (500, 3000):
            store.put_turn(made, answer("字" * length, state=AnswerState.GROWING))
            say(made, str(length))
        store.put_turn(made, answer("完" * 4000))
        say(made, "finished")
        if rng.random() < 0.2:
            say(made, "deleting")
            store.delete(made)
            say(made, "deleted")


def say(made: str, state: str) -> None:
    print(made, state, flush=True)


if __name__ == "__main__":
    main()
