"""Training-only loss of the prompt's outputs: each learns to look at the one before it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.model.language import Attention, rotate
from supervision import AIMING_HEADS, WIDEST_STEP

LINE = 5.0  # how often an output counts that looks back across a line break


def pointing_loss(
    hidden: Tensor, attention: Attention, rotary: tuple[Tensor, Tensor], pairs: Tensor
) -> Tensor:
    """How far the last heads of views' outputs are from looking at others before them.

    An output that knows what stands before it is found by a reader who knows that: the next patch
    is one step away, whatever the size of its view, and so is the next line. `hidden` is the
    layer's normed input (n, length, width), `pairs` (n or 1, k, 2) are places of outputs, the one
    that looks first; both are -1 where a sample has fewer. Where there are none it is zero. A twin
    of the first may stand before those of the second: such pairs are left out.
    """
    if not pairs.numel():
        return torch.zeros(())
    width = AIMING_HEADS * attention.head_dim
    there = pairs[..., 0] > pairs[..., 1]
    later, earlier = pairs.clamp(min=0).expand(len(hidden), -1, -1).unbind(-1)
    earlier = earlier.minimum(later)  # nobody looks ahead: such pairs count nothing
    upto = int(later.max()) + 1
    kept = hidden[:, :upto]
    asking = kept.gather(1, later[..., None].expand(-1, -1, kept.shape[-1]))
    q = attention._heads(functional.linear(asking, attention.q_proj.weight[-width:]))
    k = attention._heads(functional.linear(kept, attention.k_proj.weight[-width:]))
    q = rotate(q, *(table[later][:, None] for table in rotary))
    k = rotate(k, *(table[:upto] for table in rotary))
    scores = (q @ k.transpose(-1, -2)).float() / attention.head_dim**0.5
    future = torch.arange(upto) > later[:, None, :, None]
    scores = scores.masked_fill(future, -torch.inf)
    wanted = earlier[:, None, :, None].expand(*scores.shape[:2], -1, -1)
    missed = (scores.logsumexp(-1) - scores.gather(-1, wanted).squeeze(-1)).mean(1)
    far = 1 + (LINE - 1) * (later - earlier > WIDEST_STEP)
    counts = (far * there).float()
    mean: Tensor = (missed * counts).sum() / counts.sum().clamp(min=1.0)
    return mean
