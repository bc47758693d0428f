"""One written token as a recorded CUDA graph: the GPU is told once instead of a thousand times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .cache import KeyValueCache
from .model.language import rotary_tables

if TYPE_CHECKING:
    from .model.vision_language import VisionLanguageBase

BUCKET = 512  # positions: attention looks at the first so many, a graph for each number of buckets
WARM_UP = 3  # runs before recording, in which libraries choose their kernels


class FixedCache:
    """A cache's tensors at fixed places; one position is written, the first ``seen`` are read."""

    def __init__(self, cache: KeyValueCache, position: Tensor, seen: int) -> None:
        self._cache, self._position, self._seen = cache, position, seen

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """All that is read; which of it counts is the mask's business."""
        return self._seen

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int
    ) -> tuple[Tensor, Tensor]:
        """Put (batch, heads, 1, head_dim) at the position; return what is read."""
        keys, values = self._cache.tensors(layer_idx)
        keys.index_copy_(2, self._position, key_states)
        values.index_copy_(2, self._position, value_states)
        return keys[:, :, : self._seen], values[:, :, : self._seen]


class StepGraphs:
    """Steps of one conversation's cache, which must have all its room from the start.

    Inputs and outputs stay at the places that were recorded. Without ``record`` the same
    operations run one by one; the tests compare them with the plain step, on any device.
    """

    def __init__(
        self, model: VisionLanguageBase, cache: KeyValueCache, *, record: bool = True
    ) -> None:
        self._model, self._cache, self._record = model, cache, record
        self._device, config = model.vpm.pos_embed.device, model.config
        self._limit = config.max_position_embeddings
        self._id = torch.zeros(1, 1, dtype=torch.long, device=self._device)
        self._position = torch.zeros(1, dtype=torch.long, device=self._device)
        self._places = torch.arange(self._limit, device=self._device)
        self._rotary = rotary_tables(
            self._places, config.head_dim, config.rope_theta, model.vpm.pos_embed.dtype
        )
        self._graphs: dict[int, tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    @torch.inference_mode()
    def step(self, token: int) -> Tensor:
        """Feed a token after what is held; return (1, vocabulary) float32 logits on the CPU."""
        position = self._cache.get_seq_length()
        self._id.fill_(token)
        self._position.fill_(position)
        seen = min(self._limit, (position // BUCKET + 1) * BUCKET)
        if self._record:
            graph, logits = self._graphs.get(seen) or self._recorded(seen)
            graph.replay()
        else:
            logits = self._run(seen)
        self._cache.grow(position + 1)
        return logits.cpu()

    def _run(self, seen: int) -> Tensor:
        decoder = self._model.llm.model
        cosines, sines = (table.index_select(0, self._position) for table in self._rotary)
        mask = (self._places[:seen] <= self._position)[None, None, None]
        cache = FixedCache(self._cache, self._position, seen)
        hidden = decoder.embed(self._id)
        for layer in decoder.layers:
            hidden = layer(hidden, (cosines, sines), mask, cache)
        return self._model.llm.logits(decoder.norm(hidden)[:, -1])

    def _recorded(self, seen: int) -> tuple[torch.cuda.CUDAGraph, Tensor]:
        """Record one step; running it before writes the same values to the same place."""
        side = torch.cuda.Stream(self._device)
        side.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self._run(seen)
        torch.cuda.current_stream(self._device).wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            logits = self._run(seen)
        self._graphs[seen] = graph, logits
        return graph, logits
