"""The contract of ``minicpmv``: what goes to stdout and stderr, and the exit codes."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from desktop_app.command_line import COMMANDS, main
from desktop_app.commands import session
from desktop_app.commands.ask import add_parser, chosen_sampling
from desktop_app.paths import FULL, STARTER
from engine.messages import Decoding, Sampling
from engine.runner import Runner
from engine.tokenizer import Tokenizer
from tests.tiny import tiny_folder

Command = Callable[..., tuple[int, str, str]]
KEYS = {
    "text": str,
    "token_ids": list,
    "prompt_token_ids": list,
    "views": list,
    "device": str,
    "precision": str,
    "tokens_per_second": float,
    "seconds": dict,
}
SECONDS = {"load", "see", "read", "first_token", "write"}
GREEDY = ("--greedy", "--max-new-tokens", "6")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("command") / "model"
    tiny_folder(path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """One seen as it is, and one seen in three views."""
    made = []
    for name, size in (("small.png", (112, 112)), ("tall.png", (112, 224))):
        image = Image.new("RGB", size, "teal")
        image.paste("white", (10, 10, 60, 90))
        image.save(tmp_path / name)
        made.append(tmp_path / name)
    return made


def code_of(words: Sequence[object]) -> int:
    try:
        return main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = code_of(words)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def ask(command: Command, model: Path) -> Command:
    """``ask`` with the tiny model on the processor."""
    place = ("--model", model, "--device", "cpu", "--precision", "float32")
    return lambda *words: command("ask", *words, *place)


# Answers


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


def test_a_picture_that_cannot_be_used(ask: Command, pictures: list[Path], tmp_path: Path) -> None:
    data = pictures[1].read_bytes()
    files = {"empty.png": b"", "text.png": b"hello", "cut.png": data[:-60], "head.png": data[:20]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        code, out, err = ask(tmp_path / name, "-q", "hello")
        assert (code, out) == (3, ""), name
        assert name in err
    assert ask(tmp_path / "nowhere.png", "-q", "hello")[0] == 3
    assert ask(tmp_path, "-q", "hello")[0] == 3


def test_a_model_that_is_not_there(command: Command, tmp_path: Path) -> None:
    code, out, err = command("ask", "-q", "hello", "--model", tmp_path / "nowhere")
    assert (code, out) == (4, "")
    assert str(tmp_path / "nowhere") in err


def test_a_damaged_model(command: Command, tmp_path: Path) -> None:
    tiny_folder(tmp_path, shards=1)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])
    for words in (("ask", "-q", "hello"), ("ocr", tmp_path / "config.json")):
        code, out, err = command(*words, "--model", tmp_path, "--device", "cpu")
        assert (code, out) == (4, "")
        assert file.name in err


@pytest.mark.parametrize("name", ["see", "read", "step"])
def test_no_room_in_memory(
    ask: Command, pictures: list[Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*_: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Runner, name, full)
    code, _, err = ask(pictures[0], "-q", "hello", *GREEDY)
    assert code == 5
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_interrupt(ask: Command, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]) -> None:
    step, calls = Runner.step, list[int]()

    def interrupted(runner: Runner, ids: Sequence[int]) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(runner, ids)

    whole = ask("-q", "hello", *GREEDY)[1].strip()
    monkeypatch.setattr(Runner, "step", interrupted)
    code, out, err = ask("-q", "hello", *GREEDY, *more)
    assert code == 130
    assert err == ""
    if more:
        assert out == ""
    else:
        assert out.strip()
        assert out.endswith("\n")
        assert whole.startswith(out.strip())


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_a_real_interrupt(model: Path) -> None:
    """Ctrl+C in the middle of a long answer, sent when its first character is here."""
    words = ["ask", "-q", "hello", "--model", str(model), "--device", "cpu", "--greedy"]
    code = (
        "import signal, sys\n"
        # a test run in the background may have been told to ignore it
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from desktop_app.command_line import main\n"
        f"sys.exit(main({[*words, '--max-new-tokens', '4000']}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert first.strip()
    assert rest.endswith(b"\n")
    assert err == b""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_reader_that_leaves_is_no_error(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        code = code_of(["ask", "-q", "hello", "--model", model, "--device", "cpu", *GREEDY])
    assert code == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_stdout_will_do(
    ask: Command, model: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """The model writes Chinese, whatever the terminal can show."""
    tokenizer = Tokenizer.from_folder(model)
    token = tokenizer.encode("图")[0]
    assert tokenizer.decode([token]) == "图"

    def chinese(*_: Any) -> torch.Tensor:
        logits = torch.zeros(1, 1000)
        logits[0, token] = 1.0
        return logits

    monkeypatch.setattr(Runner, "step", chinese)
    for more in ((), ("--json",)):
        raw = io.BytesIO()
        with io.TextIOWrapper(raw, encoding=encoding) as out:
            monkeypatch.setattr(sys, "stdout", out)
            assert code_of(["ask", "-q", "a", *GREEDY, *more, "--model", model]) == 0
            out.flush()
            written = raw.getvalue().decode(encoding)
        if more:
            assert "图" in json.loads(written)["text"]
        else:
            assert ("图" if encoding == "utf-8" else r"\u56fe") in written


def test_an_odd_file_name_is_printed(ask: Command, pictures: list[Path]) -> None:
    odd = pictures[0].with_name(os.fsdecode(b"\xff.png"))
    try:
        odd.write_bytes(pictures[0].read_bytes())
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    code, out, _ = ask(odd, "-q", "hello", *GREEDY, "--json")
    assert code == 0
    assert os.fsencode(json.loads(out)["picture"]) == b"\xff.png"
    assert ask(odd, pictures[1], "-q", "hello", *GREEDY)[0] == 0


# Which model, and how it writes


def test_auto_takes_the_full_model_where_it_is_complete(
    command: Command, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter, full = tmp_path / "starter", tmp_path / "full"
    tiny_folder(starter, num_hidden_layers=1)
    places = {STARTER: starter, FULL: full}
    monkeypatch.setattr(session, "model_folder", lambda name: places.get(name, Path(name)))

    def used(*words: object) -> tuple[str, str]:
        place = ("--device", "cpu", "--precision", "float32", "--json")
        code, out, err = command("ask", "-q", "hello", *GREEDY, *place, *words)
        assert code == 0
        return json.loads(out)["model"], err

    for _ in range(2):
        name, err = used()
        assert name == "starter"
        assert "tarter model" in err
        full.mkdir(exist_ok=True)
        (full / "config.json").write_bytes((model / "config.json").read_bytes())
    tiny_folder(full)
    assert used() == ("full", "")
    assert used("--model", "starter") == ("starter", "")
    assert used("--model", FULL) == ("full", "")


def sampling_of(default: Sampling, *words: str) -> Sampling:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return chosen_sampling(parser.parse_args(["ask", *words]), default)


def test_options_go_over_the_defaults_of_the_model() -> None:
    own = Sampling(temperature=0.3, top_p=0.9, repetition_penalty=1.3, max_new_tokens=99)
    assert sampling_of(own) == own
    assert sampling_of(own, "--top-k", "5").top_k == 5
    assert sampling_of(own, "--top-k", "5").temperature == 0.3
    assert sampling_of(own, "--greedy") == Sampling.greedy(1.0, 99)
    assert sampling_of(own, "--beams", "4") == Sampling.beam(4, 1.2, 99)
    assert sampling_of(own, "--greedy", "--repetition-penalty", "1.05").repetition_penalty == 1.05
    assert sampling_of(own, "--beams", "2", "--max-new-tokens", "7") == Sampling.beam(2, 1.2, 7)
    assert sampling_of(Sampling(), "--seed", "4") == Sampling(seed=4)


def test_a_model_that_writes_greedily_can_be_asked_otherwise() -> None:
    own = Sampling.greedy(1.1, 99)
    assert sampling_of(own, "--greedy") == own
    assert sampling_of(own).decoding is Decoding.GREEDY
    told = sampling_of(own, "--temperature", "0.5")
    assert (told.decoding, told.temperature) == (Decoding.SAMPLE, 0.5)
    wide = Sampling.beam(5, 1.3)
    assert sampling_of(wide, "--beams", "2") == Sampling.beam(2, 1.3)


# Reports and help


def test_doctor_tells_what_would_be_used(command: Command, model: Path) -> None:
    code, out, err = command("doctor", "--json", "--model", model, "--device", "cpu")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told.keys() == {"versions", "device", "memory", "models", "would_use", "window"}
    assert torch.__version__.startswith(told["versions"]["torch"])
    assert {"minicpmv", "Python", "transformers", "Pillow"} <= told["versions"].keys()
    assert told["models"].keys() == {STARTER, FULL, str(model)}
    assert str(model) in told["models"][str(model)]
    assert told["device"]["device"].startswith("cpu: ")
    assert "as asked" in told["would_use"]
    code, out, err = command("doctor", "--model", model, "--device", "cpu")
    assert (code, err) == (0, "")
    assert told["would_use"] in out
    assert all(title.replace("_", " ") in out for title in told)


def test_doctor_names_what_a_model_lacks(command: Command, tmp_path: Path) -> None:
    tiny_folder(tmp_path)
    (tmp_path / "tokenizer.model").unlink()
    code, out, _ = command("doctor", "--json", "--model", tmp_path)
    assert code == 0
    assert "lacks tokenizer.model" in json.loads(out)["models"][str(tmp_path)]
    code, out, _ = command("doctor", "--json", "--model", tmp_path / "nowhere")
    assert "not there" in json.loads(out)["models"][str(tmp_path / "nowhere")]


def test_doctor_says_that_a_device_is_not_there(command: Command) -> None:
    code, out, err = command("doctor", "--device", "cuda:77")
    assert (code, out) == (2, "")
    assert "not found" in err


def test_version(command: Command) -> None:
    code, out, _ = command("--version")
    assert code == 0
    assert out.startswith("minicpmv ")


def test_every_command_has_help(command: Command) -> None:
    for name in COMMANDS:
        code, out, err = command(name, "--help")
        assert (code, err) == (0, "")
        assert f"minicpmv {name}" in out
        assert name in command("--help")[1]


def test_help_loads_neither_torch_nor_qt() -> None:
    code = (
        "import sys\nfrom desktop_app.command_line import COMMANDS, main\n"
        "for words in ([], *([name] for name in COMMANDS)):\n"
        "    try:\n        main([*words, '--help'])\n"
        "    except SystemExit as end:\n        assert not end.code, words\n"
        "heavy = {'torch', 'transformers', 'numpy', 'PIL', 'PySide6'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        check=True,
        stdout=subprocess.DEVNULL,
    )
