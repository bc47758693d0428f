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
    """The same device with less for each number; None where there is no less."""
    half = Precision.BFLOAT16
    if choice.device != "cpu" and choice.precision is Precision.FLOAT32:
        half = choose(choice.device).precision
    lower = {
        Precision.FLOAT32: half,
        Precision.BFLOAT16: Precision.INT8,
        Precision.FLOAT16: Precision.INT8,
        Precision.INT8: Precision.INT4,
    }.get(choice.precision)
    if lower is None:
        return None
    try:
        choose(choice.device, lower)
    except DeviceError:  # the device cannot multiply so
        return None
    return replace(choice, precision=lower, precision_reason=ChoiceReason.MEMORY)


def _instead(
    first: DeviceChoice, device: str, precision: Precision | str
) -> Iterator[DeviceChoice]:
    if precision == Precision.AUTO:
        yield from lower_precisions(first)
    if device != "auto" or first.device == "cpu":
        return
    try:
        processor = choose("cpu", precision)
    except DeviceError:  # the asked precision is the accelerator's alone
        return
    processor = replace(processor, device_reason=ChoiceReason.MEMORY)
    yield processor
    if precision == Precision.AUTO:
        yield from lower_precisions(processor)


def lower_precisions(choice: DeviceChoice) -> Iterator[DeviceChoice]:
    """All of them, one below the other."""
    lower = lower_precision(choice)
    while lower is not None:
        yield lower
        lower = lower_precision(lower)
