"""Writing against transformers' own generation, and against a loop that remembers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.generation.logits_process import LogitsProcessor, LogitsProcessorList

from engine.configuration import MiniCPMVConfig
from engine.decode import COPIES, Limits, Writing, repeats, write_beams, write_single
from engine.messages import Sampling, StopReason
from engine.model.minicpmv import MiniCPMV
from engine.runner import Runner
from engine.sampling import penalise
from tests.tiny import tiny_config

BOS, EOS = 1, 2
ROOM = 14
SEEDS = range(12)
PROMPT = (BOS, 7, 11, 3, 5)


def model_of(seed: int) -> MiniCPMV:
    """A random model of so few tokens that the closing one comes by itself now and then."""
    torch.manual_seed(seed)
    config: MiniCPMVConfig = tiny_config(vocab_size=24, initializer_range=0.2)
    model = MiniCPMV(config).eval().requires_grad_(False)
    for parameter in model.llm.parameters():
        if parameter.ndim == 2:
            parameter.normal_(0.0, 0.1)
    return model


class Closed:
    """All that a generator yielded, and its value."""

    def __init__(self, writing: Writing) -> None:
        self.chunks: list[tuple[int, ...]] = []
        while True:
            try:
                self.chunks.append(next(writing))
            except StopIteration as end:
                self.reason: StopReason = end.value
                return

    @property
    def ids(self) -> list[int]:
        return [token for chunk in self.chunks for token in chunk]


def limits(room: int = ROOM) -> Limits:
    return Limits(bos=BOS, eos=EOS, room=room, reason=StopReason.LENGTH)


def beams(model: MiniCPMV, sampling: Sampling, room: int = ROOM) -> Closed:
    runner = Runner(model)
    return Closed(write_beams(runner.read(PROMPT, [], []), runner, sampling, limits(room)))


def single(model: MiniCPMV, sampling: Sampling, room: int = ROOM) -> Closed:
    runner = Runner(model)
    return Closed(write_single(runner.read(PROMPT, [], []), runner, sampling, limits(room)))


class AlsoBos(LogitsProcessor):
    """The published code's ids started with bos, so that the penalty always covered it."""

    def __init__(self, penalty: float) -> None:
        self.penalty = penalty

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        rows = [
            row if BOS in ids else penalise(row, [BOS], self.penalty)
            for ids, row in zip(input_ids.tolist(), scores, strict=True)
        ]
        return torch.stack(rows)


def generated(
    model: MiniCPMV, width: int, penalty: float, room: int = ROOM, by_length: float = 1.0
) -> tuple[list[int], bool]:
    """What transformers writes, and whether it closed the answer.

    From embeddings, since the published penalty covers what is written, not the prompt.
    """
    llm: Any = model.llm
    with torch.inference_mode():
        embeddings = model.embed(torch.tensor([PROMPT]))
        out = llm.generate(
            inputs_embeds=embeddings,
            attention_mask=torch.ones(1, len(PROMPT), dtype=torch.long),
            max_new_tokens=room,
            num_beams=width,
            do_sample=False,
            repetition_penalty=penalty,
            length_penalty=by_length,
            logits_processor=LogitsProcessorList([AlsoBos(penalty)]),
            bos_token_id=BOS,
            eos_token_id=EOS,
            pad_token_id=0,
        )
    ids = out[0].tolist()
    closed = EOS in ids
    return ids[: ids.index(EOS)] if closed else ids, closed


def every_row(model: MiniCPMV, ids: Sequence[int]) -> Tensor:
    """All positions' logits of one full pass without a cache."""
    with torch.inference_mode():
        return model(torch.tensor([list(ids)])).logits[0]


@pytest.mark.parametrize("penalty", [1.0, 1.2])
@pytest.mark.parametrize("width", [2, 3, 5])
def test_beams_are_those_of_transformers(width: int, penalty: float) -> None:
    ends, differs = list[bool](), list[bool]()
    for seed in SEEDS:
        model = model_of(seed)
        sampling = Sampling.beam(width, penalty)
        ours = beams(model, sampling)
        theirs, closed = generated(model, width, penalty)
        assert ours.ids == theirs, seed
        assert ours.reason is (StopReason.END if closed else StopReason.LENGTH)
        ends.append(closed)
        differs.append(ours.ids != single(model, Sampling.greedy(penalty)).ids)
    assert any(ends)
    assert any(differs)


@pytest.mark.parametrize("by_length", [0.0, 0.5, 2.0])
def test_length_counts_as_it_does_in_transformers(by_length: float) -> None:
    differs = list[bool]()
    for seed in SEEDS:
        model = model_of(seed)
        ours = beams(model, replace(Sampling.beam(3, 1.0), length_penalty=by_length))
        assert ours.ids == generated(model, 3, 1.0, by_length=by_length)[0], seed
        differs.append(ours.ids != beams(model, Sampling.beam(3, 1.0)).ids)
    assert any(differs)


