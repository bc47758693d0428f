"""What tower and resampler are taught: to know what each patch and each query's output shows."""

from __future__ import annotations

import torch
from torch import Tensor

from batches import Batch
from cells import distinct
from engine.model.minicpmv import MiniCPMV
from sizes import QUERIES
from supervision import TeachingHeads, known_loss


def seeing_losses(
    model: MiniCPMV,
    heads: TeachingHeads,
    batch: Batch,
    features: Tensor,
    gathered: Tensor,
    progress: float,
) -> dict[str, Tensor]:
    """Return how well `features` of patches and `gathered` outputs know what they show."""
    grid, table = batch.layout.grid, model.llm.model.embed_tokens
    some = asked(grid, batch.whole)
    fade = max(0.4, 1.0 - 0.9 * progress)
    lines = torch.from_numpy(batch.lines).view(-1, QUERIES)[:, some]
    cells, shapes = (
        torch.from_numpy(targets)[:, some] for targets in (batch.cell_targets, batch.shape_targets)
    )
    parts = {
        "patch": fade * heads.patch_loss(features, torch.from_numpy(batch.patch_targets)),
        "cell": fade * heads.cell_loss(gathered, cells),
        "shape": 0.3 * fade * heads.shape_loss(gathered, shapes),
        "line": 0.3 * known_loss(heads.line, gathered, lines),
    }
    foreign = torch.tensor(batch.foreign)
    foreign[:, 2] = torch.searchsorted(some, foreign[:, 2].contiguous())  # cells among some
    parts["foreign"] = fade * heads.foreign_loss(features, gathered, foreign, table)
    parts["glyph"] = fade * heads.glyph_loss(features, foreign, torch.from_numpy(batch.glyphs))
    parts["position"] = 0.1 * heads.position_loss(gathered, grid, some)
    return parts


def asked(grid: tuple[int, int], whole: bool) -> Tensor:
    """Return the queries that are asked about a view, all of them or one of each that see alike."""
    return torch.arange(QUERIES) if whole else torch.tensor(distinct(*grid))
