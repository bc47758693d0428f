"""How far an answer is from the truth."""

from __future__ import annotations

import re
import unicodedata

BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def edit_distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two strings."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def folded(text: str) -> str:
    """Normalise compatibility forms and make every run of white space one space.

    Between Chinese characters it means nothing, and some readers put it between all of them.
    """
    return BETWEEN_CHINESE.sub("", " ".join(unicodedata.normalize("NFKC", text).split()))
