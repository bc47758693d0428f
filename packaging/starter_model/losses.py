"""What one batch costs: every part of the loss, from the patches to the answers' tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from batches import Batch, pixels_of
from build_vocabulary import CLOSING_ID, NEWLINE_ID
from cells import lefts, stand_ins
from engine.model.language import DecoderLayer, rotary_tables, rotate
from engine.model.minicpmv import MiniCPMV
from line_numbers import KNOWN, lines_written
from optimizers import plain_attention
from pointing import pointing_loss
from roles import COUNTED, SIZES
from seeing import asked, seeing_losses
from sizes import QUERIES
from supervision import (
    BREAK,
    Aims,
    TeachingHeads,
    gather,
    known_loss,
    looking_loss,
)

Tables = tuple[Tensor, Tensor]
Pointing = tuple[Tensor, Tensor]  # as `pointing_loss` takes them, of the first two layers
STEPS_AHEAD = {1: 0, 2: 0, 3: 1, 4: 1, 5: 1}  # what each decoder layer is taught to look at
WRITTEN, COMING = 2, 4  # the layers behind which the places of two characters are asked
IMAGE_START = 101  # the token before a view's outputs
LAST_CONTROL = 112  # of the token ids; ASCII lies before, the rest behind
LATIN, BEYOND = (6, 98), (LAST_CONTROL + 1, 3970)  # token ids of characters
START = 5.0  # how much the first token of an answer counts, or behind a slip: the rest hangs on it
MISREAD_MOST = 0.2  # of the letters of an answer


def losses(
    model: MiniCPMV, heads: TeachingHeads, batch: Batch, progress: float, eyes: bool = True
) -> dict[str, Tensor]:
    """Return every part of the loss, already weighted for this moment of the training.

    Without the `eyes`, tower and resampler are not taught, and cost a look only.
    """
    grid = batch.layout.grid
    some = asked(grid, batch.whole)
    with torch.set_grad_enabled(eyes):
        features = model.vpm(pixels_of(batch.pixels))
        gathered, attention = gather(model.resampler, features, grid, some)
    parts = seeing_losses(model, heads, batch, features, gathered, progress) if eyes else {}
    if not batch.letters_only:
        told = answer_losses(model, heads, look(model, gathered, batch), batch)
        lesser = {"slot", "slice", "beside", "line_shown", "line_written"}
        lesser |= {f"role_{name}" for name in SIZES}
        weights = {"aiming": 0.6, "before": 0.1} | dict.fromkeys(lesser, 0.2)
        more = "_sliced" if batch.overviews is not None else ""  # in the log
        parts |= {name + more: weights.get(name, 1.0) * part for name, part in told.items()}
    if eyes:
        parts["looking"] = 0.3 * looking_loss(attention, grid, some)
    return parts


@dataclass(frozen=True)
class Seen:
    """What all of a batch's views give for the prompt, the overviews first if there are any."""

    views: list[Tensor]  # (samples, queries asked, hidden) each
    grids: list[tuple[int, int]]
    bare: int  # how many of them bear no targets: the overview


def look(model: MiniCPMV, gathered: Tensor, batch: Batch) -> Seen:
    """Put the query outputs of the slices (n, asked, hidden) behind those of the overviews."""
    grids = batch.layout.grids
    if batch.overviews is None:
        return Seen([gathered], grids, 0)
    features = model.vpm(pixels_of(batch.overviews))
    whole, _ = gather(model.resampler, features, grids[0], asked(grids[0], batch.whole))
    return Seen([whole, *gathered.unflatten(0, (len(whole), -1)).unbind(1)], grids, 1)


