"""One try at an answer: see, read, write; and what of it outlives a try that ran out of memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from torch import Tensor

from .clock import Clock
from .decode import Limits, Writing, write_beams, write_single
from .messages import (
    AnswerEvent,
    Decoding,
    Finished,
    Phase,
    PictureSeen,
    Progress,
    Question,
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
from .slicing import SliceSettings
from .text_stream import TextStream
from .tokenizer import Tokenizer

LEAST_ROOM = 64  # positions kept free for an answer when old turns are dropped


@dataclass(slots=True)
class Draft:
    """What is known and written of an answer so far; another try goes on from here."""

    stream: TextStream
    ids: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    seen: PictureSeen | None = None
    dropped_turns: int = 0
    write_seconds: float = 0.0


class Parts:
    """What a loaded engine is made of."""

    def __init__(self, runner: Runner, tokenizer: Tokenizer) -> None:
        self.runner = runner
        self.tokenizer = tokenizer
        self.sight = Sight(runner)
        self.reader = Reader(runner)

    def forget(self) -> None:
        """Drop remembered pictures and the conversation's cache."""
        self.sight.forget()
        self.reader.forget()

    def answer(
        self, question: Question, draft: Draft, slices: SliceSettings, statistics: Statistics
    ) -> Iterator[AnswerEvent]:
        """See the picture, read the question and what is written, write on to the end."""
        clock = Clock()
        seen, key = None, None
        if question.picture is not None:
            key = question.picture.key
            seen = self.sight.look(question.picture, slices, clock)
            draft.seen = seen.event
            yield seen.event
        prompt = self._prompt(question, seen)
        if prompt.dropped_turns != draft.dropped_turns:
            draft.dropped_turns = prompt.dropped_turns
            yield TurnsDropped(prompt.dropped_turns)
        if seen is not None:
            known = len(seen.features)
            yield from self.sight.encode(seen, clock)
            statistics = replace(
                statistics,
                see_seconds=clock.take(),
                views_encoded=len(seen.features) - known,
                views_reused=known,
            )
        so_far = replace(prompt, ids=(*prompt.ids, *draft.ids))
        start = self.reader.reuse(so_far, key)
        features = seen.features if seen is not None else []
        logits = yield from self.reader.read(so_far, features, start, clock)
        statistics = replace(
            statistics,
            read_seconds=clock.take(),
            prompt_tokens_computed=len(so_far.ids) - start,
            prompt_tokens_reused=start,
        )
        yield Progress(Phase.WRITING, 0, 0)
        yield from self._write(logits, prompt, question.sampling, draft, statistics, clock)

    def _prompt(self, question: Question, seen: Seen | None) -> Prompt:
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

    def _write(
        self,
        logits: Tensor,
        prompt: Prompt,
        sampling: Sampling,
        draft: Draft,
        statistics: Statistics,
        clock: Clock,
    ) -> Iterator[TextDelta | Finished]:
        """Choose tokens and release their text; the closing event carries all of it."""
        before, first = len(draft.ids), None
        writing = self._writing(logits, len(prompt.ids), sampling, draft)
        try:
            while True:
                with clock:
                    settled, reason = _next(writing)
                if first is None:
                    first = clock.take()
                if reason is not None:
                    break
                draft.ids.extend(settled)
                draft.text.append("".join(draft.stream.push(token) for token in settled))
                yield TextDelta(draft.text[-1])
        finally:
            draft.write_seconds += clock.take()
            self.runner.gather()
            self.reader.wrote(draft.ids[before:])
        draft.text.append(draft.stream.finish())
        if draft.text[-1]:
            yield TextDelta(draft.text[-1])
        yield Finished(
            reason=reason,
            text="".join(draft.text),
            token_ids=tuple(draft.ids),
            prompt_token_ids=prompt.ids,
            statistics=replace(
                statistics,
                first_token_seconds=statistics.see_seconds + statistics.read_seconds + first,
                write_seconds=draft.write_seconds,
                tokens_written=len(draft.ids),
            ),
        )

    def _writing(
        self, logits: Tensor, prompt_length: int, sampling: Sampling, draft: Draft
    ) -> Writing:
        left = self.runner.model.config.max_position_embeddings - prompt_length
        limits = Limits(
            bos=self.tokenizer.bos_id,
            eos=self.tokenizer.eos_id,
            room=min(sampling.max_new_tokens, left),
            reason=StopReason.LENGTH if sampling.max_new_tokens <= left else StopReason.CONTEXT,
        )
        write = write_beams if sampling.decoding is Decoding.BEAM else write_single
        return write(logits, self.runner, sampling, limits, tuple(draft.ids))


def _next(writing: Writing) -> tuple[tuple[int, ...], StopReason | None]:
    """The next settled ids, or why there are no more."""
    try:
        return next(writing), None
    except StopIteration as end:
        return (), end.value
