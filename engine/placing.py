"""Where a model is put: what was asked or is best, as far as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .device import choose, free_memory
from .errors import DeviceError, TooLarge
from .memory import needed
from .messages import ChoiceReason, DeviceChoice, Fit, MemoryOutlook, Precision


def outlook(folder: Path, choice: DeviceChoice) -> MemoryOutlook:
    """What the model needs there, and what is free. Raises ModelError."""
    need = needed(folder, choice.precision)
    return MemoryOutlook(choice.device, choice.precision, need.total, free_memory(choice.device))


def place(
    folder: Path, device: str = "auto", precision: Precision | str = Precision.AUTO
) -> tuple[DeviceChoice, MemoryOutlook]:
    """The best place that has room; only what nobody asked for gives way to it.

    Raises DeviceError, ModelError, and TooLarge where there is no such place.
    """
    first = choose(device, precision)
    for choice in (first, *_instead(first, device, precision)):
        seen = outlook(folder, choice)
        if seen.fit is not Fit.TOO_LARGE:
            return choice, seen
    seen = outlook(folder, first)
    raise TooLarge(first.device, first.precision.value, needed=seen.needed, free=seen.free)


def devices() -> tuple[tuple[str, int], ...]:
    """The best accelerator, if there is one, and the processor, with the bytes that are free."""
    best = choose().device
    return tuple((device, free_memory(device)) for device in dict.fromkeys((best, "cpu")))


def lower_precision(choice: DeviceChoice) -> DeviceChoice | None:
    """The same device with half as much for each number; None where there is no less."""
    if choice.precision is not Precision.FLOAT32:
        return None
    half = Precision.BFLOAT16
    if choice.device != "cpu":
        half = choose(choice.device).precision
    return replace(choice, precision=half, precision_reason=ChoiceReason.MEMORY)


def _instead(
    first: DeviceChoice, device: str, precision: Precision | str
) -> Iterator[DeviceChoice]:
    lower = lower_precision(first) if precision == Precision.AUTO else None
    if lower is not None:
        yield lower
    if device != "auto" or first.device == "cpu":
        return
    try:
        processor = choose("cpu", precision)
    except DeviceError:  # the asked precision is the accelerator's alone
        return
    processor = replace(processor, device_reason=ChoiceReason.MEMORY)
    yield processor
    lower = lower_precision(processor) if precision == Precision.AUTO else None
    if lower is not None:
        yield lower
