"""Which layers of the network hold codes, and which of the checkpoint's tensors each is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..messages import Precision
from .capability import Capability, pack_for_cpu, pack_plain
from .linear import Int4Linear, Int8Linear, QuantisedLinear
from .schemes import GROUP, eight_bits, four_bits

if TYPE_CHECKING:
    from ..model.vision_language import VisionLanguageBase

ROWS_OF_FOUR_BITS = 64  # a multiple that every layout can pack
EMBEDDING, HEAD = "llm.model.embed_tokens.weight", "llm.lm_head"
FUSED = {
    "self_attn": ("qkv_proj", ("q_proj", "k_proj", "v_proj")),
    "mlp": ("gate_up_proj", ("gate_proj", "up_proj")),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One layer to be: its place in the network, its sources stacked by rows, and its bits."""

    place: str
    sources: tuple[str, ...]
    rows: int
    columns: int
    precision: Precision

    def parts(self, capability: Capability) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """The types and shapes of the tensors that the layer is kept as."""
        scales = (torch.bfloat16, (self.rows,))
        if self.precision is Precision.INT8:
            return {"codes": (torch.int8, (self.rows, self.columns)), "scales": scales}
        groups = (torch.int8, (self.columns // GROUP, self.rows))
        packed = (torch.uint8, (self.rows, self.columns // 2))
        return {"packed": packed, "multipliers": groups, "offsets": groups, "scales": scales}

    def quantise(self, weight: Tensor, capability: Capability) -> dict[str, Tensor]:
        """A weight as those tensors."""
        if self.precision is Precision.INT8:
            eight = eight_bits(weight)
            return {"codes": eight.codes, "scales": eight.scales}
        four = four_bits(weight)
        pack = pack_for_cpu if capability.block else pack_plain
        return {
            "packed": pack(four.codes),
            "multipliers": four.multipliers.t().contiguous(),
            "offsets": four.offsets.t().contiguous(),
            "scales": four.scales,
        }

    def layer(self, parts: dict[str, Tensor], capability: Capability) -> QuantisedLinear:
        """The layer of those tensors."""
        if self.precision is Precision.INT8:
            return Int8Linear(parts["codes"], parts["scales"], capability)
        return Int4Linear(**parts, capability=capability)

    def weight(self, get: Callable[[str], Tensor]) -> Tensor:
        """The weight from its sources."""
        tensors = [get(name) for name in self.sources]
        return tensors[0] if len(tensors) == 1 else torch.cat(tensors)


def targets(model: VisionLanguageBase, precision: Precision) -> tuple[Target, ...]:
    """Every linear layer of decoder and tower blocks.

    The decoder's own layers have the precision; tower and output layer have eight bits at
    least, since they are small and what they get wrong cannot be mended later. The resampler
    stays as it is.
    """
    return tuple(_targets(model, precision))


def _targets(model: VisionLanguageBase, precision: Precision) -> Iterator[Target]:
    for name, module in model.llm.model.layers.named_modules(prefix="llm.model.layers"):
        fused = FUSED.get(name.rpartition(".")[2])
        if fused is not None:
            joined, parts = fused
            sources = tuple(f"{name}.{part}" for part in parts)
            yield _target(model, f"{name}.{joined}", sources, precision)
        elif isinstance(module, nn.Linear) and name.endswith(("o_proj", "down_proj")):
            yield _target(model, name, (name,), precision)
    for name, module in model.vpm.blocks.named_modules(prefix="vpm.blocks"):
        if isinstance(module, nn.Linear):
            yield _target(model, name, (name,), Precision.INT8)
    head = _target(model, HEAD, (HEAD,), Precision.INT8)
    tied = model.config.tie_word_embeddings
    yield Target(HEAD, (EMBEDDING,), head.rows, head.columns, Precision.INT8) if tied else head


def _target(
    model: VisionLanguageBase, place: str, sources: tuple[str, ...], precision: Precision
) -> Target:
    weights = [model.get_parameter(f"{source}.weight") for source in sources]
    rows, columns = sum(len(weight) for weight in weights), weights[0].shape[1]
    if rows % ROWS_OF_FOUR_BITS or columns % GROUP:
        precision = Precision.INT8
    names = tuple(f"{source}.weight" for source in sources)
    return Target(place, names, rows, columns, precision)


def put(model: VisionLanguageBase, target: Target, layer: QuantisedLinear) -> None:
    """Let a layer take the place of those that it is made of."""
    parent_name, _, leaf = target.place.rpartition(".")
    parent = model.get_submodule(parent_name)
    old = getattr(parent, leaf, None)
    if isinstance(old, nn.Linear):
        layer.bias = old.bias
    setattr(parent, leaf, layer)
    if leaf in dict(FUSED.values()):
        for source in dict(FUSED.values())[leaf]:
            delattr(parent, source)
