"""What a model must compute and read, from its shapes alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..configuration import MiniCPMVConfig

TOWER = {"embed_dim": 1152, "depth": 27, "mlp": 4304 / 1152}  # of timm's model of that name


@dataclass(frozen=True, slots=True)
class Costs:
    """Operations count a multiplication and an addition as two, as everyone does."""

    config: MiniCPMVConfig
    decoder_bytes: int  # what one step reads: the decoder's weights and the output layer's
    cache_width: int  # bytes of one number in the key-value cache

    def view(self, patches: int) -> float:
        """Operations of the tower and the resampler for one view."""
        vision = self.config.vision_config or {}
        width = vision.get("embed_dim", TOWER["embed_dim"])
        depth = vision.get("depth", TOWER["depth"]) - self.config.drop_vision_last_layer
        linear = (4 + 2 * TOWER["mlp"]) * width**2
        block = 2 * patches * linear + 4 * patches**2 * width
        patching = 2 * patches * 3 * self.config.patch_size**2 * width
        return float(depth * block + patching + self._resampling(patches, width))

    def _resampling(self, patches: int, width: float) -> float:
        hidden, queries = self.config.hidden_size, self.config.query_num
        gathering = 2 * patches * hidden * (width + 2 * hidden) + 4 * queries * patches * hidden
        return float(gathering + 6 * queries * hidden**2)

    def prefill(self, new: int, held: int = 0) -> float:
        """Operations of the decoder for new positions after held ones, with one row of logits."""
        config = self.config
        hidden, shared = config.hidden_size, config.num_key_value_heads * config.head_dim
        layer = 2 * hidden**2 + 2 * hidden * shared + 3 * hidden * config.intermediate_size
        seen = new * held + new * (new + 1) / 2  # pairs of positions
        attention = 4 * seen * hidden
        head = 2 * hidden * config.vocab_size
        return float(config.num_hidden_layers * (2 * new * layer + attention) + head)

    def step_bytes(self, held: int) -> float:
        """Bytes that writing one token reads: all of the decoder, and the cache so far."""
        config = self.config
        shared = config.num_key_value_heads * config.head_dim
        position = 2 * config.num_hidden_layers * shared * self.cache_width
        return float(self.decoder_bytes + held * position)
