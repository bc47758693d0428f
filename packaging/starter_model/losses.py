"""What one batch costs: every part of the loss, from the patches to the answers' tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from batches import Batch, pixels_of
from build_vocabulary import NEWLINE_ID
from engine.model.language import rotary_tables
from engine.model.minicpmv import MiniCPMV
from layout import stand_ins
from sizes import QUERIES
from supervision import (
    BREAK,
    Aims,
    TeachingHeads,
    gather,
    looking_loss,
)

STEPS_AHEAD = {1: 0, 2: 1, 3: 1}  # what each decoder layer is taught to look at
CLOSING = 2  # the token behind an answer
IMAGE_START = 101  # the token before a view's outputs
LAST_CONTROL = 112  # of the token ids; ASCII lies before, the rest behind
LATIN, BEYOND = (6, 98), (LAST_CONTROL + 1, 3970)  # token ids of characters
START = 5.0  # how much the first token of an answer counts: it decides what the rest will be
MISREAD_MOST = 0.2  # of the letters of an answer


def losses(
    model: MiniCPMV, heads: TeachingHeads, batch: Batch, progress: float
) -> dict[str, Tensor]:
    """Return every part of the loss, already weighted for this moment of the training."""
    grid = batch.layout.grid
    features = model.vpm(pixels_of(batch.pixels))
    gathered, attention = gather(model.resampler, features, grid)
    fade = max(0.3, 1.0 - 0.9 * progress)
    parts = {
        "patch": fade * heads.patch_loss(features, torch.from_numpy(batch.patch_targets)),
        "cell": fade * heads.cell_loss(gathered, torch.from_numpy(batch.cell_targets)),
        "shape": 0.3 * fade * heads.shape_loss(gathered, torch.from_numpy(batch.shape_targets)),
    }
    foreign = torch.from_numpy(batch.foreign)
    parts["foreign"] = fade * heads.foreign_loss(
        features, gathered, foreign, model.llm.model.embed_tokens
    )
    parts["glyph"] = fade * heads.glyph_loss(features, foreign, torch.from_numpy(batch.glyphs))
    parts["position"] = 0.15 * heads.position_loss(gathered, grid)
    if not batch.letters_only:
        told = answer_losses(model, heads, look(model, gathered, batch), batch)
        weights = {"aiming": max(0.1, 0.5 - 0.5 * progress), "slot": 0.2, "slice": 0.2}
        more = "_sliced" if batch.overviews is not None else ""  # in the log
        parts |= {name + more: weights.get(name, 1.0) * part for name, part in told.items()}
    parts["looking"] = 0.3 * looking_loss(attention, grid)
    return parts


@dataclass(frozen=True)
class Seen:
    """What all of a batch's views give for the prompt, the overviews first if there are any."""

    views: list[Tensor]  # (samples, QUERIES, hidden) each
    grids: list[tuple[int, int]]
    bare: int  # how many of them bear no targets: the overview


def look(model: MiniCPMV, gathered: Tensor, batch: Batch) -> Seen:
    """Put the query outputs of the slices (n, QUERIES, hidden) behind those of the overviews."""
    grids = batch.layout.grids
    if batch.overviews is None:
        return Seen([gathered], grids, 0)
    whole = model.resampler(model.vpm(pixels_of(batch.overviews)), grids[0])
    return Seen([whole, *gathered.unflatten(0, (len(whole), -1)).unbind(1)], grids, 1)


@dataclass(frozen=True)
class Prompt:
    """Which of the whole prompt's tokens are kept, and which of these are outputs of what."""

    places: Tensor  # (length,): their positions in the whole prompt
    outputs: Tensor  # (outputs,): where the views' outputs stand among them
    same: Tensor  # (cells of the slices, outputs): who shows the same patches
    slices: Tensor  # (outputs, 2): rows and columns of the slices that they show
    bare: int  # how many outputs come first that bear no targets


