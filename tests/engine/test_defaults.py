"""A folder's generation_config.json decides how its model writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.defaults import FILE_NAME, default_sampling
from engine.messages import Decoding, Sampling


def told(folder: Path, values: Any) -> Sampling:
    (folder / FILE_NAME).write_text(json.dumps(values))
    return default_sampling(folder)


def test_without_a_file_the_model_card_speaks(tmp_path: Path) -> None:
    assert default_sampling(tmp_path) == Sampling()
    assert default_sampling(tmp_path / "nowhere") == Sampling()


def test_greedy_sampling_and_beams(tmp_path: Path) -> None:
    assert told(tmp_path, {"do_sample": False}) == Sampling.greedy()
    assert told(tmp_path, {"do_sample": True}) == Sampling()
    assert told(tmp_path, {"num_beams": 4}) == Sampling.beam(4)
    assert told(tmp_path, {"num_beams": 1, "do_sample": True}) == Sampling()


def test_numbers_are_taken_where_they_act(tmp_path: Path) -> None:
    numbers: dict[str, Any] = {
        "temperature": 0.3,
        "top_p": 0.5,
        "top_k": 7,
        "repetition_penalty": 1.3,
        "max_new_tokens": 99,
    }
    assert told(tmp_path, {"do_sample": True} | numbers) == Sampling(Decoding.SAMPLE, **numbers)
    assert told(tmp_path, {"do_sample": False} | numbers) == Sampling.greedy(1.3, 99)
    assert told(tmp_path, {"num_beams": 2} | numbers) == Sampling.beam(2, 1.3, 99)
    behind = {"beam_threshold": 3.5, "length_penalty": 0.0}
    expected = replace(Sampling.beam(2, threshold=3.5), length_penalty=0.0)
    assert told(tmp_path, {"num_beams": 2} | behind) == expected
    assert told(tmp_path, {"do_sample": False} | behind) == Sampling.greedy()


@pytest.mark.parametrize(
    "values",
    [
        {"bos_token_id": 1, "transformers_version": "4.36.0"},
        [],
        "greedy",
        None,
        {"do_sample": True, "temperature": 0},
        {"do_sample": True, "temperature": "warm"},
        {"num_beams": None},
        {"num_beams": "3"},
        {"num_beams": 3, "beam_threshold": 0},
        {"do_sample": False, "max_new_tokens": 0},
    ],
    ids=str,
)
def test_what_makes_no_sense_counts_as_absent(tmp_path: Path, values: Any) -> None:
    assert told(tmp_path, values) == Sampling()


def test_bytes_that_are_no_json_count_as_absent(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff{")
    assert default_sampling(tmp_path) == Sampling()