@dataclass(frozen=True)
class Prompt:
    """Which of the whole prompt's tokens are kept, and which of these are outputs of what."""

    places: Tensor  # (length,): their positions in the whole prompt
    outputs: Tensor  # (outputs,): where the views' outputs stand among them
    same: Tensor  # (cells of the slices, outputs): who shows the same patches
    slices: Tensor  # (outputs, 2): rows and columns of the slices that they show
    bare: int  # how many outputs come first that bear no targets
    cells: Tensor  # (outputs but the overview's,): which cell each is
    beside: Tensor  # (1, k, 2): outputs that show patches side by side, the right one first


def prune(batch: Batch, seen: Seen) -> Prompt:
    """Leave out all outputs of a view that are not `asked` for: the step gets cheaper."""
    ids = torch.from_numpy(batch.ids[0])
    starts = (ids == IMAGE_START).nonzero().flatten() + 1
    stays, is_output = torch.ones_like(ids, dtype=torch.bool), torch.zeros_like(ids)
    kept, same, beside = [], [], []
    for start, grid in zip(starts.tolist(), seen.grids, strict=True):
        twins = torch.tensor(stand_ins(*grid))
        some = asked(grid, batch.whole)
        stays[start : start + QUERIES] = False
        stays[start + some], is_output[start + some] = True, 1
        kept.append(some)
        same.append(twins[:, None] == twins[some])
        beside += [(start + right, start + left) for right, left in lefts(*grid)]
    places = stays.nonzero().flatten()
    pairs = torch.searchsorted(places, torch.tensor(beside).reshape(1, -1, 2))
    shown = torch.block_diag(*same[seen.bare :]).bool()
    bare = sum(map(len, kept[: seen.bare]))
    cells = torch.cat([some + QUERIES * part for part, some in enumerate(kept[seen.bare :])])
    numbers, across = cells // QUERIES, batch.layout.slices[0]
    return Prompt(
        places,
        is_output[places].nonzero().flatten(),
        nn.functional.pad(shown, (bare, 0)),
        torch.stack((numbers // across, numbers % across), dim=1),
        bare,
        cells,
        pairs,
    )


def answer_losses(
    model: MiniCPMV, heads: TeachingHeads, seen: Seen, batch: Batch
) -> dict[str, Tensor]:
    """Return how well answers are told, aimed at and copied, and slices told apart."""
    ids, aims = torch.from_numpy(batch.ids), torch.from_numpy(batch.aims)
    prompt = prune(batch, seen)
    told = ids[:, prompt.places]
    shown = torch.cat(seen.views, dim=1)
    written = misread(told[:, :-1], aims[:, prompt.places[:-1]] >= 0)
    text = model.llm.model.embed(written)
    inputs = text.index_copy(1, prompt.outputs, shown.to(text.dtype))
    aimed = Aims(aims[:, prompt.places], prompt.same, prompt.outputs)
    wanted = torch.from_numpy(batch.taught)[:, prompt.places[1:]]
    first = int(wanted.any(0).nonzero()[0])
    pointing = prompt.beside, aimed.places(torch.from_numpy(batch.order))
    listened = listen(model, inputs, prompt.places, aimed, pointing, first)
    logits = model.llm.logits(listened.hidden[wanted[:, first:]])
    missed = nn.functional.cross_entropy(logits, told[:, 1:][wanted], reduction="none")
    counts = aimed.weights()[:, 1:].masked_fill(told[:, 1:] == CLOSING_ID, BREAK)
    counts = torch.where(begins(wanted), START, counts)[wanted]
    parts = {
        "answer": (missed * counts).sum() / counts.sum(),
        "aiming": listened.aiming,
        "beside": listened.beside,
        "before": listened.before,
        "slot": heads.slot_loss(listened.states[WRITTEN], listened.states[COMING], aimed),
        "copying": copying_loss(model, listened, told[:, 1:]),
        **role_losses(heads, listened.states[COUNTED], torch.from_numpy(batch.roles), prompt),
        **line_losses(
            heads.line_told, listened.states[KNOWN], torch.from_numpy(batch.lines), prompt, aimed
        ),
    }
    if batch.overviews is not None:
        states = listened.states[0][:, prompt.outputs[prompt.bare :]]
        parts["slice"] = heads.slice_loss(states, prompt.slices)
    return parts


def role_losses(
    heads: TeachingHeads, states: Tensor, roles: Tensor, prompt: Prompt
) -> dict[str, Tensor]:
    """Return how well the states of outputs know their `roles` (n, cells, 3)."""
    outputs = states[:, prompt.outputs[prompt.bare :]]
    losses = heads.role_losses(outputs, roles[:, prompt.cells])
    return {f"role_{name}": loss for name, loss in losses.items()}


def line_losses(
    head: nn.Linear, states: Tensor, lines: Tensor, prompt: Prompt, aimed: Aims
) -> dict[str, Tensor]:
    """Return how well states know the lines of what outputs show, and of what was written.

    `lines` (n, cells) are those of the cells.
    """
    outputs = states[:, prompt.outputs[prompt.bare :]]
    return {
        "line_shown": known_loss(head, outputs, lines[:, prompt.cells]),
        "line_written": known_loss(head, states, lines_written(lines, aimed.cells[:, :-1])),
    }


def begins(taught: Tensor) -> Tensor:
    """Return where answers begin, or go on behind a slip, (n, length), by what is `taught`."""
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

    states: list[Tensor]  # behind each layer but the last
    hidden: Tensor  # behind the last, normed, from the first answer on
    aiming: Tensor
    beside: Tensor
    before: Tensor
    normed: Tensor
    aims: Aims


def listen(
    model: MiniCPMV, inputs: Tensor, places: Tensor, aims: Aims, pointing: Pointing, first: int
) -> Listened:
    """Run the decoder (n, length, hidden) with the mean aiming loss of its layers.

    The first two layers learn to look where `pointing` has the outputs of views look: to the left
    of each patch, and where the text before theirs ends. The second and third learn to find the
    character just written, the later ones where the next one stands. That takes two: a layer that
    has found a place among several alike can only ask in the next one what the tokens before it
    have found.
    The last one is only asked from the `first` place on: what it would make of the prompt is of
    no use.
    """
    decoder = model.llm.model
    rotary = rotary_tables(places[:-1], decoder.head_dim, decoder.rope_theta, inputs.dtype)
    aiming, pointed, hidden, states = [], [], inputs, []
    for index, layer in enumerate(decoder.layers):
        steps = STEPS_AHEAD.get(index)
        normed = layer.input_layernorm(hidden)
        if steps is not None and aims.any():
            aiming.append(aims.loss(normed, layer.self_attn, rotary, steps))
        if index < len(pointing):
            pointed.append(pointing_loss(normed, layer.self_attn, rotary, pointing[index]))
        if layer is decoder.layers[-1]:
            hidden = last_layer(layer, hidden, normed, rotary, first)
            break
        hidden = layer(hidden, rotary, None, None)
        states.append(hidden)
    mean = torch.stack(aiming).mean() if aiming else torch.zeros(())
    beside, before = pointed
    return Listened(states, decoder.norm(hidden), mean, beside, before, normed, aims)


def last_layer(
    layer: DecoderLayer, hidden: Tensor, normed: Tensor, rotary: Tables, first: int
) -> Tensor:
    """One layer's output from the `first` place on, as the layer itself would give it."""
    attention = layer.self_attn
    queries = attention._heads(attention.q_proj(normed[:, first:]))
    keys, values = (
        attention._heads(project(normed)) for project in (attention.k_proj, attention.v_proj)
    )
    queries, keys = rotate(queries, *(t[first:] for t in rotary)), rotate(keys, *rotary)
    mixed = plain_attention(queries, keys, values, is_causal=True)
    attended = attention.o_proj(mixed.transpose(1, 2).flatten(2))
    hidden = hidden[:, first:] + attended * layer.residual_scale
    told: Tensor = layer.mlp(layer.post_attention_layernorm(hidden))
    return hidden + told * layer.residual_scale


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
