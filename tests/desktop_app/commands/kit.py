"""What the tests of the commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop_app.command_line import main

Command = Callable[..., tuple[int, str, str]]
KEYS = {
    "text": str,
    "token_ids": list,
    "prompt_token_ids": list,
    "views": list,
    "device": str,
    "precision": str,
    "tokens_per_second": float,
    "seconds": dict,
}
SECONDS = {"load", "see", "read", "first_token", "write"}
GREEDY = ("--greedy", "--max-new-tokens", "6")


def code_of(words: Sequence[object]) -> int:
    try:
        return main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
