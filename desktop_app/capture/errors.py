"""Why no picture of the screen was taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fault(str, Enum):
    """The kinds of reason that one way of grabbing has."""

    NOT_HERE = "not_here"  # made for another system
    NOT_INSTALLED = "not_installed"
    NO_PERMISSION = "no_permission"
    DENIED = "denied"  # the person or the desktop said no
    NO_ANSWER = "no_answer"
    BLACK = "black"
    BROKEN = "broken"


class GrabError(Exception):
    """One way of grabbing did not work."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one way of grabbing."""

    way: str
    fault: Fault
    detail: str = ""


class NoSuchRegion(Exception):
    """A region that was named, or used the last time, is on no monitor."""


class MonitorsChanged(NoSuchRegion):
    """A monitor came or went while a region was being chosen."""


class CaptureError(Exception):
    """Every way failed; ``attempts`` has the reason of each."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(
            "; ".join(f"{one.way}: {one.fault.value} {one.detail}" for one in attempts)
        )
        self.attempts = attempts

    def has(self, fault: Fault) -> bool:
        """Whether some way failed for this reason."""
        return any(attempt.fault is fault for attempt in self.attempts)
