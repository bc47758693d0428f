"""The engine: a model folder, and two streams, ``load`` and ``answer``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from .clock import Clock
from .decode import Limits, Writing, write_beams, write_single
from .defaults import default_sampling
from .device import as_out_of_memory, choose, dtype_of
from .errors import EngineError, ModelError, ModelFault
from .messages import (
    AnswerEvent,
    Decoding,
    DeviceChoice,
    Finished,
    LoadEvent,
    ModelInfo,
    Phase,
    Precision,
    Progress,
    Question,
    Ready,
    Sampling,
    Statistics,
    StopReason,
    TextDelta,
    TurnsDropped,
)
from .prompt import Prompt, build
from .reading import Reader
from .runner import Runner
from .sight import Seen, Sight
from .text_stream import TextStream
from .tokenizer import Tokenizer
from .weights import empty_model_of, load_weights

LEAST_ROOM = 64  # positions kept free for an answer when old turns are dropped


class Engine:
    """One model on one device. Not for use from two threads at once.

    ``load`` and ``answer`` are generators: they yield at least once per forward pass, and to
    stop is to stop pulling. Every error is an EngineError with data.
    """

    def __init__(
        self,
        folder: str | Path,
        device: str = "auto",
        precision: Precision | str = Precision.AUTO,
    ) -> None:
        self.folder = Path(folder)
        self._asked = (device, precision)
        self._parts: _Parts | None = None
        self._info: ModelInfo | None = None
        self._load_seconds = 0.0

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model, or None."""
        return self._info

    def load(self) -> Iterator[LoadEvent]:
        """Read the folder and place the weights; ends with Ready.

        Raises ModelError, DeviceError and OutOfMemory.
        """
        started = time.perf_counter()
        choice = choose(*self._asked)
        self.close()
        with self._memory_watched(choice.device):
            model = empty_model_of(self.folder)
            tokenizer = Tokenizer.from_folder(self.folder)
            dtype, total = dtype_of(choice.precision), 0
            for step in load_weights(model, self.folder, dtype=dtype, device=choice.device):
                total = step.total
                yield Progress(Phase.LOADING, step.done, total)
            self._parts = _Parts(Runner(model), tokenizer)
        self._load_seconds = time.perf_counter() - started
        self._info = self._describe(choice, total)
        yield Ready(self._info)

    def answer(self, question: Question) -> Iterator[AnswerEvent]:
        """See the picture, read the question, write the answer; ends with Finished.

        Raises PictureError, QuestionError and OutOfMemory, and ModelError before ``load``.
        """
        parts, clock = self._loaded(), Clock()
        statistics = Statistics(load_seconds=self._load_seconds)
        with self._memory_watched(str(parts.runner.device)):
            seen, key = None, None
            if question.picture is not None:
                key = question.picture.key
                seen = parts.sight.look(question.picture, clock)
                yield seen.event
            prompt = parts.prompt(question, seen)
            if prompt.dropped_turns:
                yield TurnsDropped(prompt.dropped_turns)
            if seen is not None:
                known = len(seen.features)
                yield from parts.sight.encode(seen, clock)
                statistics = replace(
                    statistics,
                    see_seconds=clock.take(),
                    views_encoded=len(seen.features) - known,
                    views_reused=known,
                )
            start = parts.reader.reuse(prompt, key)
            features = seen.features if seen is not None else []
            logits = yield from parts.reader.read(prompt, features, start, clock)
            statistics = replace(
                statistics,
                read_seconds=clock.take(),
                prompt_tokens_computed=len(prompt.ids) - start,
                prompt_tokens_reused=start,
            )
            yield Progress(Phase.WRITING, 0, 0)
            yield from parts.write(logits, prompt, question.sampling, statistics, clock)

    def forget(self) -> None:
        """Drop remembered pictures and the conversation's cache, with their memory."""
        if self._parts is not None:
            self._parts.sight.forget()
            self._parts.reader.forget()

    def close(self) -> None:
        """Drop the model too; ``load`` brings it back."""
        self._parts = self._info = None

    def _loaded(self) -> _Parts:
        if self._parts is None:
            raise ModelError(ModelFault.NOT_LOADED, str(self.folder))
        return self._parts

    def _describe(self, choice: DeviceChoice, weight_bytes: int) -> ModelInfo:
        model = self._loaded().runner.model
        return ModelInfo(
            name=self.folder.resolve().name,
            folder=str(self.folder),
            parameters=sum(parameter.numel() for parameter in model.parameters()),
            weight_bytes=weight_bytes,
            context_length=model.config.max_position_embeddings,
            choice=choice,
            sampling=default_sampling(self.folder),
        )

    @contextmanager
    def _memory_watched(self, device: str) -> Iterator[None]:
        """Turn an allocator's error into OutOfMemory, and drop a cache that may be half written."""
        try:
            yield
        except EngineError:
            raise
        except (Exception, KeyboardInterrupt) as error:
            self.forget()
            told = as_out_of_memory(error, device)
            if told is None:
                raise
            raise told from error


