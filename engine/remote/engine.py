"""A model on a server, with the two streams of the local engine: ``load`` and ``answer``."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from ..errors import ModelError, ModelFault
from ..messages import (
    AnswerEvent,
    ChoiceReason,
    Decoding,
    DeviceChoice,
    LoadEvent,
    ModelInfo,
    Phase,
    Precision,
    Progress,
    Question,
    Ready,
    Speaker,
    TurnsDropped,
)
from ..turns import check_turns, continues
from .address import Server, parse
from .answer import Answer
from .errors import RemoteError, RemoteFault
from .exchange import Exchange, Reply
from .offer import OfferedModel, choose, offered
from .payload import EXTRAS, Draft, payload
from .picture_url import data_url
from .refusal import MOST_BODY, refusal
from .wire import Patience

DEVICE = "remote"

T = TypeVar("T")


class RemoteEngine:
    """A model behind an OpenAI-compatible interface. Not for use from two threads at once.

    As with the local engine, to stop is to stop pulling: closing a stream hangs up, and the
    server stops too. Every error is an EngineError with data. Raises RemoteError for an address
    that cannot be read.
    """

    def __init__(
        self,
        address: str,
        model: str = "",
        key: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.server = parse(address, key or "")
        self._model = model
        self._patience = patience or Patience()
        self._info: ModelInfo | None = None
        self._load_seconds = 0.0
        self._without: frozenset[str] = frozenset()
        self._limit = Draft().limit

    @property
    def info(self) -> ModelInfo | None:
        """The model in use, or None."""
        return self._info

    @property
    def left_out(self) -> frozenset[str]:
        """The names of request fields that the server did not want; answers go without them."""
        return self._without

    def load(self) -> Iterator[LoadEvent]:
        """Ask the server for its models and find the one; ends with Ready. Raises RemoteError."""
        started = time.perf_counter()
        self.close()
        yield Progress(Phase.LOADING, 0, 0)
        models = yield from _told(offered(self.server, self._patience), Phase.LOADING)
        model = choose(models, self._model, self.server)
        self._load_seconds = time.perf_counter() - started
        self._info = self._describe(model)
        yield Ready(self._info)

    def answer(self, question: Question) -> Iterator[AnswerEvent]:
        """Send the question, pass on the answer as it comes; ends with Finished.

        Raises PictureError, QuestionError and RemoteError, and ModelError before ``load``.
        """
        model = self._check(question)
        started = time.perf_counter()
        picture_url = ""
        if question.picture is not None:
            yield Progress(Phase.SEEING, 0, 0)
            picture_url = data_url(question.picture)
        exchange, reply, draft = yield from self._accepted(question, model, picture_url)
        with closing(exchange):
            if draft.first_turn:
                yield TurnsDropped(draft.first_turn)
            room = question.sampling.max_new_tokens if draft.limit else 0
            answer = Answer(
                self.server,
                reply,
                picture=bool(picture_url),
                room=room,
                continues=continues(question.turns),
            )
            yield from answer.read(exchange, self._patience.silence_seconds)
            yield answer.finished(started, self._load_seconds)

    def forget(self) -> None:
        """Nothing is remembered here; what a server remembers is its own affair."""

    def close(self) -> None:
        """Let go of the model; ``load`` brings it back."""
        self._info = None

    def _check(self, question: Question) -> str:
        """The model's name, where the question can be asked at all."""
        if self._info is None:
            raise ModelError(ModelFault.NOT_LOADED, self.server.address)
        if question.sampling.decoding is Decoding.BEAM:
            raise RemoteError(RemoteFault.BEAMS_UNSUPPORTED, self.server.name)
        check_turns(question.turns, question.picture is not None)
        return self._info.name

    def _accepted(
        self, question: Question, model: str, picture_url: str
    ) -> Generator[Progress, None, tuple[Exchange, Reply, Draft]]:
        """Ask, giving up what the server does not take, until it answers or says no for good."""
        draft = Draft(self._without, self._limit)
        while True:
            exchange, done = Exchange(self.server, self._patience), False
            try:
                body = payload(question, model, picture_url, draft)
                asking = exchange.ask("POST", "chat/completions", body)
                reply = yield from _told(asking, Phase.READING)
                if reply.status == 200:
                    done = True
                    return exchange, reply, draft
                said = yield from _told(exchange.whole(MOST_BODY), Phase.READING)
            finally:
                if not done:
                    exchange.close()
            error = refusal(self.server, reply, said, model=model, picture=bool(picture_url))
            draft = self._smaller(draft, error, said, question)

    def _smaller(self, draft: Draft, error: RemoteError, said: bytes, question: Question) -> Draft:
        """What to try next after a refusal; raises it where nothing is left to try."""
        if error.fault is RemoteFault.TOO_LONG:
            return self._shorter(draft, error, question)
        if error.fault is not RemoteFault.REJECTED:
            raise error
        if draft.limit == "max_tokens" and b"max_completion_tokens" in said:
            self._limit = "max_completion_tokens"  # newer models of the interface's inventor
            return replace(draft, limit=self._limit)
        unwanted = {name for name in EXTRAS - draft.without if name.encode() in said}
        if not unwanted:
            raise error
        self._without |= unwanted
        return replace(draft, without=self._without)

    def _shorter(self, draft: Draft, error: RemoteError, question: Question) -> Draft:
        """Ask for less: first without a limit, then without the older half of the turns.

        vLLM refuses a limit that does not fit behind the prompt, where others write as far as
        there is room; without one it does the same, and writes less than the limit was.
        """
        if draft.limit:
            return replace(draft, limit="")
        starts = [
            index
            for index, turn in enumerate(question.turns)
            if index > draft.first_turn and turn.speaker is Speaker.USER
        ]
        if not starts:
            raise error
        return replace(draft, limit=self._limit, first_turn=starts[len(starts) // 2])

    def _describe(self, model: OfferedModel) -> ModelInfo:
        here = ChoiceReason.REMOTE
        return ModelInfo(
            name=model.name,
            folder=self.server.address,
            parameters=model.parameters,
            weight_bytes=model.weight_bytes,
            context_length=model.context_length,
            choice=DeviceChoice(DEVICE, Precision.AUTO, here, here, self.server.name),
        )


def list_models(
    server: Server, patience: Patience | None = None
) -> Generator[Progress, None, tuple[OfferedModel, ...]]:
    """The models of a server, as a stream that can be stopped; its value is the list."""
    return _told(offered(server, patience or Patience()), Phase.LOADING)


def _told(waiting: Generator[None, None, T], phase: Phase) -> Generator[Progress, None, T]:
    """The same waiting, told as progress."""
    with closing(waiting):
        while True:
            try:
                next(waiting)
            except StopIteration as end:
                return end.value
            yield Progress(phase, 0, 0)
