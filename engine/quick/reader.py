"""The quick reader: one stream of events, as an engine's answer is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..clock import Clock
from ..errors import OutOfMemory
from ..messages import (
    Finished,
    Phase,
    Picture,
    PictureSeen,
    Progress,
    Statistics,
    StopReason,
    TextDelta,
)
from ..pictures import decode
from .characters import says_something
from .ink import parted, rows_by_ink
from .joining import paragraph_starts, row_text
from .looking import copy_for_finder, pieces_of, pixels_of, scale_for, strips_of
from .networks import Finder, Letters, Piece, Pixels
from .order import reading_order
from .parts import quick_parts
from .tables import Row

LEAST_SURE = 0.5  # what is read with less is mostly no text at all
MAYBE_UPENDED = 1.5  # in widths: so high is one thin letter, or text that runs downwards

QuickEvent = Progress | PictureSeen | TextDelta | Finished


class QuickReader:
    """Finds the text in a picture and reads it line by line. Not for two threads at once.

    The streams are generators that yield at least once for each run of a network; to stop is
    to stop pulling. Every error is an EngineError with data.
    """

    def __init__(self) -> None:
        self._networks: tuple[Finder, Letters] | None = None
        self._load_seconds = 0.0

    @property
    def loaded(self) -> bool:
        """Whether the networks are in memory."""
        return self._networks is not None

    def load(self) -> Generator[Progress, None, tuple[Finder, Letters]]:
        """Get the networks into memory, unless they are. Raises ModelError and OutOfMemory."""
        if self._networks is not None:
            return self._networks
        clock = Clock()
        finding, reading = quick_parts().networks()
        yield Progress(Phase.LOADING, 0, 2)
        with clock:
            finder = Finder(finding)
        yield Progress(Phase.LOADING, 1, 2)
        with clock:
            self._networks = (finder, Letters(reading))
        self._load_seconds = clock.take()
        return self._networks

    def read(self, picture: Picture) -> Iterator[QuickEvent]:
        """The picture's text; ends with Finished. It loads the networks where that is needed.

        Raises PictureError, ModelError and OutOfMemory.
        """
        try:
            yield from self._read(picture)
        except MemoryError as error:
            raise OutOfMemory("cpu") from error

    def close(self) -> None:
        """Drop the networks; the next picture brings them back."""
        self._networks = None

    def _read(self, picture: Picture) -> Iterator[QuickEvent]:
        clock = Clock()
        with clock:
            decoded = decode(picture)
            pixels = np.ascontiguousarray(np.asarray(decoded.image)[:, :, ::-1])
        size = (decoded.width, decoded.height)
        yield PictureSeen(*size, grid=None, views=(size,), seen=size, frames=decoded.frames)
        finder, letters = yield from self.load()
        pieces = yield from _find(pixels, finder, clock)
        with clock:
            pieces = parted(pieces, pixels)
            order = reading_order([piece.box for piece in pieces.values()])
            page = _Page(pixels, pieces, [rows_by_ink(block, pieces, pixels) for block in order])
        statistics = Statistics(load_seconds=self._load_seconds, see_seconds=clock.take())
        yield from page.write(letters, statistics, clock)


def _find(
    pixels: Pixels, finder: Finder, clock: Clock
) -> Generator[Progress, None, dict[int, Piece]]:
    """Look at one strip after the other; returns the pieces by their numbers."""
    scale = scale_for(pixels.shape[1], pixels.shape[0])
    strips, pieces, count = strips_of(pixels, scale), dict[int, Piece](), 0
    for done, strip in enumerate(strips):
        yield Progress(Phase.SEEING, done, len(strips))
        with clock:
            found = finder.find(copy_for_finder(pixels[strip.top : strip.bottom], scale))
            for piece in pieces_of(found, strip, scale, pixels.shape[1], count):
                pieces[piece.box.number] = piece
            count += len(found)
    return pieces


@dataclass
class _Page:
    """What was found, in the order in which it is read."""

    pixels: Pixels
    pieces: dict[int, Piece]
    blocks: list[list[Row]]

    def write(
        self, letters: Letters, statistics: Statistics, clock: Clock
    ) -> Iterator[Progress | TextDelta | Finished]:
        """Read row by row; a row's text comes as soon as all of its pieces are read."""
        text, first, done = "", 0.0, 0
        for row, separator in self._rows():
            texts = dict[int, str]()
            for box in row.boxes:
                yield Progress(Phase.WRITING, done, len(self.pieces))
                with clock:
                    texts[box.number] = self._read(self.pieces[box.number], letters)
                done += 1
            told = row_text(row, texts)
            if says_something(told):
                if not text:
                    first = clock.take()
                delta = separator + told if text else told
                text += delta
                yield TextDelta(delta)
        yield Finished(
            reason=StopReason.END,
            text=text.strip(),
            token_ids=(),
            prompt_token_ids=(),
            statistics=replace(
                statistics,
                first_token_seconds=statistics.see_seconds + first,
                write_seconds=clock.take() + first,
            ),
        )

    def _rows(self) -> Iterator[tuple[Row, str]]:
        """Each row, with what parts it from the one before."""
        for block in self.blocks:
            begins = [True, *paragraph_starts(block)[1:]]
            for row, begin in zip(block, begins, strict=True):
                yield row, "\n\n" if begin else "\n"

    def _read(self, piece: Piece, letters: Letters) -> str:
        pixels = pixels_of(piece, self.pixels)
        text, sure = letters.read(pixels)
        if piece.box.height >= MAYBE_UPENDED * piece.box.width:
            text, sure = max((text, sure), letters.read(np.rot90(pixels)), key=lambda told: told[1])
        return text.strip() if sure >= LEAST_SURE else ""
