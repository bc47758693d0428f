"""Training-only losses: characters of every patch and cell, and where a query looks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.language import Attention, rotate
from engine.model.resampler import Resampler
from glyphs import GLYPH_PIXELS
from roles import SIZES
from sizes import LINES, SLICES_AT_MOST
from targets import CELL_SLOTS, CHARACTER_CLASSES, PATCH_SLOTS, SHAPE_CLASSES, owned_patches

AIMING_HEADS = 2
WIDEST_STEP = 7  # cells between the middles of two letters side by side
EMPTY_LEAST = 200  # of the places without a character, in a batch
ROW_SHARES, COLUMN_SHARES = 32, 64  # of a view that are told apart
SLOTS = 5  # places of letters that are told apart in a cell
JUMP, BREAK = 10.0, 2.0  # how often a jump counts, and what stands before it or closes


class TeachingHeads(nn.Module):
    """Linear readers of the patch features and of the query outputs; they are not exported."""

    def __init__(self, vision_width: int, hidden: int) -> None:
        """Make the heads for these widths."""
        super().__init__()
        self.patch = nn.Linear(vision_width, PATCH_SLOTS * CHARACTER_CLASSES)
        self.cell = nn.Linear(hidden, CELL_SLOTS * CHARACTER_CLASSES)
        self.shape = nn.Linear(hidden, SHAPE_CLASSES)
        self.position = nn.Linear(hidden, ROW_SHARES + COLUMN_SHARES)
        self.slice = nn.Linear(hidden, 2 * SLICES_AT_MOST)
        self.line = nn.Linear(hidden, LINES)
        self.line_told = nn.Linear(hidden, LINES)  # of outputs and of what is written alike
        self.roles = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in SIZES.items()})
        # characters beyond ASCII are told apart by the decoder's own table of tokens
        self.foreign_patch = nn.Linear(vision_width, hidden)
        self.foreign_cell = nn.Linear(hidden, hidden)
        self.glyph = nn.Linear(vision_width, GLYPH_PIXELS)
        self.slot_written = nn.Linear(hidden, SLOTS)
        self.slot_next = nn.Linear(hidden, SLOTS)

    def patch_loss(self, features: Tensor, targets: Tensor) -> Tensor:
        """Features (n, patches, width) against characters (n, patches, slots)."""
        return characters_loss(self.patch, features, targets)

    def cell_loss(self, gathered: Tensor, targets: Tensor) -> Tensor:
        """Query outputs (n, queries, hidden) against their cells' characters."""
        return characters_loss(self.cell, gathered, targets)

    def foreign_loss(
        self, features: Tensor, gathered: Tensor, foreign: Tensor, table: nn.Embedding
    ) -> Tensor:
        """Patches and cells against their characters' tokens, (n, 4) as in `Batch.foreign`."""
        sample, patch, cell, token = foreign.unbind(1)
        seen = self.foreign_patch(features[sample, patch])
        told = self.foreign_cell(gathered[sample, cell])
        logits = functional.linear(torch.cat((seen, told)), table.weight)
        missed = functional.cross_entropy(logits.float(), token.repeat(2), reduction="none")
        both: Tensor = missed @ seldom(sample).repeat(2)  # nothing where there are none
        return both

    def glyph_loss(self, features: Tensor, foreign: Tensor, glyphs: Tensor) -> Tensor:
        """Features of patches against the looks of the characters there, (n, GLYPH_PIXELS)."""
        sample, patch, _, _ = foreign.unbind(1)
        missed = (self.glyph(features[sample, patch]).float() - glyphs).square().mean(-1)
        mean: Tensor = missed @ seldom(sample)
        return mean

    def position_loss(self, gathered: Tensor, grid: tuple[int, int], some: Tensor) -> Tensor:
        """Some queries' outputs (n, some, hidden) against how far down and across they show."""
        logits = self.position(gathered).float().flatten(0, 1)  # (n * some, rows + columns)
        patches = torch.from_numpy(owned_patches(*grid))[some, 0].repeat(len(gathered))
        row, column = logits.split((ROW_SHARES, COLUMN_SHARES), dim=-1)
        down = (patches // grid[1] + 0.5) / grid[0] * ROW_SHARES
        across = (patches % grid[1] + 0.5) / grid[1] * COLUMN_SHARES
        missed = functional.cross_entropy(row, down.long())
        return 0.5 * (missed + functional.cross_entropy(column, across.long()))

    def slice_loss(self, hidden: Tensor, slices: Tensor) -> Tensor:
        """Decoder states (n, outputs, hidden) against rows and columns of slices (outputs, 2)."""
        row, column = self.slice(hidden).float().flatten(0, 1).split(SLICES_AT_MOST, dim=-1)
        rows, columns = slices.repeat(len(hidden), 1).unbind(1)
        missed = functional.cross_entropy(row, rows)
        return 0.5 * (missed + functional.cross_entropy(column, columns))

    def slot_loss(self, written: Tensor, coming: Tensor, aims: Aims) -> Tensor:
        """Decoder states against the places in their cells of two characters.

        `written` (n, length, hidden) is asked for the one just written, `coming` for the next. A
        cell holds two to four small letters; without this many a letter is skipped.
        """
        slots = torch.where(aims.cells >= 0, aims.slots(), -1)
        missed = known_loss(self.slot_written, written, slots[:, :-1])
        return 0.5 * (missed + known_loss(self.slot_next, coming, slots[:, 1:]))

    def role_losses(self, states: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Decoder states of cells (n, cells, hidden) against (n, cells, 3) of `role_targets`."""
        heads = zip(self.roles.items(), targets.unbind(-1), strict=True)
        return {name: known_loss(head, states, known) for (name, head), known in heads}

    def shape_loss(self, gathered: Tensor, targets: Tensor) -> Tensor:
        """Query outputs against the shape and colour centred in their cells (n, queries)."""
        return balanced(self.shape(gathered), targets)


def known_loss(head: nn.Module, states: Tensor, targets: Tensor) -> Tensor:
    """States (n, places, width) against numbers (n, places), -1 where these are not known."""
    known = targets >= 0
    # also where none is known: processes that train together share the same gradients
    told, wanted = head(states[known]).float(), targets[known]
    mean: Tensor = functional.cross_entropy(told, wanted, reduction="sum") / max(1, len(wanted))
    return mean


def seldom(samples: Tensor) -> Tensor:
    """How much each character counts by the picture it is in (n,), all of them together one.

    A large one costs a picture room for many small ones: it counts more, though not as much more.
    """
    weights = samples.bincount()[samples].float().rsqrt()
    return weights / weights.sum().clamp(min=1.0)


def characters_loss(head: nn.Linear, features: Tensor, targets: Tensor) -> Tensor:
    """Features (n, places, width) against characters (n, places, slots).

    Places without any are mostly left out: there are many, and they cost as much as others.
    """
    there = (targets > 0).any(-1).flatten()
    empty = (~there).nonzero().flatten()
    kept = min(len(empty), EMPTY_LEAST + int(there.sum()) // 2)
    some = torch.cat((there.nonzero().flatten(), empty[shuffled(empty)[:kept]]))
    logits = head(features.flatten(0, 1)[some]).unflatten(-1, (-1, CHARACTER_CLASSES))
    return balanced(logits, targets.flatten(0, 1)[some])


def shuffled(rows: Tensor) -> Tensor:
    """Return the numbers of rows in an order that is the same when a run is repeated."""
    source = torch.Generator().manual_seed(int(rows.sum()))
    return torch.randperm(len(rows), generator=source)


def balanced(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of what is there, plus half of that of what is empty."""
    losses = functional.cross_entropy(
        logits.flatten(0, -2).float(), targets.flatten(), reduction="none"
    )
    there = (targets.flatten() > 0).float()
    full = (losses * there).sum() / there.sum().clamp(min=1.0)
    empty = (losses * (1 - there)).sum() / (1 - there).sum().clamp(min=1.0)
    return full + 0.5 * empty if bool(there.any()) else 0.5 * empty


def gather(
    resampler: Resampler, features: Tensor, grid: tuple[int, int], some: Tensor
) -> tuple[Tensor, Tensor]:
    """Some queries of the resampler with their attention.

    Their shapes are (n, some, hidden) and (n, heads, some, patches).
    """
    values = resampler.ln_kv(resampler.kv_proj(features))
    keys = values + resampler._key_positions(*grid, like=values)
    queries = (resampler.ln_q(resampler.query) + resampler.pos_embed)[some].expand(
        features.shape[0], -1, -1
    )
    weights, biases = resampler.attn.in_proj_weight.chunk(3), resampler.attn.in_proj_bias.chunk(3)
    q, k, v = (
        functional.linear(x, w, b).unflatten(-1, (resampler.heads, -1)).transpose(1, 2)
        for x, w, b in zip((queries, keys, values), weights, biases, strict=True)
    )
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    attention = scores.softmax(-1, dtype=torch.float32)
    mixed = resampler.attn.out_proj((attention.to(v.dtype) @ v).transpose(1, 2).flatten(2))
    return resampler.ln_post(mixed) @ resampler.proj, attention


def looking_loss(attention: Tensor, grid: tuple[int, int], some: Tensor) -> Tensor:
    """How little of some queries' attention lies on the patches of their own cells."""
    own = torch.from_numpy(owned_patches(*grid))[some]
    patches = attention.shape[-1]
    there = attention.gather(-1, own.clamp(max=patches - 1).expand(*attention.shape[:2], -1, -1))
    mass = (there * (own < patches)).sum(-1)
    return -(mass + 1e-4).log().mean()


@dataclass(frozen=True)
class Aims:
    """Where the characters of an answer stand among the outputs in the prompt."""

    cells: Tensor  # (n, length): for each token of the prompt its cell, or -1
    same: Tensor  # (cells, outputs): which outputs in the prompt show a cell's patches
    outputs: Tensor  # (outputs,): where these stand in the prompt

    def weights(self) -> Tensor:
        """How much a token counts, (n, length): more where the reading jumps, which is seldom.

        One wrong jump repeats or loses a line.
        """
        before, after = self.cells[:, :-1], self.cells[:, 1:]
        near = (after >= before) & (after <= before + WIDEST_STEP)
        jumps = ~near & (before >= 0) & (after >= 0)
        counts = torch.ones(self.cells.shape)
        counts[:, :-1][jumps] = BREAK
        counts[:, 1:][jumps] = JUMP
        return counts

    def slots(self) -> Tensor:
        """Return how many characters before each are read in the same cell, (n, length)."""
        numbers = torch.arange(self.cells.shape[1]).expand_as(self.cells)
        fresh = torch.ones_like(self.cells, dtype=torch.bool)
        fresh[:, 1:] = self.cells[:, 1:] != self.cells[:, :-1]
        first = torch.where(fresh, numbers, 0).cummax(dim=1).values
        return (numbers - first).clamp(max=SLOTS - 1)

    def places(self, cells: Tensor) -> Tensor:
        """Return where the prompt has the outputs of cells of any shape, -1 where these are -1."""
        first = self.outputs[self.same.int().argmax(-1)]
        return torch.where(cells >= 0, first[cells.clamp(min=0)], -1)

    def any(self) -> bool:
        """Whether any character's cell is known."""
        return bool((self.cells >= 0).any())

    def loss(
        self, hidden: Tensor, attention: Attention, rotary: tuple[Tensor, Tensor], steps: int
    ) -> Tensor:
        """How far the first heads are from looking where the character `steps` ahead stands.

        `hidden` is a layer's normed input (n, length, width) without the last token.
        """
        cells = self.cells[:, steps : steps + hidden.shape[1]]
        wanted = cells >= 0
        first = int(wanted.any(0).nonzero()[0])  # only answers are asked to look, not prompts
        q = self._heads(attention, attention.q_proj, hidden, rotary, first)
        k = self._heads(attention, attention.k_proj, hidden, rotary)
        scores = (q @ k.transpose(-1, -2)).float() / attention.head_dim**0.5
        future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1 + first)
        chosen = scores.masked_fill(future, -torch.inf).transpose(1, 2)[wanted[:, first:]]
        there = chosen[..., self.outputs].masked_fill(
            ~self.same[cells[wanted]][:, None], -torch.inf
        )
        missed = (chosen.logsumexp(-1) - there.logsumexp(-1)).mean(-1)
        counts = self.weights()[:, steps : steps + hidden.shape[1]][wanted]
        mean: Tensor = (missed * counts).sum() / counts.sum()
        return mean

    def copied(
        self, hidden: Tensor, attention: Attention, wanted: Tensor
    ) -> tuple[Tensor, Tensor] | None:
        """What the first heads would carry from the very cells of the characters to come.

        Of the places `wanted` (n, length) whose next character is seen: which, (k, 2), and what is
        added to the decoder's state there, (k, width). None where there are none. `hidden` is the
        last layer's normed input.
        """
        cells = self.cells[:, 1 : 1 + hidden.shape[1]]
        places = ((cells >= 0) & wanted).nonzero()
        if not len(places):
            return None
        seen = hidden[places[:, 0], self.places(cells[places[:, 0], places[:, 1]])]
        width = AIMING_HEADS * attention.head_dim
        carried = functional.linear(seen, attention.v_proj.weight[:width])
        return places, functional.linear(carried, attention.o_proj.weight[:, :width])

    @staticmethod
    def _heads(
        attention: Attention,
        project: nn.Linear,
        hidden: Tensor,
        rotary: tuple[Tensor, Tensor],
        first: int = 0,
    ) -> Tensor:
        """The aiming heads' queries or keys from one position on, rotated."""
        weight = project.weight[: AIMING_HEADS * attention.head_dim]
        parts = attention._heads(functional.linear(hidden[:, first:], weight))
        return rotate(parts, *(table[first:] for table in rotary))
