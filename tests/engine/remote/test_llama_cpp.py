"""The engine elsewhere against a server that others have written: llama.cpp's own."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from engine.messages import (
    AnswerEvent,
    Question,
    Sampling,
    Speaker,
    StopReason,
    TextDelta,
    Turn,
    TurnsDropped,
)
from engine.remote.engine import RemoteEngine
from engine.remote.errors import RemoteError, RemoteFault

from .conftest import ask
from .llama_cpp import CONTEXT, KEY, llama_cpp, tiny_pieces
from .test_remote_engine import last, picture, text_of

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None,
    reason="xllamacpp, a llama.cpp server as a package, is not installed",
)
GREEDY = Sampling.greedy(max_new_tokens=20)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama_cpp(tmp_path_factory.mktemp("llama")) as address:
        yield address


@pytest.fixture(scope="module")
def engine(address: str) -> RemoteEngine:
    engine = RemoteEngine(address, key=KEY)
    list(engine.load())
    return engine


def test_it_says_what_it_has(engine: RemoteEngine) -> None:
    assert engine.info is not None
    assert engine.info.context_length == CONTEXT
    assert engine.info.parameters > tiny_pieces() * 64
    assert engine.info.weight_bytes > engine.info.parameters


def test_it_answers_the_same_to_the_same(engine: RemoteEngine) -> None:
    for sampling in (GREEDY, Sampling(seed=3, max_new_tokens=20), Sampling(top_k=0, seed=3)):
        once = list(engine.answer(ask("hello", replace(sampling, max_new_tokens=20))))
        again = last(engine.answer(ask("hello", replace(sampling, max_new_tokens=20))))
        assert text_of(once) == again.text != ""
        assert again.reason is StopReason.LENGTH
        assert again.statistics.tokens_written == 20
        assert again.statistics.prompt_tokens_reused > 0
    assert engine.left_out == frozenset()


def test_it_is_cut_off_at_the_end_of_its_context(engine: RemoteEngine) -> None:
    finished = last(engine.answer(ask("hello", replace(GREEDY, max_new_tokens=1000))))
    assert finished.reason is StopReason.CONTEXT


def test_it_forgets_what_does_not_fit(engine: RemoteEngine) -> None:
    earlier = (Turn(Speaker.USER, "a b c " * 100), Turn(Speaker.ASSISTANT, "x"))
    question = replace(ask("hello", GREEDY), turns=(*earlier, *ask("hello").turns))
    events = list(engine.answer(question))
    assert TurnsDropped(2) in events
    assert text_of(events) == last(engine.answer(ask("hello", GREEDY))).text
    with pytest.raises(RemoteError) as caught:
        list(engine.answer(replace(question, turns=earlier[:1])))
    assert caught.value.fault is RemoteFault.TOO_LONG


def test_it_goes_on_with_an_answer(engine: RemoteEngine) -> None:
    turns = (Turn(Speaker.USER, "hello"), Turn(Speaker.ASSISTANT, "a b"))
    assert last(engine.answer(Question(None, turns, GREEDY))).text


def test_it_stops_when_nobody_listens(engine: RemoteEngine) -> None:
    heard = list[AnswerEvent]()
    long = replace(GREEDY, max_new_tokens=200)
    with closing(engine.answer(ask("hello", long))) as stream:  # type: ignore[type-var]
        for event in stream:
            heard.append(event)
            if text_of(heard):
                break
    assert last(engine.answer(ask("hello", long))).text.startswith(text_of(heard))


def test_it_has_no_eyes_and_wants_its_key(engine: RemoteEngine, address: str) -> None:
    with pytest.raises(RemoteError) as caught:
        list(engine.answer(replace(ask(), picture=picture())))
    assert caught.value.fault is RemoteFault.PICTURES_UNSUPPORTED
    with pytest.raises(RemoteError) as caught:
        list(RemoteEngine(address, key="sk-other").load())
    assert caught.value.fault is RemoteFault.REFUSED
    with pytest.raises(RemoteError) as caught:
        list(RemoteEngine(f"{address}/elsewhere", key=KEY).load())
    assert caught.value.fault is RemoteFault.NO_API


def test_pieces_come_as_text(engine: RemoteEngine) -> None:
    events = list(engine.answer(ask("hello", GREEDY)))
    assert sum(isinstance(event, TextDelta) for event in events) > 5
