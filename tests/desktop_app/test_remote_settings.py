"""A model elsewhere: its address, its key, its words, and the command line's --server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked
from PIL import Image

from desktop_app import notices, remote_wording
from desktop_app.command_line import main
from desktop_app.commands import exit_codes
from desktop_app.commands.session import exit_code
from desktop_app.notices import Help
from desktop_app.remote_settings import KEY_VARIABLE, KeyPlace, Keys, RemoteSettings, open_remote
from desktop_app.settings import Settings
from engine.messages import Ready
from engine.remote.address import parse
from engine.remote.errors import RemoteError, RemoteFault
from tests.engine.remote.server import Hub, Script, said, said_json, serving


class Memory(KeyringBackend):
    """A keyring that is as good as the system's, for a moment."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


class Locked(Memory):
    """One that the person does not unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked


class PlainFile(Memory):
    """One that would write a plain file."""

    __module__ = "keyrings.alt.file"


class Several(Memory):
    """One that stands for several."""

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


BOX, OTHER = parse("https://box.example/v1"), parse("https://box.example:8443/v1")


# Settings


def test_the_server_is_saved_and_the_key_is_not(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    chosen = RemoteSettings("https://box.example/v1", "minicpm-v")
    chosen.within(Settings(theme="dark")).save(path)
    Keys({}).keep(chosen.server(), "sk-secret")
    loaded = Settings.load(path)
    assert RemoteSettings.of(loaded) == chosen
    assert loaded.theme == "dark"
    assert [file for file in tmp_path.rglob("*") if b"secret" in file.read_bytes()] == []
    assert RemoteSettings.of(Settings()) == RemoteSettings()


# Keys


def test_a_key_is_kept_in_the_keyring_for_one_server() -> None:
    keys = Keys({})
    assert keys.can_be_kept
    assert keys.place(BOX) is KeyPlace.NOWHERE
    assert keys.keep(BOX, " sk-1 ") is KeyPlace.KEYRING
    assert Keys({}).key(BOX) == "sk-1"
    assert Keys({}).place(BOX) is KeyPlace.KEYRING
    assert Keys({}).key(OTHER) == ""
    assert Keys({}).key(parse("http://box.example/v1")) == ""
    keys.keep(BOX, "sk-2")
    assert keys.key(BOX) == "sk-2"
    assert keys.keep(BOX, "") is KeyPlace.NOWHERE
    assert keys.key(BOX) == ""


@pytest.mark.parametrize(
    "backend",
    [fail.Keyring(), Locked(), PlainFile(), Several(Memory(), PlainFile())],
    ids=["none", "locked", "plain file", "plain file among others"],
)
def test_without_a_keyring_a_key_lives_as_long_as_the_run(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    keys = Keys({})
    assert keys.can_be_kept is isinstance(backend, Locked)
    assert keys.keep(BOX, "sk-1") is KeyPlace.RUN
    assert (keys.key(BOX), keys.place(BOX)) == ("sk-1", KeyPlace.RUN)
    assert getattr(backend, "held", {}) == {}
    assert Keys({}).key(BOX) == ""
    keys.forget(BOX)
    assert keys.key(BOX) == ""


def test_several_safe_keyrings_are_safe() -> None:
    keyring.set_keyring(Several(Memory(), Memory()))
    assert Keys({}).can_be_kept


def test_the_environment_goes_first() -> None:
    keys = Keys({KEY_VARIABLE: "sk-env"})
    keys.keep(BOX, "sk-1")
    assert (keys.key(BOX), keys.place(BOX)) == ("sk-env", KeyPlace.ENVIRONMENT)
    assert Keys({KEY_VARIABLE: " "}).key(BOX) == "sk-1"


def test_the_engine_gets_the_servers_key(hub: Hub) -> None:
    keys, chosen = Keys({}), RemoteSettings(hub.address)
    keys.keep(chosen.server(), "sk-1")
    assert isinstance(list(open_remote(chosen, keys).load())[-1], Ready)
    assert hub.asked[0].headers["authorization"] == "Bearer sk-1"


# Words


ERRORS = [
    *(RemoteError(fault, "box:8000") for fault in RemoteFault),
    *(
        RemoteError(
            fault,
            "box:8000",
            detail="why {not}",
            status=400,
            model="tiny",
            known=("a", "b"),
            retry_after=7.0,
        )
        for fault in RemoteFault
    ),
    RemoteError(RemoteFault.NO_SUCH_MODEL, "box:8000", known=("a", "b")),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_every_fault_has_words_and_an_exit_code(error: RemoteError) -> None:
    notice = notices.explain(error)
    assert notice.title
    assert notice.title != "Something went wrong"
    assert notice.reason.endswith(".")
    assert ".." not in notice.body
    assert "{" not in notice.title + notice.body.replace("{not}", "")
    assert "!" not in notice.body
    assert error.fault.value in notice.details
    assert notice.help in (Help.NOTHING, Help.LOAD_AGAIN)
    assert exit_code(error) not in (0, None)


def test_faults_say_what_is_known() -> None:
    several = RemoteError(RemoteFault.NO_SUCH_MODEL, "box", known=("a", "b"))
    assert "a, b" in notices.explain(several).body
    busy = RemoteError(RemoteFault.BUSY, "box", retry_after=7.0)
    assert "7 s" in notices.explain(busy).body
    rejected = RemoteError(RemoteFault.REJECTED, "box", detail="no top_k here.")
    assert "no top_k here." in notices.explain(rejected).body


@pytest.mark.parametrize("place", KeyPlace)
def test_every_place_of_a_key_has_words(place: KeyPlace) -> None:
    assert remote_wording.key_place(place).endswith(".")


def test_what_leaves_the_machine_is_said() -> None:
    assert remote_wording.privacy(parse("http://127.0.0.1:8000")) == ""
    assert remote_wording.privacy_notice(parse("localhost:11434")) is None
    assert "box.example" in remote_wording.privacy(BOX)
    assert "encrypted" not in remote_wording.privacy(BOX)
    assert "not encrypted" in remote_wording.privacy(parse("http://box.example"))
    assert remote_wording.privacy_notice(BOX) is not None


# The command line


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "a.png"
    Image.new("RGB", (60, 40), "red").save(path)
    return str(path)


def test_ask_prints_the_servers_answer(
    hub: Hub, picture: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "sk-env")
    hub.scripts.append(Script(said("A red", " card.")))
    assert main(["ask", picture, "-q", "What?", "--greedy", "--server", hub.address]) == 0
    out = capsys.readouterr()
    assert (out.out, out.err) == ("A red card.\n", "")
    assert hub.questions[0]["temperature"] == 0
    assert hub.asked[1].headers["authorization"] == "Bearer sk-env"


def test_ocr_and_json_go_to_the_server_too(
    hub: Hub, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.models = said_json({"data": [{"id": "a"}, {"id": "b"}]})
    hub.scripts.append(Script(said("RED")))
    words = ["ocr", picture, "--json", "--server", hub.address, "--server-model", "b"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["text"], told["model"], told["device"]) == ("RED", "b", "remote")
    assert hub.questions[0]["model"] == "b"


def test_what_leaves_the_machine_is_said_first(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", hub.address)  # which is asked for the far server
    hub.scripts.append(Script(said("Yes.")))
    assert main(["ask", "-q", "Is it?", "--server", "http://models.example/v1"]) == 0
    out = capsys.readouterr()
    assert "leave this machine" in out.err
    assert "models.example" in out.err
    assert "not encrypted" in out.err
    assert out.out == "Yes.\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--server", "ftp://x"], exit_codes.USAGE),
        (["--server", "{hub}", "--beams", "3"], exit_codes.USAGE),
        (["--server", "{hub}", "--model", "starter"], exit_codes.USAGE),
        (["--server-model", "tiny"], exit_codes.USAGE),
        (["--server", "{hub}", "--server-model", "other"], exit_codes.MODEL),
        (["--server", "{hub}"], exit_codes.NETWORK),
    ],
)
def test_faults_have_exit_codes(
    hub: Hub, words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.scripts.append(said_json({"error": {"message": "down"}}, 500))
    given = [word.replace("{hub}", hub.address) for word in words]
    assert main(["ask", "-q", "Is it?", *given]) == code
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
