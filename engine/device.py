"""Which device and precision to use, and why; how to recognise that memory ran out."""

from __future__ import annotations

import torch

from .errors import DeviceError, OutOfMemory
from .memory import main_memory
from .messages import ChoiceReason, DeviceChoice, Precision
from .processor import cpu_capabilities, cpu_has_bfloat16
from .quantised.capability import QUANTISED, capability_of

DTYPES = {
    Precision.FLOAT32: torch.float32,
    Precision.BFLOAT16: torch.bfloat16,
    Precision.FLOAT16: torch.float16,
    # of all that is not in codes
    Precision.INT8: torch.bfloat16,
    Precision.INT4: torch.bfloat16,
}
# what allocators say; on MPS and CPU the type is a plain RuntimeError
OUT_OF_MEMORY_SAYINGS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
)


def choose(device: str = "auto", precision: Precision | str = Precision.AUTO) -> DeviceChoice:
    """The asked device and precision, or the best there is. Raises DeviceError."""
    kind, device_reason = _choose_device(device)
    if precision not in set(Precision):
        raise DeviceError(kind, str(precision))
    chosen, precision_reason = _choose_precision(kind, Precision(precision))
    return DeviceChoice(kind, chosen, device_reason, precision_reason, device_name(kind))


def dtype_of(precision: Precision) -> torch.dtype:
    """The torch type of a precision that is not AUTO."""
    return DTYPES[precision]


def device_name(device: str) -> str:
    """What the maker calls the device; empty where that is not known."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    if device == "cpu":
        return str(cpu_capabilities().get("cpu_name", ""))
    return ""


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was told, so that a clock tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def free_memory(device: str) -> int:
    """Bytes free for the model on a device, 0 where that is not known."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    if device == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return main_memory()[0] if device == "cpu" else 0


def as_out_of_memory(error: BaseException, device: str) -> OutOfMemory | None:
    """An OutOfMemory if that is what ``error`` means, else None."""
    told = str(error).lower()
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    said = isinstance(error, RuntimeError) and any(s in told for s in OUT_OF_MEMORY_SAYINGS)
    return OutOfMemory(device) if known or said else None


def _choose_device(asked: str) -> tuple[str, ChoiceReason]:
    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda", ChoiceReason.CUDA_FOUND
        if torch.backends.mps.is_available():
            return "mps", ChoiceReason.MPS_FOUND
        return "cpu", ChoiceReason.NO_ACCELERATOR
    there = {"cpu": lambda: True, "cuda": torch.cuda.is_available}
    there["mps"] = torch.backends.mps.is_available
    kind, colon, number = asked.partition(":")
    if kind not in there or not there[kind]():
        raise DeviceError(asked)
    if colon and (kind != "cuda" or number not in map(str, range(torch.cuda.device_count()))):
        raise DeviceError(asked)
    return asked, ChoiceReason.ASKED


def _choose_precision(device: str, asked: Precision) -> tuple[Precision, ChoiceReason]:
    if asked is not Precision.AUTO:
        if asked is Precision.FLOAT16 and device == "cpu":
            raise DeviceError(device, asked.value)
        if asked in QUANTISED:
            capability_of(device, asked)
        return asked, ChoiceReason.ASKED
    if device.startswith("cuda"):
        # emulated bfloat16 on older cards is slower than float16
        if torch.cuda.get_device_capability(device)[0] >= 8:
            return Precision.BFLOAT16, ChoiceReason.CUDA_HAS_BFLOAT16
        return Precision.FLOAT16, ChoiceReason.CUDA_LACKS_BFLOAT16
    if device == "mps":
        return Precision.FLOAT16, ChoiceReason.MPS_USES_FLOAT16
    if cpu_has_bfloat16():
        return Precision.BFLOAT16, ChoiceReason.CPU_HAS_BFLOAT16
    return Precision.FLOAT32, ChoiceReason.CPU_LACKS_BFLOAT16
