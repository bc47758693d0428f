"""The model card's snippet with one import changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from engine import AutoModel, AutoTokenizer, Engine, Picture, Question, Sampling, Speaker, Turn
from engine.errors import ModelError, ModelFault, QuestionError
from engine.messages import Finished
from engine.model.minicpmv import MiniCPMV
from engine.tokenizer import Tokenizer
from tests.tiny import tiny_folder

MESSAGES = [{"role": "user", "content": "what is in the image?"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chat") / "model"
    tiny_folder(path)
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> MiniCPMV:
    return AutoModel.from_pretrained(folder, trust_remote_code=True).eval()


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return AutoTokenizer.from_pretrained(folder, trust_remote_code=True)


@pytest.fixture(scope="module")
def image() -> Image.Image:
    made = Image.new("RGB", (120, 230), "teal")
    made.paste("white", (10, 10, 60, 90))
    return made


def test_the_snippet_of_the_model_card(folder: Path, image: Image.Image) -> None:
    model = AutoModel.from_pretrained(
        str(folder), trust_remote_code=True, torch_dtype=torch.bfloat16
    )
    model = model.to(device="cpu", dtype=torch.bfloat16)  # type: ignore[call-arg]
    tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=True)
    model.eval()
    question = "what is in the image?"
    msgs = [{"role": "user", "content": question}]
    torch.manual_seed(0)
    res, context, used = model.chat(
        image=image,
        msgs=msgs,
        context=None,
        tokenizer=tokenizer,
        sampling=True,
        temperature=0.7,
        max_new_tokens=6,
    )
    assert isinstance(res, str)
    assert context == [*msgs, {"role": "assistant", "content": res}]
    assert used == {
        "top_p": 0.8,
        "top_k": 100,
        "temperature": 0.7,
        "do_sample": True,
        "repetition_penalty": 1.05,
        "max_new_tokens": 6,
    }


def test_it_answers_as_the_engine_does(
    folder: Path, model: MiniCPMV, tokenizer: Tokenizer, image: Image.Image, tmp_path: Path
) -> None:
    image.save(tmp_path / "a.png")
    engine = Engine(folder, device="cpu", precision="float32")
    list(engine.load())
    turns = (Turn(Speaker.USER, MESSAGES[0]["content"]),)
    for sampling in (Sampling.beam(max_new_tokens=6), Sampling.greedy(1.2, max_new_tokens=6)):
        question = Question(Picture.read(tmp_path / "a.png"), turns, sampling)
        last = list(engine.answer(question))[-1]
        assert isinstance(last, Finished)
        answer, _, used = model.chat(
            image=image,
            msgs=MESSAGES,
            tokenizer=tokenizer,
            sampling=False,
            max_new_tokens=6,
            num_beams=sampling.beams,
        )
        assert answer == last.text
        assert (used["num_beams"], used["repetition_penalty"]) == (sampling.beams, 1.2)
        assert used["do_sample"] is False


def chat(model: MiniCPMV, tokenizer: Tokenizer, **changes: Any) -> tuple[str, Any, Any]:
    options = {"image": None, "msgs": MESSAGES, "context": None, "sampling": False}
    return model.chat(**(options | changes), tokenizer=tokenizer, max_new_tokens=5)


def test_messages_are_not_touched(model: MiniCPMV, tokenizer: Tokenizer) -> None:
    messages = copy.deepcopy(MESSAGES)
    _, context, _ = chat(model, tokenizer, msgs=messages)
    assert messages == MESSAGES
    context[0]["content"] = "changed"
    assert messages == MESSAGES


def test_messages_may_be_json(model: MiniCPMV, tokenizer: Tokenizer) -> None:
    assert chat(model, tokenizer, msgs=json.dumps(MESSAGES)) == chat(model, tokenizer)


def test_a_conversation_goes_on(model: MiniCPMV, tokenizer: Tokenizer, image: Image.Image) -> None:
    first, context, _ = chat(model, tokenizer, image=image)
    context.append({"role": "user", "content": "hello"})
    second, longer, _ = chat(model, tokenizer, image=image, msgs=context, context=context)
    assert [message["role"] for message in longer] == ["user", "assistant", "user", "assistant"]
    assert longer[:3] == context
    assert second != first


def test_the_picture_matters(model: MiniCPMV, tokenizer: Tokenizer, image: Image.Image) -> None:
    answers = {
        chat(model, tokenizer, image=shown)[0]
        for shown in (None, image, Image.new("RGB", (120, 230), "red"))
    }
    assert len(answers) == 3


def test_features_that_are_known_are_used(
    model: MiniCPMV, tokenizer: Tokenizer, image: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    encode = model.encode_views

    def noting(pixels: torch.Tensor) -> torch.Tensor:
        seen.append(encode(pixels))
        return seen[-1]

    with monkeypatch.context() as patch:
        patch.setattr(model, "encode_views", noting)
        expected = chat(model, tokenizer, image=image)
    assert len(seen) == 3
    monkeypatch.setattr(model, "encode_views", lambda _: pytest.fail("encoded again"))
    known = [view[0] for view in seen]
    assert chat(model, tokenizer, image=image, vision_hidden_states=known) == expected
    other = chat(model, tokenizer, image=image, vision_hidden_states=[-view for view in known])
    assert other[0] != expected[0]


def test_an_unknown_option_is_refused(model: MiniCPMV, tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="no_such_option"):
        chat(model, tokenizer, no_such_option=3)


def test_the_tokenizer_is_needed(model: MiniCPMV) -> None:
    with pytest.raises(TypeError, match="tokenizer"):
        model.chat(image=None, msgs=MESSAGES)


def test_a_long_prompt_loses_its_oldest_turns(model: MiniCPMV, tokenizer: Tokenizer) -> None:
    old = [
        {"role": "user", "content": "a b c d e f g " * 9},
        {"role": "assistant", "content": "h"},
    ]
    answer, context, _ = chat(model, tokenizer, msgs=[*old, *MESSAGES], max_inp_length=60)
    assert answer == chat(model, tokenizer)[0]
    assert len(context) == 4
    with pytest.raises(QuestionError):
        chat(model, tokenizer, max_inp_length=10)


def test_chance_follows_torch(model: MiniCPMV, tokenizer: Tokenizer) -> None:
    def sampled(seed: int) -> str:
        torch.manual_seed(seed)
        return chat(model, tokenizer, sampling=True, temperature=2.0, top_p=1.0)[0]

    assert sampled(1) == sampled(1)
    assert len({sampled(seed) for seed in range(4)}) > 1


@pytest.mark.parametrize("auto", [AutoModel, AutoTokenizer])
@pytest.mark.parametrize("name", ["nowhere", "/nowhere/at/all", "a b/c", "nowhere/"])
def test_a_model_that_is_not_there_is_named(auto: Any, name: str) -> None:
    with pytest.raises(ModelError) as caught:
        auto.from_pretrained(name)
    assert caught.value.fault is ModelFault.NO_FOLDER
    assert caught.value.folder == name


def test_a_repository_by_name_comes_from_the_hub(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    asked: list[Any] = []

    def download(name: str, **options: Any) -> str:
        asked.append((name, options))
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert AutoModel.from_pretrained("a/b", revision="c").config.hidden_size == 128
    assert AutoTokenizer.from_pretrained("a/b").vocab_size > 0
    assert [(name, options["revision"]) for name, options in asked] == [("a/b", "c"), ("a/b", None)]
    assert all("*.py" not in options["allow_patterns"] for _, options in asked)


def test_the_type_of_the_files_can_be_kept(folder: Path, tmp_path: Path) -> None:
    tiny_folder(tmp_path, dtype=torch.bfloat16)
    for path, dtype in ((folder, torch.float32), (tmp_path, torch.bfloat16)):
        kept = AutoModel.from_pretrained(path, dtype="auto")
        assert {parameter.dtype for parameter in kept.parameters()} == {dtype}