class _Parts:
    """What a loaded engine is made of."""

    def __init__(self, runner: Runner, tokenizer: Tokenizer) -> None:
        self.runner = runner
        self.tokenizer = tokenizer
        self.sight = Sight(runner)
        self.reader = Reader(runner)

    def prompt(self, question: Question, seen: Seen | None) -> Prompt:
        config = self.runner.model.config
        positions = config.max_position_embeddings
        room = max(LEAST_ROOM, min(question.sampling.max_new_tokens, positions // 4))
        return build(
            question.turns,
            seen.plan.grid if seen is not None else None,
            self.tokenizer,
            has_picture=seen is not None,
            query_num=config.query_num,
            special_tokens=question.special_tokens,
            limit=positions - room,
        )

    def write(
        self,
        logits: Tensor,
        prompt: Prompt,
        sampling: Sampling,
        statistics: Statistics,
        clock: Clock,
    ) -> Iterator[TextDelta | Finished]:
        """Choose tokens and release their text; the closing event carries all of it."""
        stream = TextStream(self.tokenizer)
        written, text = list[int](), list[str]()
        first: float | None = None
        writing = self._writing(logits, len(prompt.ids), sampling)
        try:
            while True:
                with clock:
                    settled, reason = _next(writing)
                if first is None:
                    first = clock.take()
                if reason is not None:
                    break
                written.extend(settled)
                text.append("".join(stream.push(token) for token in settled))
                yield TextDelta(text[-1])
        finally:
            self.runner.gather()
            self.reader.wrote(written)
        text.append(stream.finish())
        if text[-1]:
            yield TextDelta(text[-1])
        before = statistics.see_seconds + statistics.read_seconds
        yield Finished(
            reason=reason,
            text="".join(text),
            token_ids=tuple(written),
            prompt_token_ids=prompt.ids,
            statistics=replace(
                statistics,
                first_token_seconds=before + first,
                write_seconds=clock.take(),
                tokens_written=len(written),
            ),
        )

    def _writing(self, logits: Tensor, prompt_length: int, sampling: Sampling) -> Writing:
        left = self.runner.model.config.max_position_embeddings - prompt_length
        limits = Limits(
            bos=self.tokenizer.bos_id,
            eos=self.tokenizer.eos_id,
            room=min(sampling.max_new_tokens, left),
            reason=StopReason.LENGTH if sampling.max_new_tokens <= left else StopReason.CONTEXT,
        )
        write = write_beams if sampling.decoding is Decoding.BEAM else write_single
        return write(logits, self.runner, sampling, limits)


def _next(writing: Writing) -> tuple[tuple[int, ...], StopReason | None]:
    """The next settled ids, or why there are no more."""
    try:
        return next(writing), None
    except StopIteration as end:
        return (), end.value
