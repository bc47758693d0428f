"""How a model writes when nobody says otherwise: the folder's generation_config.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from .messages import Decoding, Sampling

FILE_NAME = "generation_config.json"


def default_sampling(folder: Path) -> Sampling:
    """The folder's own defaults, or the model card's where it has none.

    Read are transformers' keys ``do_sample``, ``num_beams``, ``temperature``, ``top_p``,
    ``top_k``, ``length_penalty``, ``repetition_penalty`` and ``max_new_tokens``, and beside them
    ``beam_threshold`` of `Sampling`; a file that cannot be read counts as absent, since nothing but
    taste depends on it.
    """
    try:
        told = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return _from_keys(told) if "do_sample" in told or "num_beams" in told else Sampling()
    except (OSError, ValueError, TypeError):
        return Sampling()


def _from_keys(told: dict[str, Any]) -> Sampling:
    if told.get("num_beams", 1) > 1:
        base = Sampling.beam(told["num_beams"])
    elif told.get("do_sample", False):
        base = Sampling()
    else:
        base = Sampling.greedy()
    names = ["repetition_penalty", "max_new_tokens"]
    if base.decoding is Decoding.SAMPLE:
        names += ["temperature", "top_p", "top_k"]
    elif base.decoding is Decoding.BEAM:
        names += ["length_penalty", "beam_threshold"]
    return replace(base, **{name: told[name] for name in names if told.get(name) is not None})
