"""How patient a download is, and the clock that it goes by."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


def boot_time() -> float:
    """When the system started, in ``time.time()`` seconds; later, never earlier, after a sleep."""
    return time.time() - time.monotonic()


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, as tests can replace it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    boot: Callable[[], float] = boot_time
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds, sizes in bytes.

    ``attempts`` is how many tries in a row may bring nothing before a source is given up;
    ``attempts_new`` the same for a source that has not given anything yet.
    """

    connect_seconds: float = 10.0
    stall_seconds: float = 30.0
    race_seconds: float = 15.0
    attempts: int = 12
    attempts_new: int = 4
    wait_first: float = 1.0
    wait_most: float = 60.0
    retry_after_most: float = 300.0
    event_seconds: float = 0.1
    quiet_seconds: float = 0.5  # how long a stream may keep its consumer waiting
    sync_bytes: int = 2**26
    spare_bytes: int = 2**26  # left free on the disk beside the files

    def wait(self, attempt: int, chance: float) -> float:
        """Seconds before try number ``attempt + 1``: doubling, and not all clients at once."""
        longest = min(self.wait_most, self.wait_first * 2.0 ** (attempt - 1))
        return longest * (0.5 + 0.5 * chance)
