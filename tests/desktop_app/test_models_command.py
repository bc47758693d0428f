"""``minicpmv models`` from end to end: a real server, a real folder, a small model."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app import fetch_wording
from desktop_app.command_line import main
from desktop_app.commands import exit_codes
from desktop_app.paths import Paths
from engine.fetch import manifest as manifests
from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import FetchProgress, FileState
from engine.fetch.manifest import MINICPM_V_2, Licence
from tests.engine.fetch.server import Fault, Hub, closed_address, serving
from tests.engine.fetch.small import Small, small_model

Run = Callable[..., int]


class Person(io.StringIO):
    """Someone at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def small() -> Small:
    return small_model(Licence("Some Licence", "https://licence.test"))


@pytest.fixture
def hub(small: Small) -> Iterator[Hub]:
    with serving(small.files) as hub:
        yield hub


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data" / "models"


@pytest.fixture
def models(tmp_path: Path, small: Small, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, with a small model known to it and both hubs being our server."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(Paths, "for_user", classmethod(lambda cls: cls.under(tmp_path)))
    monkeypatch.setitem(manifests.MANIFESTS, "small", small.manifest)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("MODELSCOPE_DOMAIN", hub.address)
    return lambda *words: main(["models", *map(str, words)])


def listed(capsys: pytest.CaptureFixture[str], models: Run) -> dict[str, dict[str, object]]:
    capsys.readouterr()
    assert models("list", "--json") == exit_codes.OK
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_from_nothing_to_a_model_and_back(
    models: Run, home: Path, small: Small, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert listed(capsys, models)["small"]["state"] == "absent"
    assert models("download", "small", "--accept-license") == exit_codes.OK
    said = capsys.readouterr()
    assert said.out == ""
    assert "https://licence.test" in said.err
    assert "100 %" in said.err
    assert small.is_whole(home / "Small")
    assert {asked.path for asked in hub.asked_for("config.json")} <= {
        "/them/small/resolve/main/config.json",
        "/models/Them/small/resolve/master/config.json",
    }
    row = listed(capsys, models)["small"]
    assert row["state"] == "whole"
    assert row["size"] == sum(len(data) for data in small.files.values())
    assert models("verify", "small") == exit_codes.OK
    assert models("remove", "small", "--yes") == exit_codes.OK
    assert not (home / "Small").exists()
    assert listed(capsys, models)["small"]["state"] == "absent"
    assert models("remove", "small", "--yes") == exit_codes.MODEL


def test_list_names_every_model_and_its_folder(
    models: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models("list") == exit_codes.OK
    out = capsys.readouterr().out.splitlines()
    lines = [line for line in out if not line.startswith(" ")]
    assert [line.split()[0] for line in lines] == ["starter", "minicpm-v-2", "small"]
    assert str(home / "MiniCPM-V-2") in lines[1]
    memory = [line.strip() for line in out if line.startswith(" ")]
    assert memory[0].startswith("CPU float32: about 17.0 GB, ")
    assert all(line.endswith(("fits", "does not fit")) for line in memory)


def test_nobody_to_accept_the_licence(
    models: Run, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert models("download", "small") == exit_codes.USAGE
    assert "--accept-license" in capsys.readouterr().err
    assert hub.asked == []


@pytest.mark.parametrize(
    ("answer", "code"), [("y\n", exit_codes.OK), ("\n", exit_codes.FAILED), ("n\n", 1)]
)
def test_person_is_asked(
    models: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    screen = Person()
    monkeypatch.setattr(sys, "stdin", Person(answer))
    monkeypatch.setattr(sys, "stderr", screen)
    assert models("download", "small") == code
    assert "Some Licence" in screen.getvalue()
    assert bool(hub.asked) is (code == exit_codes.OK)
    if code == exit_codes.OK:
        assert "\r\x1b[K" in screen.getvalue()
        monkeypatch.setattr(sys, "stdin", Person(""))
        assert models("repair", "small") == exit_codes.OK  # is not asked again


def test_own_address_and_own_folder(
    models: Run, small: Small, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = tmp_path / "big disk" / "model"
    words = ("download", "small", "--accept-license", "--folder", chosen)
    hub.faults.append(Fault("one.safetensors", status=404, repeat=True))
    assert models(*words, "--source", f"{hub.address}/mirror/") == exit_codes.NETWORK
    row = listed(capsys, models)["small"]
    assert (row["folder"], row["state"]) == (str(chosen), "incomplete")
    hub.faults.clear()
    assert models("download", "small", "--source", f"{hub.address}/mirror/") == exit_codes.OK
    assert {asked.path.rsplit("/", 1)[0] for asked in hub.asked} == {"/mirror"}
    assert len(hub.asked_for("tokenizer.model")) == 1
    assert small.is_whole(chosen)


@pytest.mark.parametrize("source", ["hugging-face", "modelscope"])
def test_chosen_hub(models: Run, hub: Hub, source: str) -> None:
    assert models("download", "small", "--accept-license", "--source", source) == exit_codes.OK
    start = {"hugging-face": "/them/small/", "modelscope": "/models/Them/small/"}[source]
    assert all(asked.path.startswith(start) for asked in hub.asked)


def test_repair_after_damage(
    models: Run, home: Path, small: Small, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    models("download", "small", "--accept-license")
    hub.asked.clear()
    path = home / "Small" / "two.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    capsys.readouterr()
    assert models("verify", "small") == exit_codes.MODEL
    assert "two.safetensors: damaged" in capsys.readouterr().err
    assert models("repair", "small", "--source", "hugging-face") == exit_codes.OK
    assert {asked.path.rsplit("/", 1)[1] for asked in hub.asked} == {"two.safetensors"}
    assert small.is_whole(home / "Small")


def test_import_and_forget(
    models: Run, small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small.write(tmp_path / "theirs")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert models("import", folder, "small") == exit_codes.OK
    row = listed(capsys, models)["small"]
    assert (row["state"], row["imported"], row["folder"]) == ("whole", True, str(folder))
    assert models("verify", "small", "--quick") == exit_codes.OK
    assert models("remove", "small", "--yes") == exit_codes.OK
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert listed(capsys, models)["small"]["state"] == "absent"


def test_import_of_half_a_model(
    models: Run, small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small.write(tmp_path / "theirs", without=["tokenizer.model"])
    assert models("import", folder, "small") == exit_codes.MODEL
    assert "tokenizer.model: missing" in capsys.readouterr().err
    assert models("import", tmp_path / "nowhere", "small") == exit_codes.MODEL
    words = ("download", "small", "--accept-license", "--folder", folder)
    assert models(*words) == exit_codes.OK
    assert small.is_whole(folder)


def test_exit_codes_of_failures(
    models: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("download", "small", "--accept-license")
    monkeypatch.setattr("engine.fetch.settings.Patience.wait", lambda *_: 0.0)
    assert models(*words, "--source", closed_address()) == exit_codes.NETWORK
    assert models(*words, "--source", "somewhere") == exit_codes.NETWORK
    (tmp_path / "file").write_text("")
    assert models(*words, "--folder", tmp_path / "file") == exit_codes.DISK
    assert models("verify", "unknown") == exit_codes.USAGE
    with pytest.raises(SystemExit) as caught:
        models("unknown")
    assert caught.value.code == exit_codes.USAGE


def test_ctrl_c_keeps_what_has_arrived(
    models: Run,
    home: Path,
    small: Small,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(event: FetchProgress) -> str:
        if event.file == "one.safetensors":
            raise KeyboardInterrupt
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(fetch_wording, "progress", interrupted)
        assert models("download", "small", "--accept-license") == exit_codes.INTERRUPTED
    assert "kept" in capsys.readouterr().err
    assert (home / "Small" / "tokenizer.model").exists()
    assert models("download", "small") == exit_codes.OK
    assert small.is_whole(home / "Small")


# the words


@pytest.mark.parametrize("fault", list(FetchFault))
def test_every_fault_has_a_sentence(fault: FetchFault) -> None:
    error = FetchError(fault, "some.file", source="modelscope", needed=7 * 10**9, free=5)
    text = fetch_wording.reason(error)
    assert text.endswith(".")
    assert "{" not in text + fetch_wording.advice(fault)


@pytest.mark.parametrize("state", list(FileState))
def test_every_state_has_a_word(state: FileState) -> None:
    assert fetch_wording.file_state(state)


def test_progress_in_words() -> None:
    event = FetchProgress(2_900_000_000, 6_872_000_000, "one", 12_300_000.0, 323.0)
    assert fetch_wording.progress(event) == "42 % · 2.9 GB of 6.9 GB · 12 MB/s · 5 min left"
    silent = FetchProgress(1, 2, "one", 0.0, None)
    assert fetch_wording.progress(silent) == "50 % · 1 B of 2 B · 0 B/s · waiting for one"


def test_licence_points_name_the_licence_and_its_address() -> None:
    licence = MINICPM_V_2.licence
    assert licence is not None
    text = " ".join(fetch_wording.licence_points(licence))
    assert licence.name in text
    assert licence.address in text
    assert "registered" in text
