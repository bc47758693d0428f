"""``minicpmv bench`` with a tiny model."""

from __future__ import annotations

import json
from pathlib import Path

from tests.desktop_app.commands.kit import Command

PLACE = ("--device", "cpu", "--precision", "float32", "--quick")


def test_json_is_one_object(command: Command, model: Path) -> None:
    code, out, err = command("bench", "--model", model, *PLACE, "--repeats", 2, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["model"], told["device"], told["precision"]) == ("model", "cpu", "float32")
    assert told["machine"]["read_bytes_per_second"] > 0
    assert {"float32", "bfloat16"} <= told["machine"]["operations_per_second"].keys()
    keys = {"measure", "detail", "unit", "median", "values", "limit", "fraction"}
    assert all(figure.keys() == keys for figure in told["figures"])
    measures = [figure["measure"] for figure in told["figures"]]
    assert measures.count("first_token") == measures.count("follow_up") == 1
    assert [len(f["values"]) for f in told["figures"] if f["measure"] == "decode"] == [2]


def test_a_table_for_a_person(command: Command, model: Path) -> None:
    code, out, err = command("bench", "--model", model, *PLACE)
    assert (code, err) == (0, "")
    head, machine, speed, empty, titles, *rows = out.splitlines()
    assert head.startswith("model: ")
    assert "threads" in machine
    assert "GB/s" in speed
    assert empty == ""
    assert titles.split() == ["measured", "limit", "share", "of", "the", "limit"]
    assert len(rows) == 8
    assert all(row.endswith("%") for row in rows)


def test_what_is_not_there_is_told(command: Command, tmp_path: Path) -> None:
    code, out, err = command("bench", "--model", tmp_path / "none", *PLACE)
    assert (code, out) == (4, "")
    assert "none" in err
    assert command("bench", "--model", tmp_path, "--device", "tpu")[0] == 2
    assert command("bench", "--repeats", "0")[0] == 2
