"""The small measurement taken during training: errors on fixed pictures of unseen words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor

import fonts
from batches import Tokens, pixels_of, scaled
from build_vocabulary import CLOSING_ID
from engine.model.minicpmv import CACHE_FIELD, MiniCPMV
from layout import Layout, fit
from measures import edit_distance
from optimizers import HALVES
from pages import page
from scenes import Frame, Painter, Scene
from sizes import PATCH, VIEW_SIDE
from supervision import TeachingHeads
from targets import PATCH_SLOTS, character_targets

QUESTION = "Read the text."
ONE_VIEW = Layout(1, 1)  # whatever its size, the prompt is the same
UNSEEN = [*fonts.present(fonts.UNSEEN)] or [""]


def greedy(model: MiniCPMV, pixels: Tensor, prompt: list[int], limit: int) -> list[list[int]]:
    """Answer one question about equally large views (n, 3, height, width), all rows in step."""
    ids = torch.tensor([prompt]).expand(len(pixels), -1)
    gathered = model.encode_views(pixels)
    text = model.llm.model.embed(ids)
    image_start = prompt.index(0)
    end = image_start + gathered.shape[1]
    inputs = torch.cat((text[:, :image_start], gathered.to(text.dtype), text[:, end:]), dim=1)
    answers: list[list[int]] = [[] for _ in range(len(pixels))]
    cache = None
    open_rows = torch.ones(len(pixels), dtype=torch.bool)
    for _ in range(limit):
        output = model.llm(inputs_embeds=inputs, cache=cache, use_cache=True, logits_to_keep=1)
        cache, chosen = getattr(output, CACHE_FIELD), output.logits[:, -1].argmax(-1)
        open_rows &= chosen != CLOSING_ID
        if not open_rows.any():
            break
        for row in open_rows.nonzero().flatten().tolist():
            answers[row].append(int(chosen[row]))
        inputs = model.llm.model.embed(chosen[:, None])
    return answers


class HeldOut:
    """Fixed pictures of unseen words: lines, windows, Chinese, and letters in unseen fonts."""

    def __init__(self, vocabulary: Path) -> None:
        """Draw the pictures once."""
        painter = Painter(78, held_out=True)
        self.tokens = Tokens(vocabulary)
        self.groups: dict[str, tuple[Tensor, list[str]]] = {}
        sets = (("line", 6.0, 16), ("window", 1.8, 8), ("chinese", 6.0, 12))
        for name, aspect, count in sets:
            plan = _plan(aspect)
            painter.speak(name == "chinese")
            scenes = [_scene(painter, name, plan) for _ in range(count)]
            self.groups[name] = (views(scenes, plan), ["\n".join(scene.lines) for scene in scenes])
        self.letters = {
            name: _pages(Painter(79, held_out=True, font_names=names))
            for name, names in (
                ("known", fonts.present(fonts.INTERFACE) or [""]),
                ("unseen", UNSEEN),
            )
        }

    @torch.inference_mode()
    def measure(self, model: MiniCPMV, heads: TeachingHeads) -> dict[str, Any]:
        """Return each group's character error rate with sample answers, and the letters' errors."""
        result: dict[str, Any] = {}
        with torch.autocast("cpu", torch.bfloat16, enabled=HALVES):
            for name, (pixels, wanted) in self.letters.items():
                logits = heads.patch(model.vpm(pixels)).unflatten(-1, (PATCH_SLOTS, -1))
                wrong = (logits.argmax(-1) != wanted)[wanted > 0]
                result[f"letters_{name}"] = round(float(wrong.float().mean()), 4)
            for name, (pixels, texts) in self.groups.items():
                read = self.read(model, pixels, min(400, max(map(len, texts)) + 5))
                wrong_characters = sum(map(edit_distance, read, texts))
                result[f"cer_{name}"] = round(wrong_characters / sum(map(len, texts)), 4)
                result[f"read_{name}"] = [texts[0], read[0], texts[1], read[1]]
        return result

    def read(self, model: MiniCPMV, pixels: Tensor, limit: int) -> list[str]:
        """Return what the model reads in equally large views."""
        prompt = self.tokens.prompt(QUESTION, ONE_VIEW)
        answers = greedy(model, pixels, prompt, limit)
        return [self.tokens.processor.decode(answer) for answer in answers]


def _plan(aspect: float) -> Layout:
    return fit(round(1000 * aspect), 1000, VIEW_SIDE)


def _scene(painter: Painter, name: str, plan: Layout) -> Scene:
    size = (
        painter.random.choice((13, 14, 16)) if name == "window" else painter.random.randint(18, 40)
    )
    frame = Frame(plan.columns * PATCH, plan.rows * PATCH, size)
    return painter.window(frame) if name == "window" else painter.lines(frame, 1)


def _pages(painter: Painter) -> tuple[Tensor, Tensor]:
    plan = _plan(1.0)
    frame = Frame(plan.columns * PATCH, plan.rows * PATCH, 14)
    scenes = [page(painter, frame, fonts_per_page=20) for _ in range(4)]
    targets = [character_targets(scene, plan)[0] for scene in scenes]
    return views(scenes, plan), torch.from_numpy(numpy.concatenate(targets))


def views(scenes: list[Scene], plan: Layout) -> Tensor:
    """Scale scenes to one view size and normalise them, (n, 3, height, width)."""
    return pixels_of(scaled([scene.picture for scene in scenes], plan.grid))
