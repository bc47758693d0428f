"""Quantised weights on disk: one safetensors file a precision, written as it is made.

The file lies beside the model, or in the person's cache folder where that cannot be written. Its
header says what it was made from; a file that does not fit its model is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..folder import CODES, weight_files
from ..messages import Precision
from .capability import Capability
from .targets import Target

FORMAT = "1"  # raise it whenever the same weights would make another file
SMALLEST = 100_000_000  # bytes; making less anew at each load takes a second and litters nothing
SPARE_ROOM = 500_000_000  # bytes that stay free on the disk
SAMPLES, SAMPLE_BYTES = 256, 4096
TYPES = {torch.int8: "I8", torch.uint8: "U8", torch.bfloat16: "BF16"}
APPLICATION = "minicpmv"


@dataclass(frozen=True, slots=True)
class Store:
    """The file for one model in one precision and layout."""

    name: str
    source: str
    places: tuple[Path, ...]  # folders, the first that works is used

    def find(self, wanted: Sequence[Target], capability: Capability) -> Any | None:
        """The opened file, mapped, if there is one made from these weights."""
        for place in self.places:
            with suppress(OSError, SafetensorError):
                file = safe_open(str(place / self.name), framework="pt", device="cpu")
                told = file.metadata() or {}
                names = {name for name, _, _ in tensors_of(wanted, capability)}
                if told.get("source") == self.source and names == set(file.keys()):
                    return file
        return None

    def writer(self, wanted: Sequence[Target], capability: Capability) -> Writer | None:
        """Begin a new file in the first folder that takes it; None where none does."""
        size = sum(_size(dtype, shape) for _, dtype, shape in tensors_of(wanted, capability))
        if size < SMALLEST:
            return None
        for place in self.places:
            with suppress(OSError):
                place.mkdir(parents=True, exist_ok=True)
                if shutil.disk_usage(place).free > size + SPARE_ROOM:
                    return Writer(place / self.name, self.source, wanted, capability)
        return None


def store_for(folder: Path, precision: Precision, capability: Capability) -> Store:
    """Where a model's quantised weights are kept. Raises OSError and ValueError."""
    source = fingerprint(folder)
    layout = capability.layout if precision is Precision.INT4 else "rows"
    cache = platformdirs.user_cache_path(APPLICATION, appauthor=False) / "quantised" / source[:16]
    name = CODES.format(precision=precision.value, layout=layout)
    return Store(name, source, (folder, cache))


def fingerprint(folder: Path) -> str:
    """A checksum of the format and of the weights' sizes, headers and samples all along them.

    Reading all of seven gigabytes would take longer than loading them; weights that were
    trained on, or belong to another model, differ in every sample.
    """
    told = hashlib.sha256(FORMAT.encode())
    for name in weight_files(folder):
        with (folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            told.update(f"{name}:{size}:".encode())
            for sample in range(SAMPLES):
                file.seek(sample * max(0, size - SAMPLE_BYTES) // (SAMPLES - 1))
                told.update(file.read(SAMPLE_BYTES))
    return told.hexdigest()


def tensors_of(
    wanted: Sequence[Target], capability: Capability
) -> Iterator[tuple[str, torch.dtype, tuple[int, ...]]]:
    """Name, type and shape of everything that the file holds, in its order."""
    for target in wanted:
        for part, (dtype, shape) in target.parts(capability).items():
            yield f"{target.place}.{part}", dtype, shape


class Writer:
    """Writes a file under another name, tensor by tensor, and names it when it is complete."""

    def __init__(
        self, path: Path, source: str, wanted: Sequence[Target], capability: Capability
    ) -> None:
        self.path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self._file = self._part.open("wb")
        self._file.write(_header(source, wanted, capability))

    def add(self, parts: dict[str, Tensor]) -> None:
        """The next layer's tensors, in the order of ``tensors_of``. Raises OSError."""
        for tensor in parts.values():
            bytes_ = tensor.contiguous().view(torch.uint8).reshape(-1)
            self._file.write(bytes_.numpy().data)

    def finish(self) -> None:
        """The file is complete, and safe from a loss of power. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self.path)

    def abandon(self) -> None:
        """Leave nothing behind; after ``finish`` do nothing."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def _header(source: str, wanted: Sequence[Target], capability: Capability) -> bytes:
    entries: dict[str, Any] = {"__metadata__": {"format": "pt", "source": source}}
    start = 0
    for name, dtype, shape in tensors_of(wanted, capability):
        end = start + _size(dtype, shape)
        entries[name] = {
            "dtype": TYPES[dtype],
            "shape": list(shape),
            "data_offsets": [start, end],
        }
        start = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 64)  # tensors begin at an aligned place
    return len(text).to_bytes(8, "little") + text


def _size(dtype: torch.dtype, shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel()) * dtype.itemsize
