"""A key-value cache with room made ahead, which can be cut back to a prefix."""

from __future__ import annotations

from torch import Tensor

STEP = 128  # a written token's products go over all the room there is, so it is kept small


class KeyValueCache:
    """Keys and values of all layers, (batch, heads, capacity, head_dim) each.

    Room grows in steps, so that a short question costs little and writing a token copies
    nothing. Interchangeable with transformers' caches where the decoder is concerned. With
    ``step`` = ``limit`` all room is made at once, and the tensors keep their places.
    """

    def __init__(self, layers: int, limit: int, step: int = STEP) -> None:
        self.limit = limit
        self._step = step
        self._keys: list[Tensor | None] = [None] * layers
        self._values: list[Tensor | None] = [None] * layers
        self._lengths = [0] * layers

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Positions held."""
        return self._lengths[layer_idx]

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int
    ) -> tuple[Tensor, Tensor]:
        """Append new positions of one layer; return views of all of its keys and values.

        Fewer rows than before are the first ones; what stays of the others is only their prompt.
        """
        start = self._lengths[layer_idx]
        end = start + key_states.shape[2]
        keys = self._keys[layer_idx] = self._room(self._keys[layer_idx], key_states, start, end)
        values = self._values[layer_idx] = self._room(
            self._values[layer_idx], value_states, start, end
        )
        rows = len(key_states)
        keys[:rows, :, start:end] = key_states
        values[:rows, :, start:end] = value_states
        self._lengths[layer_idx] = end
        return keys[:rows, :, :end], values[:rows, :, :end]

    def truncate(self, length: int) -> None:
        """Forget all positions from ``length`` on."""
        self._lengths = [min(length, held) for held in self._lengths]

    def tensors(self, layer_idx: int) -> tuple[Tensor, Tensor]:
        """A layer's keys and values with all their room; there must be some."""
        keys, values = self._keys[layer_idx], self._values[layer_idx]
        if keys is None or values is None:
            raise ValueError(f"layer {layer_idx} holds nothing")
        return keys, values

    def grow(self, length: int) -> None:
        """So many positions are held, since someone wrote them in place."""
        self._lengths = [length] * len(self._lengths)

    def expanded(self, batch: int) -> KeyValueCache:
        """A new cache whose ``batch`` rows all start with this one's only row."""
        copy = KeyValueCache(len(self._keys), self.limit)
        for layer, length in enumerate(self._lengths):
            keys, values = self._keys[layer], self._values[layer]
            if keys is not None and values is not None and length:
                copy.update(
                    keys[:, :, :length].expand(batch, -1, -1, -1),
                    values[:, :, :length].expand(batch, -1, -1, -1),
                    layer,
                )
        return copy

    def reorder(self, rows: Tensor, start: int) -> None:
        """Row i becomes old row ``rows[i]``; positions below ``start`` are the same in all rows.

        There may be fewer rows than there is room for, and later more again.
        """
        for tensors in (self._keys, self._values):
            for layer, held in enumerate(self._lengths):
                tensor = tensors[layer]
                if tensor is not None and held > start:
                    tensor[: len(rows), :, start:held] = tensor[rows, :, start:held]

    def _room(self, old: Tensor | None, new: Tensor, start: int, end: int) -> Tensor:
        if old is not None and old.shape[2] >= end:
            return old
        capacity = max(end, min(self.limit, -(-end // self._step) * self._step))
        batch, heads, _, width = (new if old is None else old).shape
        room = new.new_empty(batch, heads, capacity, width)
        room[:, :, end:] = 0  # what is not looked at must be numbers too: nothing times NaN is NaN
        if old is not None:
            room[:, :, :start] = old[:, :, :start]
        return room
