"""How characters beyond ASCII look: what is asked of their patches besides their names."""

from __future__ import annotations

from functools import lru_cache

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import fonts

SIDE = 12  # pixels of a glyph's picture
GLYPH_PIXELS = SIDE * SIDE
DRAWN = 48


@lru_cache(maxsize=2)
def glyphs(pieces: tuple[str, ...]) -> NDArray[numpy.float32]:
    """Return a small picture of every vocabulary piece, (pieces, GLYPH_PIXELS).

    Its mean is zero and its deviation one. It stays empty for what is not one character beyond
    ASCII, and for all where no Chinese font is installed. Thousands of characters are made of few
    strokes: their shapes teach more of those that are seen seldom than their names do.
    """
    table = numpy.zeros((len(pieces), GLYPH_PIXELS), dtype=numpy.float32)
    present = fonts.present(fonts.CHINESE)
    for place, piece in enumerate(pieces):
        if present and len(piece) == 1 and not piece.isascii() and piece != "\u2581":
            table[place] = drawn(piece, present[0])
    return table


def drawn(character: str, font_name: str) -> NDArray[numpy.float32]:
    """Draw one character in the middle of a square and normalise it, (GLYPH_PIXELS,)."""
    picture = Image.new("L", (DRAWN, DRAWN))
    font = fonts.load(font_name, DRAWN - 4)
    ImageDraw.Draw(picture).text(
        (DRAWN / 2, DRAWN / 2), character, font=font, fill=255, anchor="mm"
    )
    small = numpy.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), numpy.float32)
    flat: NDArray[numpy.float32] = small.reshape(-1) - small.mean()
    return flat / numpy.float32(max(1.0, float(flat.std())))
