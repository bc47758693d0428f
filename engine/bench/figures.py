"""What the bench reports: frozen values, standard library only."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from enum import Enum

from ..messages import DeviceChoice


class Measure(str, Enum):
    """What is measured; seconds and bytes are better low, the others high."""

    LOADING = "loading"
    PEAK_MEMORY = "peak_memory"
    VIEWS = "views"
    PREFILL = "prefill"
    FIRST_TOKEN = "first_token"
    DECODE = "decode"
    FOLLOW_UP = "follow_up"


class Unit(str, Enum):
    """What a figure counts."""

    SECONDS = "s"
    BYTES = "bytes"
    VIEWS_A_SECOND = "views/s"
    TOKENS_A_SECOND = "tokens/s"


LOW_IS_GOOD = frozenset({Unit.SECONDS, Unit.BYTES})


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """What the device was measured to do: bytes read and operations of a matrix product a second.

    ``rates`` pairs a number format with its rate; a format that the device lacks is not there.
    """

    read_bandwidth: float
    rates: tuple[tuple[str, float], ...]

    def rate(self, *formats: str) -> float:
        """The best rate of some formats; the best there is where it has none of them."""
        known = dict(self.rates)
        asked = [known[name] for name in formats if name in known]
        return max(asked or known.values())

    def seconds(self, operations: float, byte_count: float, rate: float) -> float:
        """The least time for so many operations on so many bytes, which overlap at best."""
        return max(operations / rate, byte_count / self.read_bandwidth)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement of several repeats; ``limit`` is the best that the machine allows."""

    measure: Measure
    unit: Unit
    detail: str  # a picture's size or a context's length; empty where there is but one
    values: tuple[float, ...]
    limit: float

    @property
    def median(self) -> float:
        """The middle of the repeats."""
        return statistics.median(self.values)

    @property
    def fraction(self) -> float:
        """How much of the limit is reached: 1 is all of it. Mapped weights can be above."""
        ours, best = self.median, self.limit
        if self.unit in LOW_IS_GOOD:
            ours, best = best, ours
        return ours / best if best else 0.0


@dataclass(frozen=True, slots=True)
class BenchReport:
    """A whole run."""

    model: str
    choice: DeviceChoice
    threads: int
    parameters: int
    weight_bytes: int
    limits: MachineLimits
    figures: tuple[Figure, ...]
