"""Options over a model's defaults, ``doctor``, help and version."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from desktop_app.command_line import COMMANDS, window_parser
from desktop_app.commands import ocr
from desktop_app.commands.ask import add_parser, chosen_sampling
from desktop_app.paths import FULL, STARTER
from engine.messages import Decoding, Sampling
from tests.desktop_app.commands.kit import Command
from tests.tiny import tiny_folder


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


def test_text_is_read_without_chance() -> None:
    def reading(default: Sampling) -> Sampling:
        parser = argparse.ArgumentParser()
        ocr.add_parser(parser.add_subparsers())
        return chosen_sampling(parser.parse_args(["ocr", "a.png"]), default)

    likeliest = replace(Sampling(), decoding=Decoding.GREEDY, repetition_penalty=1.0)
    assert reading(Sampling()) == likeliest
    assert reading(Sampling.beam(3, 1.2, threshold=2.0)) == Sampling.beam(3, 1.0, threshold=2.0)


# Reports and help


def test_doctor_tells_what_would_be_used(command: Command, model: Path) -> None:
    code, out, err = command("doctor", "--json", "--model", model, "--device", "cpu")
    assert (code, err) == (0, "")
    told = json.loads(out)
    told_of = {"versions", "device", "memory", "models", "would_fit", "would_use", "window"}
    assert told.keys() == told_of | {"reading_text"}
    assert told["reading_text"]["quick reader"].startswith("ready, rapidocr ")
    assert told["reading_text"]["would read"] == "Model: you named a model"
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
        cwd=Path(__file__).parents[3],
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("text", ["1,2", "a,b,c,d", "0,0,0,5", ""])
def test_a_region_that_is_none_is_explained(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        window_parser().parse_args(["--ocr", f"--rect={text}"])
    assert ended.value.code == 2
    assert "four whole numbers, such as 0,0,640,480" in capsys.readouterr().err
