"""What the trainer does better by itself: Muon for matrices, attention in plain products."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.optim import _muon

from engine.processor import cpu_has_bfloat16

DECAY = 0.03
BLOCK = 256  # queries that are attended together
HALVES = cpu_has_bfloat16()  # where it is emulated, its products take ten times as long as float32


class Optimizers:
    """Muon for the matrices between layers, AdamW for tables, heads, norms and biases.

    Muon takes AdamW's learning rate: each update is scaled to the size of one of AdamW's. It is a
    tenth of a step's work, so processes that train together divide the matrices.
    """

    def __init__(self, model: nn.Module, heads: nn.Module, rate: float, tower: float = 1.0) -> None:
        """Divide the parameters of the model and its heads; the tower learns `tower` times as fast.

        A trained tower knows its letters, while what reads it may have to learn something new.
        """
        alone = not distributed.is_initialized()
        self.processes = 1 if alone else distributed.get_world_size()
        self.rank = 0 if alone else distributed.get_rank()
        named = [*model.named_parameters(), *heads.named_parameters(prefix="heads")]
        wanted = [(name, p) for name, p in named if p.requires_grad]
        inner = [p for name, p in wanted if p.dim() == 2 and is_inner(name)]
        self.shares = [inner[rank :: self.processes] for rank in range(self.processes)]
        matrices, groups = [], []
        for ours, pace in ((True, tower), (False, 1.0)):
            some = [(name, p) for name, p in wanted if name.startswith("vpm.") == ours]
            others = [p for name, p in some if p.dim() != 2 or not is_inner(name)]
            matrices.append(
                {"params": [p for name, p in some if p.dim() == 2 and is_inner(name)], "pace": pace}
            )
            for decay, chosen in (
                (DECAY, [p for p in others if p.dim() >= 2]),
                (0.0, [p for p in others if p.dim() < 2]),
            ):
                groups.append({"params": chosen, "weight_decay": decay, "pace": pace})
        self.muon = torch.optim.Muon(
            matrices, lr=rate, weight_decay=DECAY, adjust_lr_fn="match_rms_adamw"
        )
        self.adamw = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        for group in (*self.muon.param_groups, *self.adamw.param_groups):
            group["lr"] = rate * group["pace"]

    def step(self) -> None:
        """Move the weights that have gradients, then drop the gradients."""
        moved = [[p for p in share if p.grad is not None] for share in self.shares]
        for others in (*self.shares[: self.rank], *self.shares[self.rank + 1 :]):
            for parameter in others:
                parameter.grad = None
        for one in (self.muon, self.adamw):
            one.step()
            one.zero_grad()
        if self.processes > 1:
            for rank, share in enumerate(moved):
                tell(share, rank)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of both."""
        return {"muon": self.muon.state_dict(), "adamw": self.adamw.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a saved state, but as fast as this run was asked to."""
        for optimizer, saved in ((self.muon, state["muon"]), (self.adamw, state["adamw"])):
            paces = [group["pace"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, pace in zip(optimizer.param_groups, paces, strict=True):
                group["pace"] = pace


@torch.no_grad()
def tell(parameters: list[nn.Parameter], rank: int) -> None:
    """Give every process the values that one of them has."""
    if not parameters:
        return
    flat = torch.cat([parameter.flatten() for parameter in parameters])
    distributed.broadcast(flat, rank)
    parts = flat.split([parameter.numel() for parameter in parameters])
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.copy_(part.view_as(parameter))


def is_inner(name: str) -> bool:
    """Whether a matrix turns one layer's values into another's: no table, no head."""
    return any(part in name for part in (".blocks.", ".layers.", "resampler.attn.", "kv_proj"))


def use_faster_ways() -> None:
    """Let this process train with what is faster here than torch's own."""
    setattr(nn.functional, "scaled_dot_product_attention", plain_attention)  # noqa: B010
    if not HALVES:
        setattr(_muon, "_zeropower_via_newtonschulz", orthogonal)  # noqa: B010


def orthogonal(
    gradient: Tensor, coefficients: tuple[float, float, float], steps: int, least: float
) -> Tensor:
    """Bring a matrix's singular values near one, in its own type where Muon would use bfloat16.

    Muon's quintic of Newton and Schulz: each step maps X to aX + (bA + cAA)X, where A is XX'.
    """
    a, b, c = coefficients
    tall = gradient.shape[0] > gradient.shape[1]
    wide = gradient.T if tall else gradient
    x: Tensor = wide / wide.norm().clamp(min=least)
    for _ in range(steps):
        products = x @ x.T
        x = a * x + (b * products + c * products @ products) @ x
    return x.T if tall else x


def plain_attention(
    queries: Tensor, keys: Tensor, values: Tensor, *_: object, is_causal: bool = False, **__: object
) -> Tensor:
    """Attention in plain products, which train faster than the fused kernel.

    Measured with one thread at lengths of 200 to 1,250, forwards and backwards: in bfloat16 on
    Zen 4 more than twice as fast, in float32 where that is emulated about as fast. Causal ones
    go by blocks of queries, each of which meets only the keys up to its own.
    """
    if not is_causal:
        return products(queries, keys, values, causal=False)
    mixed, known = [], keys.shape[-2] - queries.shape[-2]
    for block in queries.split(BLOCK, dim=-2):
        known += block.shape[-2]
        mixed.append(products(block, keys[..., :known, :], values[..., :known, :], causal=True))
    return torch.cat(mixed, dim=-2)


def products(queries: Tensor, keys: Tensor, values: Tensor, *, causal: bool) -> Tensor:
    """Return the attention of the last queries that there are keys of."""
    with torch.autocast("cpu", enabled=False):
        scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
        if causal:
            scores.add_(future(*scores.shape[-2:], scores.dtype))
        mixed: Tensor = scores.softmax(-1) @ values
        return mixed


@lru_cache(maxsize=64)
def future(last: int, length: int, dtype: torch.dtype) -> Tensor:
    """Return minus infinity where one of the last positions would look ahead, (last, length)."""
    return torch.full((last, length), -torch.inf, dtype=dtype).triu(1 + length - last)
