"""The contract of ``minicpmv ask`` and ``ocr``: what goes to stdout and stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image

from engine.runner import Runner
from engine.tokenizer import Tokenizer
from tests.desktop_app.commands.kit import GREEDY, KEYS, SECONDS, Command
from tests.tiny import tiny_folder


def test_text_goes_to_stdout_alone(ask: Command, pictures: list[Path]) -> None:
    code, out, err = ask(pictures[0], "-q", "what is in the image?", *GREEDY)
    assert code == 0
    assert out.strip()
    assert out.endswith("\n")
    assert err == ""


def test_text_streams(
    ask: Command, model: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is there before the next token is computed."""
    lengths: list[int] = []
    out, step = io.StringIO(), Runner.step

    def watching(runner: Runner, ids: Sequence[int]) -> torch.Tensor:
        lengths.append(len(out.getvalue()))
        return step(runner, ids)

    monkeypatch.setattr(Runner, "step", watching)
    monkeypatch.setattr(sys, "stdout", out)
    assert ask(pictures[0], "-q", "hello", "--greedy", "--max-new-tokens", 20)[0] == 0
    assert len(lengths) == 19
    assert len(set(lengths)) > 5
    assert lengths == sorted(lengths)


def test_what_the_model_does_not_see_is_said(ask: Command, tmp_path: Path) -> None:
    Image.new("RGB", (900, 900)).save(tmp_path / "a.gif", save_all=True, append_images=[
        Image.new("RGB", (900, 900), "red")
    ])  # fmt: skip
    code, _, err = ask(tmp_path / "a.gif", "-q", "hello", *GREEDY)
    assert code == 0
    assert "a.gif: seen at" in err
    assert "first of 2 frames" in err


def test_json_is_one_object_a_picture(ask: Command, model: Path, pictures: list[Path]) -> None:
    code, out, err = ask(*pictures, "-q", "what is in the image?", *GREEDY, "--json")
    assert (code, err) == (0, "")
    small, tall = (json.loads(line) for line in out.splitlines())
    for told in (small, tall):
        for key, kind in KEYS.items():
            assert type(told[key]) is kind, key
        assert told["seconds"].keys() == SECONDS
        assert all(type(value) is float for value in told["seconds"].values())
        assert (told["device"], told["precision"]) == ("cpu", "float32")
        assert len(told["token_ids"]) == 6
        assert told["tokens_per_second"] > 0
        tokenizer = Tokenizer.from_folder(model)
        assert told["text"] == tokenizer.decode(told["token_ids"]).strip()
        assert told["prompt_token_ids"][0] == tokenizer.bos_id
    assert (small["picture"], small["grid"], small["views"]) == ("small.png", None, [[112, 112]])
    assert (tall["picture"], tall["grid"], len(tall["views"])) == ("tall.png", [1, 2], 3)
    assert small["seconds"]["load"] > 0
    assert small["seconds"]["first_token"] >= small["seconds"]["see"] > 0


def test_json_and_text_agree(ask: Command, pictures: list[Path]) -> None:
    words = (pictures[1], "-q", "hello", *GREEDY)
    assert json.loads(ask(*words, "--json")[1])["text"] == ask(*words)[1].strip()


def test_json_without_a_picture(ask: Command) -> None:
    told = json.loads(ask("-q", "hello", *GREEDY, "--json")[1])
    assert (told["picture"], told["grid"], told["views"]) == (None, None, [])


