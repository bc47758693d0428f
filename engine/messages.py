"""Everything that crosses the border of the engine: frozen values, standard library only."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path


class Speaker(str, Enum):
    """Who said a turn; the values are the role names of the model card."""

    USER = "user"
    ASSISTANT = "assistant"


class Decoding(str, Enum):
    """How the next token is chosen."""

    SAMPLE = "sample"
    GREEDY = "greedy"
    BEAM = "beam"


class Phase(str, Enum):
    """What a stream is doing, in the order in which it happens."""

    LOADING = "loading"
    SEEING = "seeing"
    READING = "reading"
    WRITING = "writing"


class StopReason(str, Enum):
    """Why an answer ended."""

    END = "end"  # the model closed its answer
    LENGTH = "length"  # max_new_tokens were written
    CONTEXT = "context"  # the model's positions are used up
    REPEATS = "repeats"  # the same tokens came again and again


class Precision(str, Enum):
    """The number format of weights and activations; AUTO lets the engine choose."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    INT8 = "int8"  # weights of eight bits; activations too where the device multiplies them so
    INT4 = "int4"  # the decoder's weights of four bits, the others of eight


class ChoiceReason(str, Enum):
    """Why a device or a precision was chosen; the wording for people is the caller's."""

    ASKED = "asked"
    CUDA_FOUND = "cuda_found"
    MPS_FOUND = "mps_found"
    NO_ACCELERATOR = "no_accelerator"
    CUDA_HAS_BFLOAT16 = "cuda_has_bfloat16"
    CUDA_LACKS_BFLOAT16 = "cuda_lacks_bfloat16"
    MPS_USES_FLOAT16 = "mps_uses_float16"
    CPU_HAS_BFLOAT16 = "cpu_has_bfloat16"
    CPU_LACKS_BFLOAT16 = "cpu_lacks_bfloat16"
    REMOTE = "remote"  # a server elsewhere decides
    MEMORY = "memory"  # there was no room for what would have been chosen


class Relief(str, Enum):
    """What is given up when memory runs out, in the order in which it is tried."""

    CACHES = "caches"
    FEWER_VIEWS = "fewer_views"
    SMALLER_PICTURE = "smaller_picture"
    LOWER_PRECISION = "lower_precision"
    CPU = "cpu"


