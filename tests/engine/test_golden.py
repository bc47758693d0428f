"""The engine against the values that the authors' own code gave, on every path there is."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.engine import Engine
from engine.messages import Finished, Picture, PictureSeen, Question, Sampling, Speaker, Turn
from engine.model.minicpmv import MiniCPMV
from engine.model.vision_language import VisionLanguageBase
from engine.slicing import cut, normalise, plan
from tests.golden import golden_json, golden_path

CASES = 10
DECODINGS = {
    "greedy": Sampling.greedy(max_new_tokens=16),
    "greedy_penalty_1.05": Sampling.greedy(repetition_penalty=1.05, max_new_tokens=16),
    "beam3_penalty_1.2": Sampling.beam(max_new_tokens=16),
}


@cache
def case(number: int) -> dict[str, Any]:
    found: dict[str, Any] = golden_json("cases.json")[number]
    return found


@cache
def arrays() -> dict[str, NDArray[np.float32]]:
    with np.load(golden_path("arrays.npz")) as file:
        return dict(file)


def picture(number: int) -> Picture | None:
    name = case(number)["image"]
    return Picture.read(golden_path(f"images/{name}.png")) if name else None


def question(number: int, decoding: str = "greedy") -> Question:
    turns = tuple(Turn(Speaker(m["role"]), m["content"]) for m in case(number)["messages"])
    # the authors' code takes special strings in a text for what they name
    return Question(picture(number), turns, DECODINGS[decoding], special_tokens=True)


def ask(engine: Engine, asked: Question) -> Finished:
    last = list(engine.answer(asked))[-1]
    assert isinstance(last, Finished)
    return last


def views(number: int) -> tuple[list[Image.Image], bool]:
    """The views of a case, and whether Pillow resized them to the very same bytes."""
    image = Image.open(golden_path(f"images/{case(number)['image']}.png")).convert("RGB")
    made = cut(image, plan(*image.size))
    hashes = [hashlib.sha256(view.tobytes()).hexdigest() for view in made]
    return made, hashes == [slice_["sha256"] for slice_ in case(number)["slices"]]


@pytest.fixture(scope="module")
def model(golden_folder: Path) -> MiniCPMV:
    """The transformers class."""
    return MiniCPMV.from_pretrained(golden_folder)


def features(model: VisionLanguageBase, made: list[Image.Image]) -> list[torch.Tensor]:
    with torch.inference_mode():
        return [model.encode_views(torch.from_numpy(normalise(view))[None])[0] for view in made]


def logits_of(
    model: VisionLanguageBase,
    ids: list[int],
    seen: list[torch.Tensor],
    bounds: list[tuple[int, int]],
) -> NDArray[np.float32]:
    """The last position's logits, by the forward of transformers or as the engine computes them."""
    with torch.inference_mode():
        row = torch.tensor([ids])
        if isinstance(model, MiniCPMV):
            return model(row, seen, bounds).logits[0, -1].numpy()
        hidden = model.llm.model(model.embed(row, seen, bounds), None, None)
        return model.llm.logits(hidden[:, -1])[0].numpy()


@pytest.mark.parametrize("road", ["transformers", "engine"])
@pytest.mark.parametrize("number", range(CASES))
def test_vision_and_logits(
    golden_engine: Engine, request: pytest.FixtureRequest, number: int, road: str
) -> None:
    model: VisionLanguageBase = golden_engine._loaded().runner.model
    if road == "transformers":
        model = request.getfixturevalue("model")
    expected = case(number)
    seen: list[torch.Tensor] = []
    close = 1e-4
    if expected["image"]:
        made, same_bytes = views(number)
        seen = features(model, made)
        ours = torch.stack(seen)[:, :, :64].numpy()
        np.testing.assert_allclose(
            ours, arrays()[f"{number}.vision"], rtol=0, atol=1e-4 if same_bytes else 2e-3
        )
        close = 1e-4 if same_bytes else 2e-3
    bounds = [tuple(bound) for bound in expected["image_bound"]]
    logits = logits_of(model, expected["input_ids"], seen, bounds)
    every = arrays()[f"{number}.last_logits_every_64th"]
    np.testing.assert_allclose(logits[::64], every, rtol=0, atol=close)
    top = expected["last_logits_top20"]
    np.testing.assert_allclose(logits[top["ids"]], top["values"], rtol=0, atol=close + 1e-5)


@pytest.mark.parametrize("decoding", DECODINGS)  # varies first: a picture is seen only once
@pytest.mark.parametrize("number", range(CASES))
def test_engine_writes_the_same_ids(golden_engine: Engine, number: int, decoding: str) -> None:
    answer = ask(golden_engine, question(number, decoding))
    assert list(answer.prompt_token_ids) == case(number)["input_ids"]
    assert list(answer.token_ids) == case(number)[decoding]["ids"]
    assert answer.text == case(number)[decoding]["text"]


@pytest.mark.parametrize(
    ("number", "decoding"),
    [(number, "beam3_penalty_1.2") for number in range(CASES)]
    + [(number, "greedy_penalty_1.05") for number in (0, 5)]
    + [(4, "greedy")],
)
def test_transformers_generation_writes_the_same_ids(
    golden_engine: Engine, model: MiniCPMV, number: int, decoding: str
) -> None:
    name = case(number)["image"]
    image = Image.open(golden_path(f"images/{name}.png")).convert("RGB") if name else None
    options: dict[str, Any] = {"do_sample": False, "max_new_tokens": 16}
    options["num_beams"] = DECODINGS[decoding].beams
    # penalty 1.05 starts from bos in the values; without bos in the running it is the same
    options["repetition_penalty"] = DECODINGS[decoding].repetition_penalty
    answer, context, used = model.chat(
        image=image,
        msgs=case(number)["messages"],
        context=None,
        tokenizer=golden_engine._loaded().tokenizer,
        sampling=False,
        special_tokens=True,
        **options,
    )
    assert answer == case(number)[decoding]["text"]
    assert context[-1] == {"role": "assistant", "content": answer}
    assert used["repetition_penalty"] == options["repetition_penalty"]


@pytest.mark.parametrize("number", range(CASES))
def test_grid_and_views_are_told(golden_engine: Engine, number: int) -> None:
    events = list(golden_engine.answer(question(number)))
    told = [event for event in events if isinstance(event, PictureSeen)]
    if not case(number)["image"]:
        assert told == []
        return
    grid = case(number)["grid"]
    assert told[0].grid == (tuple(grid) if grid else None)
    assert [list(view) for view in told[0].views] == [s["size"] for s in case(number)["slices"]]


def test_bfloat16_error_is_small_and_reported(
    model: MiniCPMV, golden_folder: Any, record_property: Any
) -> None:
    """On the same weights: how far bfloat16 moves the features and the logits."""
    half = MiniCPMV.from_pretrained(golden_folder, dtype=torch.bfloat16)
    made, _ = views(0)
    ids = torch.tensor([case(0)["input_ids"]])
    bounds = [tuple(bound) for bound in case(0)["image_bound"]]
    with torch.inference_mode():
        wide, narrow = features(model, made), features(half, made)
        logits = model(ids, wide, bounds).logits[0, -1]
        rough = half(ids, narrow, bounds).logits[0, -1]
    vision_error = float((narrow[0].float() - wide[0]).norm() / wide[0].norm())
    logit_error = float((rough - logits).norm() / logits.norm())
    record_property("vision_error", vision_error)
    record_property("logit_error", logit_error)
    print(f"bfloat16 against float32: features {vision_error:.2%}, logits {logit_error:.2%}")
    assert vision_error < 0.03
    assert logit_error < 0.05