def test_a_bad_picture_does_not_stop_the_others(
    ask: Command, pictures: list[Path], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(pictures[1].read_bytes()[:-60])
    words = [pictures[0], cut, tmp_path / "none.png", tmp_path, pictures[1]]
    code, out, err = ask(*words, "-q", "hello", *GREEDY, "--json")
    assert code == 3
    told = [json.loads(line)["picture"] for line in out.splitlines()]
    assert told == ["small.png", "tall.png"]
    assert all(name in err for name in ("cut.png", "none.png", tmp_path.name))
    code, out, err = ask(*words, "-q", "hello", *GREEDY)
    assert code == 3
    assert len(out.splitlines()) >= 2
    assert err.index("small.png:") < err.index("cut.png") < err.index("tall.png:")


def test_the_same_seed_gives_the_same_text(ask: Command) -> None:
    def sampled(*words: object) -> str:
        return ask("-q", "hello", "--max-new-tokens", 12, "--temperature", 1.5, *words)[1]

    assert sampled("--seed", 5) == sampled("--seed", 5)
    assert len({sampled("--seed", seed) for seed in (1, 2, 3)}) > 1


def test_beams(ask: Command) -> None:
    words = ("-q", "hello", "--max-new-tokens", 8, "--json")
    beams, greedy = (json.loads(ask(*words, *how)[1]) for how in (("--beams", 3), ("--greedy",)))
    assert beams["token_ids"] != greedy["token_ids"]


def test_ocr_reads_without_chance(command: Command, pictures: list[Path], tmp_path: Path) -> None:
    tiny_folder(tmp_path, max_position_embeddings=180)  # which ends the nonsense
    place = ("--model", tmp_path, "--device", "cpu", "--precision", "float32")
    code, out, err = command("ocr", *pictures, *place, "--json")
    assert (code, err) == (0, "")
    words = (*pictures, "-q", "Read the text.", "--greedy", "--json")
    asked = command("ask", *words, *place)[1]
    read = [json.loads(line)["token_ids"] for line in out.splitlines()]
    assert read == [json.loads(line)["token_ids"] for line in asked.splitlines()]
    assert len(read) == 2
    assert command("ocr", pictures[0], *place)[1].strip()


# The conversation


def test_messages_come_before_the_question(
    ask: Command, model: Path, pictures: list[Path], tmp_path: Path
) -> None:
    history = [
        {"role": "user", "content": "what is in the image?"},
        {"role": "assistant", "content": "图片 a red disc"},
    ]
    file = tmp_path / "history.json"
    file.write_text(json.dumps(history, ensure_ascii=False), encoding="utf-8")
    told = json.loads(ask(pictures[0], "--messages", file, "-q", "hello", *GREEDY, "--json")[1])
    prompt = Tokenizer.from_folder(model).decode(told["prompt_token_ids"])
    assert prompt.endswith("what is in the image?<AI>图片 a red disc<用户>hello<AI>")
    file.write_text(json.dumps(history[:1]), encoding="utf-8")
    alone = json.loads(ask("--messages", file, *GREEDY, "--json")[1])
    asked = json.loads(ask("-q", "what is in the image?", *GREEDY, "--json")[1])
    assert alone["token_ids"] == asked["token_ids"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '{"role": "user"}',
        '[{"role": "user"}]',
        '[{"role": "system", "content": "a"}]',
        '[{"role": "user", "content": ["a"]}]',
        '[{"role": "user", "content": null}]',
        '["hello"]',
    ],
)
def test_bad_messages_are_a_usage_error(ask: Command, tmp_path: Path, text: str) -> None:
    file = tmp_path / "history.json"
    file.write_text(text)
    code, out, err = ask("--messages", file)
    assert (code, out) == (2, "")
    assert "messages" in err


def test_special_strings_are_text_unless_asked(ask: Command, model: Path) -> None:
    tokenizer = Tokenizer.from_folder(model)
    words = ("-q", "a<image>b", *GREEDY, "--json")
    plain, special = (json.loads(ask(*words, *more)[1]) for more in ((), ("--special-tokens",)))
    assert tokenizer.im_start_id not in plain["prompt_token_ids"]
    assert tokenizer.im_start_id in special["prompt_token_ids"]


# Exit codes


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-q", "a", "--no-such-option"),
        ("-q", "a", "--greedy", "--beams", "2"),
        ("-q", "a", "--greedy", "--temperature", "1"),
        ("-q", "a", "--greedy", "--top-p", "0.5"),
        ("-q", "a", "--beams", "2", "--top-k", "0"),
        ("-q", "a", "--beams", "0"),
        ("-q", "a", "--beams", "x"),
        ("-q", "a", "--temperature", "0"),
        ("-q", "a", "--temperature", "nan"),
        ("-q", "a", "--top-p", "1.5"),
        ("-q", "a", "--top-p", "0"),
        ("-q", "a", "--top-k", "-1"),
        ("-q", "a", "--repetition-penalty", "0"),
        ("-q", "a", "--max-new-tokens", "0"),
        ("-q", "a", "--max-new-tokens", "1.5"),
        ("-q", "a", "--seed", "-1"),
        ("-q", "a", "--seed", "99999999999999999999999"),
        ("-q", "a", "--messages", "no such file.json"),
        ("-q", "a", "--precision", "int3"),
        ("-q", "a", "--device", "tpu"),
        ("-q", "a", "--device", "cuda:77"),
        ("-q", "a", "--device", "cuda:x"),
        ("-q", "a", "--device", "cpu", "--precision", "float16"),
        ("-q", " "),
        ("-q", "a b c d " * 2000),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_usage_errors(command: Command, model: Path, words: tuple[str, ...]) -> None:
    code, out, err = command("ask", "--model", model, *words)
    assert (code, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("no such picture.png",), ("--precision", "x"), ("asks",)])
def test_usage_errors_of_the_window(command: Command, words: tuple[str, ...]) -> None:
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert words[0] in err