def test_beams_that_close_at_once_are_those_of_transformers() -> None:
    """Closing is likely here, so many beams finish and the search stops early."""
    early = 0
    for seed in SEEDS:
        model = model_of(seed)
        model.llm.model.norm.weight[0] = 0.0
        model.llm.lm_head.weight[EOS] *= 3.0
        ours = beams(model, Sampling.beam(3), room=40)
        theirs, closed = generated(model, 3, 1.2, room=40)
        assert ours.ids == theirs, seed
        assert (ours.reason is StopReason.END) == closed
        early += len(ours.chunks) < 40
    assert early > len(SEEDS) // 2


@pytest.mark.parametrize("room", [1, 2])
def test_beams_with_little_room(room: int) -> None:
    for seed in SEEDS:
        model = model_of(seed)
        theirs, closed = generated(model, 3, 1.2, room)
        ours = beams(model, Sampling.beam(3), room)
        assert (ours.ids, ours.reason is StopReason.END) == (theirs, closed)


def test_settled_ids_come_before_the_end() -> None:
    """What is yielded is never taken back, and it does not all come at once."""
    spread = 0
    for seed in SEEDS:
        model = model_of(seed)
        written = beams(model, Sampling.beam(3))
        assert written.ids == generated(model, 3, 1.2)[0]
        assert len(written.chunks) <= ROOM
        spread += sum(map(bool, written.chunks)) > 1
    assert spread > 3


class Counting(Runner):
    """A runner that remembers how many rows each pass had."""

    def __init__(self, model: MiniCPMV) -> None:
        super().__init__(model)
        self.rows: list[int] = []

    def step(self, ids: Sequence[int]) -> Tensor:
        self.rows.append(len(ids))
        return super().step(ids)


@pytest.mark.parametrize("penalty", [1.0, 1.05, 1.5])
def test_greedy_is_that_of_a_naive_loop(penalty: float) -> None:
    ends = set()
    for seed in SEEDS:
        model = model_of(seed)
        written, reason = list[int](), StopReason.LENGTH
        while len(written) < ROOM:
            scores = penalise(every_row(model, [*PROMPT, *written])[-1], [BOS, *written], penalty)
            token = int(scores.argmax())
            if token == EOS:
                reason = StopReason.END
                break
            written.append(token)
        ours = single(model, Sampling.greedy(penalty))
        assert (ours.ids, ours.reason) == (written, reason), seed
        assert ours.chunks == [(token,) for token in written]
        ends.add(reason)
    assert ends == {StopReason.END, StopReason.LENGTH}


def test_greedy_is_that_of_transformers() -> None:
    for seed in SEEDS:
        model = model_of(seed)
        theirs, closed = generated(model, 1, 1.05)
        ours = single(model, Sampling.greedy(1.05))
        assert (ours.ids, ours.reason is StopReason.END) == (theirs, closed)


def test_the_last_token_costs_no_pass() -> None:
    model = model_of(0)
    model.llm.lm_head.weight[EOS] = 0.0  # never the best
    for sampling, rows in ((Sampling.greedy(), 1), (Sampling.beam(3), 3)):
        runner = Counting(model)
        write = write_beams if rows > 1 else write_single
        Closed(write(runner.read(PROMPT, [], []), runner, sampling, limits(room=3)))
        assert runner.rows == [rows] * 2


class Circle:
    """A model that says the same few tokens for ever."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids, self.steps = ids, 0

    def logits(self) -> Tensor:
        scores = torch.zeros(24)
        scores[self.ids[self.steps % len(self.ids)]] = 9.0
        return scores

    def step(self, ids: Sequence[int]) -> Tensor:
        assert list(ids) == [self.ids[self.steps % len(self.ids)]]
        self.steps += 1
        return self.logits()[None]

    def spread(self, rows: int) -> None:
        pass

    def reorder(self, rows: Sequence[int]) -> None:
        assert list(rows) == [0]


@pytest.mark.parametrize(
    ("write", "sampling"),
    [(write_single, Sampling.greedy()), (write_beams, Sampling.beam(2, 1.0, threshold=1.0))],
    ids=["greedy", "beams"],
)
@pytest.mark.parametrize(("length", "most"), [(1, 100), (7, 101), (16, 101), (20, 120)])
def test_a_model_that_goes_round_in_circles_is_stopped_and_says_so(length, most, write, sampling):
    model = Circle(range(3, 3 + length))
    closed = Closed(write(model.logits(), model, sampling, limits(room=1000)))
    assert closed.reason is StopReason.REPEATS
    assert len(closed.ids) <= most
    assert closed.ids[:length] == list(model.ids)


def test_who_goes_on_with_a_repeated_answer_is_not_stopped_at_once():
    model = Circle(range(3, 10))
    written = write_single(
        model.logits(), model, Sampling.greedy(), limits(room=1000), tuple(range(3, 10)) * 20
    )
    assert [next(written) for _ in range(60)] == [(3 + n % 7,) for n in range(60)]


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [5] * 80,  # a rule
        [*range(3, 23)] * (COPIES - 1),  # equal rows of a table
        [token for row in range(20) for token in (row, 50, 51, 52, 53, 54, 55, 56)],
        [*[4, 5, 6, 7] * 40, 9],  # it went on
    ],
    ids=["nothing", "rule", "rows", "numbered", "over"],
)
def test_what_documents_show_does_not_count_as_repeated(ids):
    assert not repeats(ids)
