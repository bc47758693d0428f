"""The small measurement taken during training: errors on fixed pictures of unseen words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from batches import BatchSource, ViewPlan, fit
from engine.model.minicpmv import MiniCPMV
from measures import edit_distance
from scenes import Painter, Scene

QUESTION = "Read the text."
PATCH = 14


def greedy(
    model: MiniCPMV, pixels: Tensor, prompt: list[int], image_start: int, limit: int
) -> list[list[int]]:
    """Answer one question about equally large views (n, 3, height, width), all rows in step."""
    ids = torch.tensor([prompt]).expand(len(pixels), -1)
    gathered = model.encode_views(pixels)
    text = model.llm.model.embed(ids)
    end = image_start + gathered.shape[1]
    inputs = torch.cat((text[:, :image_start], gathered.to(text.dtype), text[:, end:]), dim=1)
    answers: list[list[int]] = [[] for _ in range(len(pixels))]
    cache = None
    open_rows = torch.ones(len(pixels), dtype=torch.bool)
    for _ in range(limit):
        output = model.llm(
            inputs_embeds=inputs, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        cache, chosen = output.past_key_values, output.logits[:, -1].argmax(-1)
        open_rows &= chosen != 2
        if not open_rows.any():
            break
        for row in open_rows.nonzero().flatten().tolist():
            answers[row].append(int(chosen[row]))
        inputs = model.llm.model.embed(chosen[:, None])
    return answers


class HeldOut:
    """Fixed pictures of unseen words: short strips, real one-line views, real windows."""

    def __init__(self, vocabulary: Path) -> None:
        """Draw the pictures once."""
        source = BatchSource(77, vocabulary)
        source.painter = Painter(78, held_out=True)
        self.tokens = source.tokens
        self.groups: dict[str, tuple[Tensor, list[str]]] = {}
        for name, side, aspect, count in (
            ("strip", 144, 6.0, 16),
            ("line", 168, 6.0, 8),
            ("window", 168, 1.8, 4),
        ):
            rows, columns = fit(round(1000 * aspect), 1000, side)
            plan = ViewPlan(side, rows, columns)
            painter = source.painter
            scenes: list[Scene] = []
            while len(scenes) < count:
                frame = source.frame(plan)
                if name == "window" and (
                    frame.height < 5 * frame.font_size or frame.width < 12 * frame.font_size
                ):
                    continue
                scenes.append(
                    painter.window(frame) if name == "window" else painter.lines(frame, 1)
                )
            self.groups[name] = (views(scenes, plan), ["\n".join(scene.lines) for scene in scenes])

    @torch.inference_mode()
    def measure(self, model: MiniCPMV) -> dict[str, Any]:
        """Return each group's character error rate and one sample answer."""
        result: dict[str, Any] = {}
        prompt = self.tokens.prompt(QUESTION)
        for name, (pixels, texts) in self.groups.items():
            with torch.autocast("cpu", torch.bfloat16):
                answers = greedy(
                    model,
                    pixels,
                    prompt,
                    self.tokens.image_start,
                    min(120, max(map(len, texts)) + 5),
                )
            read = [self.tokens.processor.decode(answer) for answer in answers]
            wrong = sum(edit_distance(a, b) for a, b in zip(read, texts, strict=True))
            result[f"cer_{name}"] = round(wrong / sum(map(len, texts)), 4)
            result[f"read_{name}"] = [texts[0], read[0], texts[1], read[1]]
        return result


def views(scenes: list[Scene], plan: ViewPlan) -> Tensor:
    """Scale scenes to one view size and normalise them, (n, 3, height, width)."""
    size = (plan.columns * PATCH, plan.rows * PATCH)
    resized = [scene.picture.resize(size, Image.Resampling.BICUBIC) for scene in scenes]
    tensors = [
        torch.frombuffer(bytearray(p.tobytes()), dtype=torch.uint8).view(size[1], size[0], 3)
        for p in resized
    ]
    return torch.stack(tensors).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