def prune(batch: Batch, seen: Seen) -> tuple[Prompt, list[Tensor]]:
    """Leave out all outputs of a view but one where they see the same patches, unless `whole`.

    The prompt gets shorter and the step cheaper. Also returned is which of each view are kept.
    """
    ids = torch.from_numpy(batch.ids[0])
    starts = (ids == IMAGE_START).nonzero().flatten() + 1
    stays, is_output = torch.ones_like(ids, dtype=torch.bool), torch.zeros_like(ids)
    kept, same = [], []
    for start, grid in zip(starts.tolist(), seen.grids, strict=True):
        twins = torch.tensor(stand_ins(*grid))
        some = torch.arange(QUERIES) if batch.whole else twins.unique()
        stays[start : start + QUERIES] = False
        stays[start + some], is_output[start + some] = True, 1
        kept.append(some)
        same.append(twins[:, None] == twins[some])
    places = stays.nonzero().flatten()
    shown = torch.block_diag(*same[seen.bare :]).bool()
    bare = sum(map(len, kept[: seen.bare]))
    numbers = torch.arange(len(kept) - seen.bare).repeat_interleave(len(kept[-1]))
    across = batch.layout.slices[0]
    return Prompt(
        places,
        is_output[places].nonzero().flatten(),
        nn.functional.pad(shown, (bare, 0)),
        torch.stack((numbers // across, numbers % across), dim=1),
        bare,
    ), kept


def answer_losses(
    model: MiniCPMV, heads: TeachingHeads, seen: Seen, batch: Batch
) -> dict[str, Tensor]:
    """Return how well answers are told, aimed at and copied, and slices told apart."""
    ids, aims = torch.from_numpy(batch.ids), torch.from_numpy(batch.aims)
    prompt, kept = prune(batch, seen)
    told = ids[:, prompt.places]
    shown = torch.cat([view[:, some] for view, some in zip(seen.views, kept, strict=True)], dim=1)
    written = misread(told[:, :-1], aims[:, prompt.places[:-1]] >= 0)
    text = model.llm.model.embed(written)
    inputs = text.index_copy(1, prompt.outputs, shown.to(text.dtype))
    aimed = Aims(aims[:, prompt.places], prompt.same, prompt.outputs)
    listened = listen(model, inputs, prompt.places[:-1], aimed)
    wanted = torch.from_numpy(batch.taught)[:, prompt.places[1:]]
    logits = model.llm.logits(listened.hidden[wanted])
    missed = nn.functional.cross_entropy(logits, told[:, 1:][wanted], reduction="none")
    counts = aimed.weights()[:, 1:].masked_fill(told[:, 1:] == CLOSING, BREAK)
    counts = torch.where(begins(wanted), START, counts)[wanted]
    parts = {
        "answer": (missed * counts).sum() / counts.sum(),
        "aiming": listened.aiming,
        "slot": heads.slot_loss(listened.states[1], listened.states[2], aimed),
        "copying": copying_loss(model, listened, told[:, 1:]),
    }
    if batch.overviews is not None:
        states = listened.states[0][:, prompt.outputs[prompt.bare :]]
        parts["slice"] = heads.slice_loss(states, prompt.slices)
    return parts


def begins(taught: Tensor) -> Tensor:
    """Return where an answer begins, (n, length): the first of tokens that are `taught`."""
    return taught & ~nn.functional.pad(taught, (1, 0))[:, :-1]


def misread(ids: Tensor, seen: Tensor) -> Tensor:
    """Return token ids (n, length) with some of those that are `seen` in the picture mistaken.

    A reader that makes mistakes must find its place again behind one: without them in training,
    one wrong letter often repeats or loses a line. How many there are differs by row.
    """
    source = torch.Generator().manual_seed(int(ids.sum()))
    share = MISREAD_MOST * torch.rand(len(ids), 1, generator=source) ** 2
    wrong = seen & (ids != NEWLINE_ID) & (torch.rand(ids.shape, generator=source) < share)
    latin = torch.randint(*LATIN, ids.shape, generator=source)
    other = torch.randint(*BEYOND, ids.shape, generator=source)
    return torch.where(wrong, torch.where(ids > LAST_CONTROL, other, latin), ids)


@dataclass(frozen=True)
class Listened:
    """The decoder's states, its aiming loss, and what its last layer looks into."""

    states: list[Tensor]  # behind each layer
    hidden: Tensor  # behind the last, normed
    aiming: Tensor
    normed: Tensor
    aims: Aims


def listen(model: MiniCPMV, inputs: Tensor, places: Tensor, aims: Aims) -> Listened:
    """Run the decoder (n, length, hidden) with the mean aiming loss of its layers.

    `places` are the tokens' positions in the whole prompt. One layer learns to find the character
    just written, the later ones where the next one stands.
    """
    decoder = model.llm.model
    rotary = rotary_tables(places, decoder.head_dim, decoder.rope_theta, inputs.dtype)
    aiming, hidden, states = [], inputs, []
    for index, layer in enumerate(decoder.layers):
        steps = STEPS_AHEAD.get(index)
        normed = layer.input_layernorm(hidden)
        if steps is not None and aims.any():
            aiming.append(aims.loss(normed, layer.self_attn, rotary, steps))
        hidden = layer(hidden, rotary, None, None)
        states.append(hidden)
    mean = torch.stack(aiming).mean() if aiming else torch.zeros(())
    return Listened(states, decoder.norm(hidden), mean, normed, aims)


def copying_loss(model: MiniCPMV, listened: Listened, ids: Tensor) -> Tensor:
    """How well the last layer would copy Chinese characters if it looked at the right cells.

    There are thousands of them, and by the answers alone copying is learned very slowly. `ids`
    (n, length) are the tokens to come.
    """
    decoder = model.llm.model
    last = list(decoder.layers)[-1].self_attn
    copied = listened.aims.copied(listened.normed, last, ids > LAST_CONTROL)
    if copied is None:
        return torch.zeros(())
    places, carried = copied
    logits = model.llm.logits(decoder.norm(carried))
    return nn.functional.cross_entropy(logits, ids[places[:, 0], places[:, 1]])
