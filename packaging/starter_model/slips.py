"""Answers written with slips: a character left out, or written twice."""

from __future__ import annotations

import random

import numpy
from numpy.typing import NDArray

from build_vocabulary import CLOSING_ID, NEWLINE_ID
from targets import Numbers

SLIPS_MOST = 0.12  # of the characters of an answer
Flags = NDArray[numpy.bool_]


def with_slips(
    ids: Numbers, taught: Flags, aims: Numbers, source: random.Random
) -> tuple[Numbers, Flags, Numbers]:
    """Return a batch's tokens (samples, length) with slips, which nothing in it teaches to make.

    A reader that has left out a character, or written one twice, must find its place again: where
    all that is written before is right in training, one slip often repeats or loses a line.
    """
    orders = [order(*row, source) for row in zip(ids, taught, aims, strict=True)]
    width = max(map(len, orders))
    places = numpy.full((len(ids), width), -1)
    for row, one in zip(places, orders, strict=True):
        row[: len(one)] = one
    there, follows = places >= 0, numpy.diff(places, axis=1, prepend=-1) == 1
    taught = numpy.take_along_axis(taught, places, 1) & follows
    ids = numpy.where(there, numpy.take_along_axis(ids, places, 1), CLOSING_ID)
    return ids, taught, numpy.where(there, numpy.take_along_axis(aims, places, 1), -1)


def order(ids: Numbers, taught: Flags, aims: Numbers, source: random.Random) -> Numbers:
    """Return which tokens of a row are written one after the other; how many slip differs."""
    share = SLIPS_MOST * source.random() ** 2
    within = taught & (aims >= 0) & (ids != NEWLINE_ID)
    within[1:] &= aims[:-1] >= 0  # an answer's first character tells what the rest will be
    times = numpy.ones(len(ids), dtype=numpy.int64)
    for place in within.nonzero()[0]:
        if source.random() < share:
            times[place] = source.choice((0, 2))
    return numpy.repeat(numpy.arange(len(ids)), times)
