"""What a device can multiply in eight and four bits, and how the CPU lays four-bit codes out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import DeviceError
from ..messages import Precision
from ..processor import cpu_capabilities, cpu_has_bfloat16
from .schemes import GROUP

QUANTISED = (Precision.INT8, Precision.INT4)
PLAIN = "plain"  # of the file for a GPU: two codes a byte, the earlier column in the high half
BLOCKS = (64, 32)  # rows that the CPU's packed layout keeps together: AVX-512, AVX2


@dataclass(frozen=True, slots=True)
class Capability:
    """How the products run.

    ``eight_bit_rows`` is from how many rows of activations on they are quantised too, for
    arithmetic in eight bits; None where that is no gain. ``block`` is the packed layout's, 0
    where there is none. ``widened`` says that many rows meet unpacked weights in float32, since
    the processor only imitates bfloat16, ten times as slowly.
    """

    device: str
    eight_bit_rows: int | None
    block: int = 0
    widened: bool = False

    @property
    def layout(self) -> str:
        """The name of the layout of four-bit codes."""
        return f"cpu{self.block}" if self.block else PLAIN


def capability_of(device: str, precision: Precision) -> Capability:
    """What a device can do. Raises DeviceError where it cannot run the precision."""
    kind = device.partition(":")[0]
    if kind == "cuda":
        if torch.cuda.get_device_capability(device) < (8, 0):
            raise DeviceError(device, precision.value, "compute capability 8.0")
        return Capability("cuda", eight_bit_rows=1)
    if kind != "cpu":
        raise DeviceError(device, precision.value)
    block = packed_block() if precision is Precision.INT4 else 0
    if precision is Precision.INT4 and not block:
        raise DeviceError(device, precision.value, "packed layout")
    return Capability("cpu", _eight_bit_rows(), block, widened=not cpu_has_bfloat16())


def _eight_bit_rows() -> int | None:
    """Measured: without AMX even one row is faster in codes; with it, one is slower."""
    if _cpu_has("amx_int8", "_is_amx_tile_supported"):
        return 5
    names = ("avx512_vnni", "avx_vnni")
    return 1 if any(_cpu_has(name, "_is_vnni_supported") for name in names) else None


def _cpu_has(name: str, older: str) -> bool:
    told = cpu_capabilities()
    return bool(told[name]) if name in told else bool(getattr(torch.cpu, older, lambda: False)())


def packed_block() -> int:
    """The rows of a block in this processor's packed layout; 0 if it is one we do not know."""
    codes = torch.arange(64 * GROUP, dtype=torch.int32).view(64, GROUP) * 7 % 16
    try:
        packed = pack_for_cpu(codes)
    except (RuntimeError, NotImplementedError, AttributeError):
        return 0
    for block in BLOCKS:
        if torch.equal(unpack_for_cpu(packed, block), codes.to(torch.uint8).t()):
            return block
    return 0


def pack_for_cpu(codes: Tensor) -> Tensor:
    """(rows, columns) codes -> (rows, columns / 2) bytes in the processor's own order."""
    return torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes.to(torch.int32), 1)


def unpack_for_cpu(packed: Tensor, block: int) -> Tensor:
    """Packed bytes -> (columns, rows) codes 0..15; a byte holds a row and one half a block on."""
    rows, half_columns = packed.shape
    blocks, columns, half = rows // block, 2 * half_columns, block // 2
    bytes_ = packed.view(blocks, columns, half).transpose(0, 1)
    codes = torch.empty(columns, blocks, 2, half, dtype=torch.uint8)
    torch.bitwise_and(bytes_, 15, out=codes[:, :, 0])
    torch.bitwise_right_shift(bytes_, 4, out=codes[:, :, 1])
    return codes.view(columns, rows)


def pack_plain(codes: Tensor) -> Tensor:
    """(rows, columns) codes -> (rows, columns / 2) bytes, the earlier column in the high half."""
    return (codes[:, ::2] << 4) | codes[:, 1::2]


def unpack_plain(packed: Tensor) -> Tensor:
    """The reverse."""
    return torch.stack((packed >> 4, packed & 15), dim=-1).flatten(1)
