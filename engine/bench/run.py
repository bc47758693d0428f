"""The bench itself: a stream of progress and figures, closed by the report."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from PIL import Image
from torch import Tensor

from ..answering import Draft
from ..device import synchronize
from ..messages import (
    Finished,
    Picture,
    Precision,
    Question,
    Sampling,
    Speaker,
    Statistics,
    Turn,
)
from ..reading import READ_AT_ONCE
from ..slicing import plan
from ..text_stream import TextStream
from .costs import Costs
from .figures import BenchReport, Figure, MachineLimits, Measure, Unit
from .machine import QUICK, Effort, measure_machine
from .subject import Peak, Subject, held_bytes

ASK = Turn(Speaker.USER, "Read the text.")
ASK_AGAIN = Turn(Speaker.USER, "And what is the title?")
ARITHMETIC = {  # the formats in which a precision's products can run
    Precision.FLOAT32: ("float32",),
    Precision.BFLOAT16: ("bfloat16",),
    Precision.FLOAT16: ("float16",),
    Precision.INT8: ("int8", "bfloat16"),
    Precision.INT4: ("int8", "bfloat16"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how often."""

    pictures: tuple[tuple[int, int], ...] = ((448, 448), (1920, 1080), (1344, 1344))
    prefill: int = 700
    contexts: tuple[int, ...] = (650, 2000)
    steps: int = 12
    repeats: int = 3
    effort: Effort | None = None


QUICK_PLAN = Plan(((448, 448),), prefill=64, contexts=(64,), steps=3, repeats=1, effort=QUICK)


