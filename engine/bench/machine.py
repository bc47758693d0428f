"""What the machine can do at most: bytes read a second, and operations of a matrix product."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch.nn import functional

from ..device import synchronize
from .figures import MachineLimits


@dataclass(frozen=True, slots=True)
class Effort:
    """How large the probes are: bytes read, the sides of a product, and repeats."""

    read_bytes: int = 256 * 2**20
    rows: int = 512
    width: int = 2304
    repeats: int = 5


QUICK = Effort(read_bytes=2**26, rows=32, width=256, repeats=2)
GPU = Effort(read_bytes=2**31, rows=8192, width=8192, repeats=20)


@torch.inference_mode()
def measure_machine(device: torch.device, effort: Effort | None = None) -> MachineLimits:
    """Measure a device; a second or two on a processor. The best repeat counts."""
    effort = effort or (GPU if device.type == "cuda" else Effort())
    values = torch.ones(effort.read_bytes // 4, device=device)
    seconds = best_seconds(values.sum, device, effort.repeats)
    del values
    return MachineLimits(effort.read_bytes / seconds, tuple(_rates(device, effort)))


def best_seconds(work: Callable[[], object], device: torch.device, repeats: int) -> float:
    """The shortest of some runs, after one that does not count."""
    work()
    synchronize(device)
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        synchronize(device)
        best = min(best, time.perf_counter() - started)
    return best


def _rates(device: torch.device, effort: Effort) -> Iterator[tuple[str, float]]:
    operations = 2.0 * effort.rows * effort.width**2
    for name, product in _products(device, effort):
        try:
            yield name, operations / best_seconds(product, device, effort.repeats)
        except (RuntimeError, NotImplementedError):  # this device or torch has no such product
            continue


def _products(device: torch.device, effort: Effort) -> Iterator[tuple[str, Callable[[], object]]]:
    rows, width = effort.rows, effort.width
    dtypes = (torch.float32, torch.bfloat16, torch.float16)
    # a processor computes float16 in a roundabout way, and the engine never asks for it
    for dtype in dtypes[: 2 if device.type == "cpu" else 3]:
        x = torch.full((rows, width), 0.01, device=device, dtype=dtype)
        w = torch.full((width, width), 0.01, device=device, dtype=dtype)
        yield str(dtype).removeprefix("torch."), partial(functional.linear, x, w)
    if device.type != "mps":
        yield "int8", _int8_product(device, rows, width)


def _int8_product(device: torch.device, rows: int, width: int) -> Callable[[], object]:
    """The fastest product of eight-bit numbers that torch has on the device."""
    w = torch.ones(width, width, dtype=torch.int8, device=device)
    prepack = getattr(torch.ops.onednn, "qlinear_prepack", None)
    if device.type == "cuda" or prepack is None:
        x = torch.ones(rows, width, dtype=torch.int8, device=device)
        return lambda: torch._int_mm(x, w.t())
    bytes_ = torch.full((rows, width), 129, dtype=torch.uint8)
    packed, scales = prepack(w, None), torch.ones(width)
    zeros = torch.zeros(width, dtype=torch.int32)
    run = torch.ops.onednn.qlinear_pointwise
    return lambda: run(
        bytes_, 1.0, 128, packed, scales, zeros, None, 1.0, 0, torch.bfloat16, "none", [], ""
    )
