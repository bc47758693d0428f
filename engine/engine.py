"""The engine: a model folder, and two streams, ``load`` and ``answer``."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from .answering import Draft, Parts
from .defaults import default_sampling
from .device import as_out_of_memory, choose
from .errors import EngineError, ModelError, ModelFault, OutOfMemory
from .messages import (
    AnswerEvent,
    DeviceChoice,
    LoadEvent,
    MemoryOutlook,
    MemoryRelieved,
    ModelInfo,
    Phase,
    Precision,
    Progress,
    Question,
    Ready,
    Statistics,
)
from .placing import outlook, place
from .quantised.loading import load_into
from .relief import Footing, Step, release_memory, ways_down
from .runner import Runner
from .slicing import SliceSettings
from .text_stream import TextStream
from .tokenizer import Tokenizer
from .turns import continues
from .weights import empty_model_of

Relieving = Generator[Progress | MemoryRelieved, None, Footing]


class Engine:
    """One model on one device. Not for use from two threads at once.

    ``load`` and ``answer`` are generators: they yield at least once per forward pass, and to
    stop is to stop pulling. Every error is an EngineError with data. Where memory runs out, both
    go on with less, step by step, and say so by MemoryRelieved; OutOfMemory is the end of that.
    """

    def __init__(
        self,
        folder: str | Path,
        device: str = "auto",
        precision: Precision | str = Precision.AUTO,
        *,
        anyway: bool = False,
    ) -> None:
        """``anyway`` loads even what seems too large for the memory that is free."""
        self.folder = Path(folder)
        self._asked = (device, precision)
        self._anyway = anyway
        self._parts: Parts | None = None
        self._info: ModelInfo | None = None
        self._load_seconds = 0.0

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model, or None."""
        return self._info

    def load(self) -> Iterator[LoadEvent]:
        """Read the folder and place the weights; ends with Ready.

        Raises ModelError, DeviceError, TooLarge and OutOfMemory.
        """
        started = time.perf_counter()
        choose(*self._asked)  # what cannot be leaves the model that is there alone
        self.close()
        choice, memory = self._place()
        try:
            yield from self._put(choice, memory)
            short = None
        except OutOfMemory as error:
            short = _without_frames(error)
        if short is not None:
            ways = ways_down(Footing(choice, SliceSettings()), self.folder, lambda: None)
            yield from self._relieve(ways, short)
        self._load_seconds = time.perf_counter() - started
        if self._info is None:
            raise RuntimeError("a model without a description")
        yield Ready(self._info)

    def answer(self, question: Question) -> Iterator[AnswerEvent]:
        """See the picture, read the question, write the answer; ends with Finished.

        Raises PictureError, QuestionError and OutOfMemory, and ModelError before ``load``.
        """
        parts = self._loaded()
        draft = Draft(TextStream(parts.tokenizer, continues(question.turns)))
        footing = Footing(self._choice(), parts.runner.model.config.slice_settings)
        ways = ways_down(footing, self.folder, lambda: draft.seen)
        del parts  # another step down puts others in their place, and needs their memory
        while True:
            try:
                with self._memory_watched(footing.choice.device):
                    statistics = Statistics(load_seconds=self._load_seconds)
                    yield from self._loaded().answer(question, draft, footing.slices, statistics)
                return
            except OutOfMemory as error:
                short = _without_frames(error)
            footing = yield from self._relieve(ways, short)

    def forget(self) -> None:
        """Drop remembered pictures and the conversation's cache, with their memory."""
        if self._parts is not None:
            self._parts.forget()

    def close(self) -> None:
        """Drop the model too; ``load`` brings it back."""
        if self._parts is not None:
            self._parts = self._info = None
            release_memory()

    def _loaded(self) -> Parts:
        if self._parts is None:
            raise ModelError(ModelFault.NOT_LOADED, str(self.folder))
        return self._parts

    def _choice(self) -> DeviceChoice:
        if self._info is None:
            raise ModelError(ModelFault.NOT_LOADED, str(self.folder))
        return self._info.choice

    def _place(self) -> tuple[DeviceChoice, MemoryOutlook]:
        try:
            if self._anyway:
                choice = choose(*self._asked)
                return choice, outlook(self.folder, choice)
            return place(self.folder, *self._asked)
        except ModelError:
            self._name_fault()
            raise

    def _name_fault(self) -> None:
        """Raise what the loader finds wrong: it is more exact than the sum of the sizes."""
        choice = choose(*self._asked)
        model = empty_model_of(self.folder)
        next(iter(load_into(model, self.folder, choice.precision, choice.device)), None)

    def _put(self, choice: DeviceChoice, memory: MemoryOutlook) -> Iterator[Progress]:
        """Load the weights in place of those that are there."""
        self.close()
        with self._memory_watched(choice.device):
            model = empty_model_of(self.folder)
            tokenizer = Tokenizer.from_folder(self.folder)
            parameters, total = sum(p.numel() for p in model.parameters()), 0
            for step in load_into(model, self.folder, choice.precision, choice.device):
                total = step.total
                yield Progress(Phase.LOADING, step.done, total)
            self._parts = Parts(Runner(model), tokenizer)
        self._info = self._describe(choice, memory, parameters, total)

    def _relieve(self, ways: Iterator[Step], short: OutOfMemory) -> Relieving:
        """Take the next step down that works; without one, raise what went wrong."""
        for relief, footing in ways:
            self.forget()
            release_memory()
            if self._info is None or footing.choice != self._info.choice:
                try:
                    yield from self._put(footing.choice, outlook(self.folder, footing.choice))
                except OutOfMemory:
                    continue
            yield MemoryRelieved(relief, footing.choice)
            return footing
        raise short

    def _describe(
        self, choice: DeviceChoice, memory: MemoryOutlook, parameters: int, weight_bytes: int
    ) -> ModelInfo:
        model = self._loaded().runner.model
        return ModelInfo(
            name=self.folder.resolve().name,
            folder=str(self.folder),
            parameters=parameters,
            weight_bytes=weight_bytes,
            context_length=model.config.max_position_embeddings,
            choice=choice,
            sampling=default_sampling(self.folder),
            memory=memory,
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


def _without_frames(error: OutOfMemory) -> OutOfMemory:
    """The error and its causes, holding none of the tensors that were in use when it came."""
    part: BaseException | None = error
    while part is not None:
        part.__traceback__ = None
        part = part.__cause__ or part.__context__
    return error