class Bench:
    """One run over one loaded model."""

    def __init__(self, subject: Subject, wanted: Plan) -> None:
        self._subject, self._parts = subject, subject.parts
        self._runner = subject.parts.runner
        self._device = self._runner.device
        self._config = self._runner.model.config
        room = self._config.max_position_embeddings - wanted.steps - 2
        contexts = tuple(dict.fromkeys(min(context, room) for context in wanted.contexts))
        self._plan = replace(wanted, contexts=contexts, prefill=min(wanted.prefill, room))
        llm = self._runner.model.llm
        # the row of the embedding table that a step reads is not worth counting
        decoder = held_bytes(llm) - held_bytes(llm.model.embed_tokens)
        if self._config.tie_word_embeddings:
            decoder += held_bytes(llm.lm_head)
        width = self._runner.model.vpm.pos_embed.element_size()
        self._costs = Costs(self._config, decoder, width)

    def run(self) -> Iterator[Figure | BenchReport]:
        """Yield each figure as soon as it is known, then the report."""
        peak = Peak(self._subject.choice.device)
        limits = measure_machine(self._device, self._plan.effort)
        rate = limits.rate(*ARITHMETIC[self._subject.choice.precision])
        figures = list[Figure]()
        for figure in self._figures(limits, rate, peak):
            figures.append(figure)
            yield figure
        self._parts.forget()
        yield BenchReport(
            model=self._subject.name,
            choice=self._subject.choice,
            threads=torch.get_num_threads(),
            parameters=self._subject.parameters,
            weight_bytes=self._subject.weight_bytes,
            limits=limits,
            figures=tuple(figures),
        )

    def _figures(self, limits: MachineLimits, rate: float, peak: Peak) -> Iterator[Figure]:
        subject, weights = self._subject, self._subject.weight_bytes
        load_limit = weights / limits.read_bandwidth
        yield Figure(Measure.LOADING, Unit.SECONDS, "", (subject.load_seconds,), load_limit)
        loading = (float(max(subject.loading_peak, 1)),)
        yield Figure(Measure.PEAK_MEMORY, Unit.BYTES, "loading", loading, weights)
        yield self._views(rate)
        yield self._prefill(limits, rate)
        for size in self._plan.pictures:
            yield from self._first_tokens(size, limits, rate)
        for context in self._plan.contexts:
            yield self._decode(context, limits)
        used = (float(max(subject.loading_peak, peak.bytes(), 1)),)
        yield Figure(Measure.PEAK_MEMORY, Unit.BYTES, "all", used, weights)

    def _views(self, rate: float) -> Figure:
        side, patch = self._config.scale_resolution, self._config.patch_size
        side -= side % patch
        pixels = torch.zeros(3, side, side).numpy()
        seconds = self._timed(lambda: self._runner.see([pixels]))
        limit = rate / self._costs.view((side // patch) ** 2)
        rates = tuple(1 / second for second in seconds)
        return Figure(Measure.VIEWS, Unit.VIEWS_A_SECOND, f"{side}x{side}", rates, limit)

    def _prefill(self, limits: MachineLimits, rate: float) -> Figure:
        count = self._plan.prefill
        ids = [7 + position % 50 for position in range(count)]
        seconds = self._timed(lambda: self._read(ids))
        least = limits.seconds(self._costs.prefill(count), self._costs.step_bytes(0), rate)
        rates = tuple(count / second for second in seconds)
        return Figure(Measure.PREFILL, Unit.TOKENS_A_SECOND, str(count), rates, count / least)

    def _read(self, ids: Sequence[int]) -> None:
        self._runner.reset()
        for start in range(0, len(ids), READ_AT_ONCE):
            self._runner.read(ids[start : start + READ_AT_ONCE], (), ())

    def _first_tokens(
        self, size: tuple[int, int], limits: MachineLimits, rate: float
    ) -> Iterator[Figure]:
        first, again = list[float](), list[float]()
        drawn, ends = _picture(*size), list[Finished]()
        for _ in range(self._plan.repeats):
            self._parts.forget()
            one = self._answer(Question(drawn, (ASK,), Sampling.greedy(max_new_tokens=1)))
            told = (ASK, Turn(Speaker.ASSISTANT, one.text or "-"), ASK_AGAIN)
            two = self._answer(Question(drawn, told, Sampling.greedy(max_new_tokens=1)))
            first.append(one.statistics.first_token_seconds)
            again.append(two.statistics.first_token_seconds)
            ends = [one, two]
        detail = f"{size[0]}x{size[1]}"
        least = limits.seconds(self._first_operations(size, ends[0]), 0, rate)
        yield Figure(Measure.FIRST_TOKEN, Unit.SECONDS, detail, tuple(first), least)
        counted = ends[1].statistics
        new, held = counted.prompt_tokens_computed, counted.prompt_tokens_reused
        operations, read = self._costs.prefill(new, held), self._costs.step_bytes(held)
        least = limits.seconds(operations, read, rate)
        yield Figure(Measure.FOLLOW_UP, Unit.SECONDS, detail, tuple(again), least)

    def _first_operations(self, size: tuple[int, int], end: Finished) -> float:
        patch = self._config.patch_size
        views = plan(*size, self._config.slice_settings).views
        seeing = sum(self._costs.view((w // patch) * (h // patch)) for w, h in views)
        return seeing + self._costs.prefill(end.statistics.prompt_tokens_computed)

    def _answer(self, question: Question) -> Finished:
        draft = Draft(TextStream(self._parts.tokenizer))
        slices = self._config.slice_settings
        *_, last = self._parts.answer(question, draft, slices, Statistics())
        if not isinstance(last, Finished):
            raise TypeError("an answer ended without Finished")
        return last

    def _decode(self, context: int, limits: MachineLimits) -> Figure:
        self._fill(context)

        def steps() -> None:
            self._runner.keep(context)
            for number in range(self._plan.steps):
                self._runner.step([7 + number])

        middle = context + self._plan.steps // 2
        limit = limits.read_bandwidth / self._costs.step_bytes(middle)
        rates = tuple(self._plan.steps / second for second in self._timed(steps))
        return Figure(Measure.DECODE, Unit.TOKENS_A_SECOND, str(context), rates, limit)

    @torch.inference_mode()
    def _fill(self, context: int) -> None:
        """Hold so many positions of noise: a step's speed does not depend on their values."""
        self._runner.reset()
        config, weight = self._config, self._runner.model.vpm.pos_embed
        shape = (1, config.num_key_value_heads, context, config.head_dim)
        noise: Tensor = 0.1 * torch.randn(shape, device=self._device)
        for layer in range(config.num_hidden_layers):
            self._runner.cache.update(noise.to(weight.dtype), noise.to(weight.dtype), layer)

    def _timed(self, work: Callable[[], object]) -> tuple[float, ...]:
        """Seconds of each repeat, after one that does not count."""
        seconds = list[float]()
        for _ in range(self._plan.repeats + 1):
            started = time.perf_counter()
            work()
            synchronize(self._device)
            seconds.append(time.perf_counter() - started)
        return tuple(seconds[1:])


def _picture(width: int, height: int) -> Picture:
    """A picture of a size that is quickly decoded."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "PNG")
    return Picture.from_bytes(file.getvalue(), f"{width}x{height}.png")
