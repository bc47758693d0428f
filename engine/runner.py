"""The forward passes: one view, one piece of the prompt, one written token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .cache import KeyValueCache
from .device import synchronize
from .graphs import StepGraphs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .model.vision_language import VisionLanguageBase


class Runner:
    """A loaded model with the key-value cache of the conversation it is in.

    Every method is one forward pass or less and enters inference mode by itself, so that no
    generator ever pauses inside it.
    """

    def __init__(self, model: VisionLanguageBase) -> None:
        self.model = model
        self.device = next(model.parameters()).device
        self._graphs: StepGraphs | None = None
        # a processor is busy with one; four fill a GPU, and their activations are small beside it
        self.views_at_once = 4 if self.device.type == "cuda" else 1
        self.cache = self._new_cache()
        self._prompt: KeyValueCache | None = None  # set aside while beams are written
        self._prompt_length = 0

    def _new_cache(self) -> KeyValueCache:
        config = self.model.config
        layers, limit = config.num_hidden_layers, config.max_position_embeddings
        self._graphs = None
        if self.device.type != "cuda":
            return KeyValueCache(layers, limit)
        return KeyValueCache(layers, limit, step=limit)  # graphs need tensors that stay

    @property
    def held(self) -> int:
        """Positions in the cache."""
        return self.cache.get_seq_length()

    def keep(self, length: int) -> None:
        """Cut the cache back to its first ``length`` positions."""
        self.cache.truncate(length)

    def reset(self) -> None:
        """Drop the cache, with its memory."""
        self.cache = self._new_cache()
        self._prompt = None

    @torch.inference_mode()
    def see(self, pixels: Sequence[NDArray[np.float32]]) -> Tensor:
        """Equally large normalised views -> (views, queries, hidden) on the device."""
        views = torch.stack([torch.from_numpy(view) for view in pixels]).to(self.device)
        features = self.model.encode_views(views)
        synchronize(self.device)
        return features

    @torch.inference_mode()
    def read(
        self, ids: Sequence[int], features: Sequence[Tensor], bounds: Sequence[tuple[int, int]]
    ) -> Tensor:
        """Feed a piece of the prompt after what is held; return its last (vocabulary,) logits.

        ``bounds`` are positions within ``ids`` and pair with ``features``.
        """
        row = torch.tensor([list(ids)], device=self.device)
        embeddings = self.model.embed(row, features, bounds)
        hidden = self.model.llm.model(embeddings, None, self.cache)
        return self.model.llm.logits(hidden[:, -1])[0].cpu()

    @torch.inference_mode()
    def step(self, ids: Sequence[int]) -> Tensor:
        """Feed one token a row; return (rows, vocabulary) float32 logits on the CPU."""
        if self.device.type == "cuda" and self._prompt is None and self.held:
            if self._graphs is None:
                self._graphs = StepGraphs(self.model, self.cache)
            return self._graphs.step(ids[0])
        column = torch.tensor([[token] for token in ids], device=self.device)
        hidden = self.model.llm.model(self.model.llm.model.embed(column), None, self.cache)
        return self.model.llm.logits(hidden[:, -1]).cpu()

    @torch.inference_mode()
    def spread(self, rows: int) -> None:
        """Continue with so many equal rows; the single row is set aside for ``gather``."""
        self._prompt, self._prompt_length = self.cache, self.held
        self.cache = self.cache.expanded(rows)

    @torch.inference_mode()
    def reorder(self, rows: Sequence[int]) -> None:
        """Row i goes on from what was row ``rows[i]``."""
        if list(rows) != list(range(len(rows))):
            self.cache.reorder(torch.tensor(rows, device=self.device), self._prompt_length)

    def gather(self) -> None:
        """Return to the single row there was before ``spread``; without one, do nothing."""
        if self._prompt is not None:
            self.cache, self._prompt = self._prompt, None
