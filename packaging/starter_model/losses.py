"""What one batch costs: every part of the loss, from the patches to the answers' tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from batches import Batch
from engine.model.language import rotary_tables
from engine.model.minicpmv import MiniCPMV
from sizes import QUERIES
from supervision import (
    Aims,
    TeachingHeads,
    gather,
    looking_loss,
    stand_ins,
)

STEPS_AHEAD = {1: 0, 2: 1, 3: 1}  # what each decoder layer is taught to look at
LAST_CONTROL = 112  # of the token ids; ASCII lies before, the rest behind


def losses(
    model: MiniCPMV, heads: TeachingHeads, batch: Batch, progress: float
) -> dict[str, Tensor]:
    """Return every part of the loss, already weighted for this moment of the training."""
    pixels = torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
    features = model.vpm(pixels)
    gathered, attention = gather(model.resampler, features, batch.grid)
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
    parts["position"] = 0.15 * heads.position_loss(gathered, batch.grid)
    if not batch.letters_only:
        answer, aiming, copying = answer_losses(model, gathered, batch)
        parts["answer"] = answer
        parts["aiming"] = max(0.1, 0.5 - 0.5 * progress) * aiming
        parts["copying"] = 0.5 * copying
    guidance = max(0.1, 0.3 - progress)
    if guidance:
        parts["looking"] = guidance * looking_loss(attention, batch.grid)
    return parts


def embeddings(model: MiniCPMV, gathered: Tensor, ids: Tensor, image_start: int) -> Tensor:
    """Put the query outputs (n, 64, hidden) into the prompt's embeddings (n, length, hidden)."""
    text = model.llm.model.embed(ids)
    end = image_start + gathered.shape[1]
    return torch.cat((text[:, :image_start], gathered.to(text.dtype), text[:, end:]), dim=1)


def answer_losses(model: MiniCPMV, gathered: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Cross-entropy of the answer's tokens, how well the middle layers aim at them, and copying.

    Unless the batch is `whole`, queries of a small view that see the same patches are left out
    but one: the prompt gets shorter and the step cheaper.
    """
    ids = torch.from_numpy(batch.ids)
    image_start = int((ids[0] == 101).nonzero()[0]) + 1
    twins = stand_ins(batch.grid)
    kept = torch.arange(QUERIES) if batch.whole else twins.unique()
    after = torch.arange(image_start + QUERIES, ids.shape[1])
    places = torch.cat((torch.arange(image_start), image_start + kept, after))
    aims, taught = torch.from_numpy(batch.aims), torch.from_numpy(batch.taught)
    same = twins[:, None] == twins[kept]  # (QUERIES, kept): who shows the same patches
    prompt = embeddings(model, gathered[:, kept], ids[:, places[:-1]], image_start)
    listened = listen(model, prompt, places[:-1], Aims(aims[:, places], same, image_start))
    wanted, ids = taught[:, places[1:]], ids[:, places[1:]]
    logits = model.llm.logits(listened.hidden[wanted])
    loss = nn.functional.cross_entropy(logits, ids[wanted])
    return loss, listened.aiming, copying_loss(model, listened, ids)


@dataclass(frozen=True)
class Listened:
    """The decoder's last hidden states, its aiming loss, and what its last layer looks into."""

    hidden: Tensor
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
    aiming, hidden = [], inputs
    for index, layer in enumerate(decoder.layers):
        steps = STEPS_AHEAD.get(index)
        normed = layer.input_layernorm(hidden)
        if steps is not None and aims.any():
            aiming.append(aims.loss(normed, layer.self_attn, rotary, steps))
        hidden = layer(hidden, rotary, None, None)
    mean = torch.stack(aiming).mean() if aiming else torch.zeros(())
    return Listened(decoder.norm(hidden), mean, normed, aims)


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