class Fit(str, Enum):
    """Whether a model fits into the memory that is free."""

    UNKNOWN = "unknown"
    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of one image file. ``key`` is their SHA-256, so equal pictures have equal keys."""

    data: bytes = field(repr=False)
    name: str
    key: str

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Picture:
        return cls(data=data, name=name, key=hashlib.sha256(data).hexdigest())

    @classmethod
    def read(cls, path: str | Path) -> Picture:
        """Read a file as it is; it is decoded, and judged, when it is used. Raises OSError."""
        path = Path(path)
        return cls.from_bytes(path.read_bytes(), path.name)


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of a conversation."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is written. The defaults are those of the model card's ``chat``.

    ``temperature``, ``top_p``, ``top_k`` and ``seed`` act in SAMPLE only, ``beams``,
    ``length_penalty`` and ``beam_threshold`` in BEAM only. The log-probability of a hypothesis is
    divided by its length to the power of ``length_penalty``: above 0 long ones are preferred.
    ``beam_threshold``, in nats, is how far behind the best hypothesis another one may fall;
    infinity is transformers' search.
    The repetition penalty covers the written tokens, never the prompt.
    """

    decoding: Decoding = Decoding.SAMPLE
    temperature: float = 0.7
    top_p: float = 0.8
    top_k: int = 100
    repetition_penalty: float = 1.05
    beams: int = 1
    length_penalty: float = 1.0
    beam_threshold: float = math.inf
    max_new_tokens: int = 1024
    seed: int | None = None

    def __post_init__(self) -> None:
        for name, wrong in (
            ("temperature", not 0 < self.temperature < math.inf),
            ("top_p", not 0 < self.top_p <= 1),
            ("top_k", self.top_k < 0),
            ("repetition_penalty", not 0 < self.repetition_penalty < math.inf),
            ("beams", self.beams < 1),
            ("length_penalty", not math.isfinite(self.length_penalty)),
            ("beam_threshold", not self.beam_threshold > 0),
            ("max_new_tokens", self.max_new_tokens < 1),
            ("seed", self.seed is not None and not 0 <= self.seed < 2**64),
        ):
            if wrong:
                raise ValueError(f"{name}={getattr(self, name)!r}")

    def without_chance(self) -> Sampling:
        """The same where text is read: no token is drawn, and text may well repeat itself."""
        drawn = self.decoding is Decoding.SAMPLE
        decoding = Decoding.GREEDY if drawn else self.decoding
        return replace(self, decoding=decoding, repetition_penalty=1.0)

    @classmethod
    def greedy(cls, repetition_penalty: float = 1.0, max_new_tokens: int = 1024) -> Sampling:
        return cls(
            decoding=Decoding.GREEDY,
            repetition_penalty=repetition_penalty,
            max_new_tokens=max_new_tokens,
        )

    @classmethod
    def beam(
        cls,
        beams: int = 3,
        repetition_penalty: float = 1.2,
        max_new_tokens: int = 1024,
        threshold: float = math.inf,
    ) -> Sampling:
        return cls(
            decoding=Decoding.BEAM,
            beams=beams,
            beam_threshold=threshold,
            repetition_penalty=repetition_penalty,
            max_new_tokens=max_new_tokens,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Everything one answer depends on.

    The last turn is usually the person's. Where it is the model's, the answer continues it.
    ``special_tokens`` lets strings such as ``<image>`` in the turns act as control tokens;
    otherwise they are text.
    """

    picture: Picture | None
    turns: tuple[Turn, ...]
    sampling: Sampling = Sampling()
    special_tokens: bool = False


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """The device and precision in use, and why."""

    device: str
    precision: Precision
    device_reason: ChoiceReason
    precision_reason: ChoiceReason
    device_name: str = ""


@dataclass(frozen=True, slots=True)
class MemoryOutlook:
    """The bytes that a model needs in one precision on one device, and what was free there.

    ``free`` is 0 where nobody knows.
    """

    device: str
    precision: Precision
    needed: int
    free: int

    @property
    def fit(self) -> Fit:
        """The verdict; what is needed is an estimate, so a little room counts as tight."""
        if not self.free:
            return Fit.UNKNOWN
        if self.needed > self.free:
            return Fit.TOO_LARGE
        return Fit.TIGHT if self.needed > 0.85 * self.free else Fit.FITS


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A loaded model. ``memory`` is what was so before it was loaded."""

    name: str
    folder: str
    parameters: int
    weight_bytes: int
    context_length: int
    choice: DeviceChoice
    sampling: Sampling = Sampling()  # how it writes when nobody says otherwise
    memory: MemoryOutlook | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an answer cost. Times are seconds on the clock; ``load`` belongs to the model.

    ``views_*`` and ``prompt_tokens_*`` count what was computed and what was remembered from
    an earlier question.
    """

    load_seconds: float = 0.0
    see_seconds: float = 0.0
    read_seconds: float = 0.0
    first_token_seconds: float = 0.0
    write_seconds: float = 0.0
    views_encoded: int = 0
    views_reused: int = 0
    prompt_tokens_computed: int = 0
    prompt_tokens_reused: int = 0
    tokens_written: int = 0

    @property
    def tokens_per_second(self) -> float:
        """Decoding speed: tokens after the first one, over the time they took."""
        if self.write_seconds <= 0 or self.tokens_written < 2:
            return 0.0
        return (self.tokens_written - 1) / self.write_seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps of a phase; ``total`` 0 means that nobody knows."""

    phase: Phase
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Closes a ``load`` stream."""

    info: ModelInfo


@dataclass(frozen=True, slots=True)
class PictureSeen:
    """How the model will see a picture; comes once, before the first view is encoded.

    ``grid`` is (columns, rows) or None; ``views`` holds each view's (width, height), the
    overview first. ``seen`` is the size that the finest views have together. ``frames`` is
    above 1 for an animation, of which the first frame is used.
    """

    width: int
    height: int
    grid: tuple[int, int] | None
    views: tuple[tuple[int, int], ...]
    seen: tuple[int, int]
    frames: int = 1

    @property
    def downscaled(self) -> bool:
        """Whether detail is lost because the model sees fewer pixels than there are."""
        return self.seen[0] * self.seen[1] < 0.98 * self.width * self.height


@dataclass(frozen=True, slots=True)
class TurnsDropped:
    """The conversation was too long: so many of its oldest turns were left out of the prompt."""

    count: int


@dataclass(frozen=True, slots=True)
class MemoryRelieved:
    """Memory ran out, and the stream goes on with less; text that came before stays valid.

    ``choice`` is where the model runs from now on.
    """

    relief: Relief
    choice: DeviceChoice


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text that is complete so far; empty while a character or a beam is still undecided."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Closes an ``answer`` stream; ``text`` is the whole answer, stripped as the authors do.

    Where the answer continues a turn, the white space between the two is part of it.
    """

    reason: StopReason
    text: str
    token_ids: tuple[int, ...]
    prompt_token_ids: tuple[int, ...]
    statistics: Statistics


LoadEvent = Progress | MemoryRelieved | Ready
AnswerEvent = Progress | PictureSeen | TurnsDropped | MemoryRelieved | TextDelta | Finished
