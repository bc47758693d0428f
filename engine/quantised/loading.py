"""A model with quantised weights: from the kept file, or made layer by layer and then kept."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..device import dtype_of
from ..messages import Precision
from ..weights import Checkpoint, Loaded, load_weights, open_checkpoint, place_tensor
from .capability import QUANTISED, Capability, capability_of
from .store import Store, Writer, store_for
from .targets import EMBEDDING, Target, put, targets

if TYPE_CHECKING:
    from ..model.vision_language import VisionLanguageBase

DTYPE = torch.bfloat16  # of everything that is not in codes
Parts = dict[str, Tensor]


def load_into(
    model: VisionLanguageBase, folder: Path, precision: Precision, device: str = "cpu"
) -> Iterator[Loaded]:
    """Fill an empty model from a folder in any precision. Raises ModelError and DeviceError."""
    if precision in QUANTISED:
        return load_quantised(model, folder, precision, device)
    return _load_plain(model, folder, precision, device)


def _load_plain(
    model: VisionLanguageBase, folder: Path, precision: Precision, device: str
) -> Iterator[Loaded]:
    yield from load_weights(model, folder, dtype=dtype_of(precision), device=device)
    if device.startswith("cuda"):
        # fewer, larger products; on a processor they gain nothing and a copy is not mapped
        for layer in model.llm.model.layers:
            layer.self_attn.stack()
            layer.mlp.stack()


def load_quantised(
    model: VisionLanguageBase, folder: Path, precision: Precision, device: str = "cpu"
) -> Generator[Loaded, None, None]:
    """Fill an empty model from a folder, yielding after each layer and tensor.

    The first time, weights are quantised one layer after the other and the codes are written
    to disk; from then on that file is mapped. Where it cannot be written, the codes are made
    at each load. Raises ModelError and DeviceError.
    """
    capability = capability_of(device, precision)
    wanted = targets(model, precision)
    with ExitStack() as stack:
        checkpoint = open_checkpoint(stack, model, folder)
        progress = _Counted(checkpoint)
        store = store_for(folder, precision, capability)
        get = _kept(store, wanted, capability)
        if get is None:
            with suppress(OSError):  # a full disk: what was made is made again, in memory
                for target in _write(store, wanted, checkpoint, capability):
                    yield progress.at(target)
            get = _kept(store, wanted, capability)
        for target in wanted:
            parts = get(target) if get else _made(target, checkpoint.get, capability)
            put(model, target, target.layer(_on(parts, device), capability))
            yield progress.at(target)
        yield from _rest(model, checkpoint, wanted, device, progress)


def quantise_in_memory(
    model: VisionLanguageBase,
    get: Callable[[str], Tensor],
    precision: Precision,
    device: str = "cpu",
) -> Iterator[Target]:
    """Fill an empty model's quantised layers from named weights, one after the other."""
    capability = capability_of(device, precision)
    for target in targets(model, precision):
        parts = _made(target, get, capability)
        put(model, target, target.layer(_on(parts, device), capability))
        yield target


def _made(target: Target, get: Callable[[str], Tensor], capability: Capability) -> Parts:
    return target.quantise(target.weight(get), capability)


def _on(parts: Parts, device: str) -> Parts:
    return {name: tensor.to(device) for name, tensor in parts.items()}


def _kept(
    store: Store, wanted: Sequence[Target], capability: Capability
) -> Callable[[Target], Parts] | None:
    file = store.find(wanted, capability)
    if file is None:
        return None

    def read(target: Target) -> Parts:
        return {
            part: file.get_tensor(f"{target.place}.{part}") for part in target.parts(capability)
        }

    return read


def _write(
    store: Store, wanted: Sequence[Target], checkpoint: Checkpoint, capability: Capability
) -> Iterator[Target]:
    writer: Writer | None = store.writer(wanted, capability)
    if writer is None:
        return
    try:
        for target in wanted:
            writer.add(_made(target, checkpoint.get, capability))
            yield target
        writer.finish()
    finally:
        writer.abandon()


def _rest(
    model: VisionLanguageBase,
    checkpoint: Checkpoint,
    wanted: Sequence[Target],
    device: str,
    progress: _Counted,
) -> Iterator[Loaded]:
    """Everything that is not in codes, as it is in the checkpoint."""
    inside = {name for target in wanted for name in target.sources}
    if model.config.tie_word_embeddings:
        inside.discard(EMBEDDING)
    for name in checkpoint.names:
        if name not in inside:
            place_tensor(model, name, checkpoint.get(name).to(device=device, dtype=DTYPE))
            yield progress.plain(name)


class _Counted:
    """Progress in bytes of the checkpoint."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._done = 0

    def at(self, target: Target) -> Loaded:
        """A layer is done; beyond the total, where each was done before, nothing counts."""
        return self._more(sum(map(self._checkpoint.size, target.sources)))

    def plain(self, name: str) -> Loaded:
        """A tensor is in place."""
        return self._more(self._checkpoint.size(name))

    def _more(self, count: int) -> Loaded:
        self._done = min(self._done + count, self._checkpoint.total)
        return Loaded(self._done, self._checkpoint.total)
