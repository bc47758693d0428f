"""From a picture's pixels to pieces of text, and to the pixels of one piece."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .boxes import Box
from .networks import Piece, Pixels

GRAIN = 32  # the finder's strides; other sizes would be stretched
MARGIN = 16  # text at the very edge is found better with something around it
WIDEST = 1920  # beyond, the finder looks at a smaller copy; reading always has all pixels
LEAST_SCALE = 0.5
STRIP_PIXELS = 2_400_000  # of the copy: what the finder sees at once, half a second or so
MOST_PIXELS = 4 * STRIP_PIXELS  # of the copy of a photograph or a scan


@dataclass(frozen=True, slots=True)
class Strip:
    """The rows that the finder looks at together."""

    top: int
    bottom: int


def scale_for(width: int, height: int) -> float:
    """How large the finder's copy is. Screens twice as dense have letters twice as large."""
    least = min(LEAST_SCALE, math.sqrt(MOST_PIXELS / (width * height)))
    return min(1.0, max(WIDEST / width, least))


def strips_of(pixels: Pixels, scale: float) -> list[Strip]:
    """Cut a large picture into strips, each cut where there is likely to be no text."""
    height, width = pixels.shape[:2]
    rows = max(200, int(STRIP_PIXELS / (width * scale * scale)))
    cuts = [0]
    while height - cuts[-1] > 1.25 * rows:
        cuts.append(_quiet_row(pixels, cuts[-1] + rows, reach=rows // 5))
    return [Strip(top, bottom) for top, bottom in zip(cuts, [*cuts[1:], height], strict=True)]


def _quiet_row(pixels: Pixels, row: int, reach: int) -> int:
    """The middle of the plainest rows near a row: the space between two lines."""
    first = row - reach
    band = pixels[first : row + reach, :, 1].astype(np.int16)  # green is nearly brightness
    noise = np.abs(np.diff(band, axis=1)).mean(axis=1)
    quiet = np.flatnonzero(noise <= noise.min() + 0.25)
    longest = max(np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1), key=len)
    return first + int(longest[len(longest) // 2])


def copy_for_finder(pixels: Pixels, scale: float) -> Pixels:
    """Scaled, with a margin in the edge's own colour, and of a size that is not stretched."""
    import cv2

    if scale < 1:
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    height, width = pixels.shape[:2]
    grown = [math.ceil((side + 2 * MARGIN) / GRAIN) * GRAIN for side in (height, width)]
    canvas = np.empty((*grown, 3), np.uint8)
    canvas[:] = _edge_colour(pixels)
    canvas[MARGIN : MARGIN + height, MARGIN : MARGIN + width] = pixels
    return canvas


def _edge_colour(pixels: Pixels) -> NDArray[np.uint8]:
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    return np.median(np.concatenate(edges), axis=0).astype(np.uint8)


def pieces_of(
    found: list[NDArray[np.float32]], strip: Strip, scale: float, width: int, first: int
) -> Iterator[Piece]:
    """What was found in a strip's copy, in the picture's own pixels, numbered from ``first``."""
    for number, corners in enumerate(found, first):
        corners = (corners - MARGIN) / scale + (0, strip.top)
        corners[:, 0] = corners[:, 0].clip(0, width)
        corners[:, 1] = corners[:, 1].clip(strip.top, strip.bottom)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        if right - left >= 3 and bottom - top >= 3:
            box = Box(float(left), float(top), float(right), float(bottom), number)
            yield Piece(box, tuple((float(x), float(y)) for x, y in corners))


def pixels_of(piece: Piece, pixels: Pixels) -> Pixels:
    """The pixels of one piece, set straight where it is crooked."""
    box = piece.box
    if not piece.crooked:
        cut = pixels[int(box.top) : math.ceil(box.bottom), int(box.left) : math.ceil(box.right)]
        return np.ascontiguousarray(cut)
    return _straightened(piece, pixels)


def _straightened(piece: Piece, pixels: Pixels) -> Pixels:
    import cv2

    corners = np.array(piece.corners, np.float32)
    top_left, top_right, _, bottom_left = corners
    width = max(1, round(float(np.linalg.norm(top_right - top_left))))
    height = max(1, round(float(np.linalg.norm(bottom_left - top_left))))
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, upright)
    straight = cv2.warpPerspective(
        pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, np.uint8)
