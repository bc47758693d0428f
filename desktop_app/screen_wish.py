"""What is asked of whoever reads text from the screen, and what the others need of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

READERS = ("auto", "quick", "model")


@dataclass(frozen=True, slots=True)
class ScreenWish:
    """One reading of the screen; without a region, the person draws one."""

    reader: str = "auto"
    screen: int | None = None
    region: tuple[int, int, int, int] | None = None  # x, y, width, height on that screen
    repeat: bool = False  # the region of the last time


class ScreenReader(Protocol):
    """Reads the screen: exactly one of the three signals answers each wish."""

    text_ready: Any  # Signal(str)
    failed: Any  # Signal(object): an exception that notices.explain can word
    cancelled: Any  # Signal(): the person changed their mind

    def read_screen(self, wish: ScreenWish = ...) -> None: ...
