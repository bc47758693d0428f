"""Whatever a server does wrong becomes one typed error with what is known of it."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from engine.messages import AnswerEvent, Finished
from engine.remote.address import parse
from engine.remote.engine import RemoteEngine
from engine.remote.errors import RemoteError, RemoteFault
from engine.remote.proxy import proxy_for

from .conftest import SHORT, ask, make_certificate, opened
from .server import DONE, JSON, Hub, Script, delta, event, said, said_json, serving
from .test_remote_engine import last, picture, text_of


def fails(hub: Hub, script: Script, *, shown: bool = False, key: str = "sk-1") -> RemoteError:
    """The error of one answer, which must not carry the key."""
    hub.scripts.append(script)
    question = replace(ask(), picture=picture()) if shown else ask()
    with pytest.raises(RemoteError) as caught:
        list(opened(hub, key=key).answer(question))
    assert caught.value.server in hub.address
    assert key not in str(caught.value)
    return caught.value


def error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


HTML = "text/html; charset=utf-8"
PAGE = (b"<!doctype html><html><title>Sign in</title><p>Your model awaits</html>",)


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (said_json(error("Incorrect API key provided: sk-1."), 401), RemoteFault.REFUSED),
        (said_json(error("no"), 403), RemoteFault.REFUSED),
        (said_json(error("The model `tiny` does not exist."), 404), RemoteFault.NO_SUCH_MODEL),
        (said_json(error("File Not Found", type="not_found_error"), 404), RemoteFault.NO_API),
        (said_json({"detail": "Not Found"}, 404), RemoteFault.NO_API),
        (Script(PAGE, 404, HTML), RemoteFault.NO_API),
        (Script(PAGE, 200, HTML), RemoteFault.BAD_ANSWER),
        (Script((), 307, headers=(("Location", "https://else.example/v1"),)), RemoteFault.MOVED),
        (said_json(error("Rate limit"), 429, headers=(("Retry-After", "7"),)), RemoteFault.BUSY),
        (said_json(error("Loading model", code=503), 503), RemoteFault.BUSY),
        (said_json(error("CUDA error"), 500), RemoteFault.SERVER),
        (Script((b"Bad gateway",), 502, "text/plain"), RemoteFault.SERVER),
        (said_json(error("temperature must be positive"), 400), RemoteFault.REJECTED),
        (Script((b"too large",), 413, "text/plain"), RemoteFault.TOO_LARGE),
        (Script((b"data: {broken\n\n", DONE)), RemoteFault.BAD_ANSWER),
        (Script((b"data: [1, 2]\n\n", DONE)), RemoteFault.BAD_ANSWER),
        (Script((b'data: {"choices": [7]}\n\n', DONE)), RemoteFault.BAD_ANSWER),
        (Script((delta("x").replace(b'"x"', b"7"), DONE)), RemoteFault.BAD_ANSWER),
        (Script((b"data: \xff\xfe{}\n\n", DONE)), RemoteFault.BAD_ANSWER),
        (Script((b"data: " + b"[" * 200_000 + b"\n\n", DONE)), RemoteFault.BAD_ANSWER),
        (Script((b"{broken",), 200, JSON), RemoteFault.BAD_ANSWER),
        (Script((b'{"hello": 1}',), 200, JSON), RemoteFault.BAD_ANSWER),
        (Script(said("x"), headers=(("Content-Encoding", "br"),)), RemoteFault.BAD_ANSWER),
        (said_json(error("out of slots", code=503)), RemoteFault.BUSY),
        (Script((delta("Ye"), event(error={"message": "oh"}))), RemoteFault.SERVER),
        (Script((event(object="error", message="oh", code=429),)), RemoteFault.BUSY),
        (Script((b'error: {"code": 503, "message": "oh"}\n\n',)), RemoteFault.BUSY),
        (Script((b"event: error\ndata: oh\n\n",)), RemoteFault.SERVER),
        (Script(said("Ye", reason="content_filter")), RemoteFault.FILTERED),
        (Script((delta("Ye"),), cut=True), RemoteFault.INTERRUPTED),
        (Script((delta("Ye"),)), RemoteFault.INTERRUPTED),
        (Script((), cut=True), RemoteFault.INTERRUPTED),
        (Script((), raw=True), RemoteFault.INTERRUPTED),
        (Script((b"SSH-2.0-OpenSSH_9.6\r\n\r\n",), raw=True), RemoteFault.BAD_ANSWER),
        (Script((b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,), raw=True), RemoteFault.BAD_ANSWER),
        (Script((b"HTTP/1.1 200 OK\r\nContent-Len",), raw=True), RemoteFault.INTERRUPTED),
    ],
)
def test_every_fault_has_its_name(hub: Hub, script: Script, fault: RemoteFault) -> None:
    assert fails(hub, script).fault is fault


@pytest.mark.parametrize(
    "message",
    [
        "facebook/opt-125m is not a multimodal model None",
        "image input is not supported - hint: you may need to provide the mmproj",
        "this model does not support image input",
        "Invalid content type. image_url is only supported by certain models.",
        "At most 0 image(s) may be provided in one prompt.",
    ],
)
@pytest.mark.parametrize("status", [400, 500])
def test_a_model_without_eyes_is_recognised(hub: Hub, message: str, status: int) -> None:
    script = said_json(error(message), status)
    assert fails(hub, script, shown=True).fault is RemoteFault.PICTURES_UNSUPPORTED
    without = RemoteFault.REJECTED if status == 400 else RemoteFault.SERVER
    assert fails(hub, script).fault is without


def test_an_error_carries_what_the_server_says(hub: Hub) -> None:
    told = fails(hub, said_json(error("slow\n down, sk-1"), 429, headers=(("Retry-After", "7"),)))
    assert (told.status, told.retry_after, told.detail) == (429, 7.0, "slow down, …")
    told = fails(hub, said_json(error("oh " * 1000), 500))
    assert told.retry_after is None
    assert len(told.detail) <= 300
    assert fails(hub, Script(PAGE, 500, HTML)).detail == ""


def test_a_redirect_is_told_and_not_followed(hub: Hub) -> None:
    with serving([Script(said("Yes."))]) as other:
        place = (("Location", f"{other.address}/chat/completions"),)
        told = fails(hub, Script((), 308, headers=place))
        assert told.fault is RemoteFault.MOVED
        assert told.detail.startswith(other.address)
        assert other.asked == []


def test_what_was_written_before_the_line_broke_is_there(hub: Hub) -> None:
    hub.scripts.append(Script((delta("Yes"), delta(", it")), cut=True))
    seen = list[AnswerEvent]()
    with pytest.raises(RemoteError) as caught:
        seen.extend(opened(hub).answer(ask()))  # keeps what came before the error
    assert caught.value.fault is RemoteFault.INTERRUPTED
    assert text_of(seen) == "Yes, it"


@pytest.mark.parametrize("parts", [(delta("Yes."), delta(reason="stop")), (delta("Yes."), DONE)])
def test_an_answer_that_has_ended_is_whole_however_the_line_ends(
    hub: Hub, parts: tuple[bytes, ...]
) -> None:
    hub.scripts.append(Script(parts, cut=True))
    assert last(opened(hub).answer(ask())).text == "Yes."


def test_a_refusal_is_heard_while_a_picture_is_still_sent(hub: Hub) -> None:
    hub.scripts.append(said_json(error("too large"), 413, deaf=True))
    large = picture((3000, 2500))
    assert len(large.data) > 100_000
    noise = replace(large, data=large.data, name="large.png")
    with pytest.raises(RemoteError) as caught:
        list(opened(hub).answer(replace(ask(), picture=noise)))
    assert caught.value.fault in (RemoteFault.TOO_LARGE, RemoteFault.INTERRUPTED)


def test_silence_ends(hub: Hub) -> None:
    hasty = replace(SHORT, first_seconds=0.05, silence_seconds=0.05)
    for script in (
        Script(said("Yes."), pause_head=True),
        Script(said("Yes."), pause=0),
        Script(said("Yes.", "No"), pause=2),
    ):
        hub.scripts.append(script)
        with pytest.raises(RemoteError) as caught:
            list(opened(hub, hasty).answer(ask()))
        assert caught.value.fault is RemoteFault.TIMEOUT
        hub.pausing.clear()


# Loading


def load_fault(hub: Hub, address: str = "") -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        list(RemoteEngine(address or hub.address, patience=SHORT).load())
    return caught.value


@pytest.mark.parametrize(
    ("models", "fault"),
    [
        (said_json(error("no key"), 401), RemoteFault.REFUSED),
        (Script((b"404 page not found",), 404, "text/plain"), RemoteFault.NO_API),
        (Script(PAGE, 200, HTML), RemoteFault.NO_API),
        (said_json([]), RemoteFault.NO_API),
        (said_json({"data": [{"name": "x"}]}), RemoteFault.NO_API),
        (said_json({"data": None}), RemoteFault.NO_SUCH_MODEL),
        (said_json(error("Loading model", code=503), 503), RemoteFault.BUSY),
        (Script(PAGE, 302, HTML, headers=(("Location", "/login"),)), RemoteFault.MOVED),
    ],
)
def test_a_list_of_models_that_is_none(hub: Hub, models: Script, fault: RemoteFault) -> None:
    hub.models = models
    assert load_fault(hub).fault is fault


def test_nobody_listens(hub: Hub) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        told = load_fault(hub, f"http://127.0.0.1:{free.getsockname()[1]}")
    assert told.fault is RemoteFault.UNREACHABLE
    assert told.detail


def test_a_name_that_does_not_exist(hub: Hub) -> None:
    assert load_fault(hub, "http://nobody.invalid:8000").fault is RemoteFault.NAME
    assert load_fault(hub, f"http://{'x' * 70}.example").fault is RemoteFault.NAME


def test_a_certificate_that_nobody_vouches_for(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificate(tmp_path)
    assert other is not None
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with serving(certificate=certificate) as hub:
        told = load_fault(hub)
        assert told.fault is RemoteFault.TLS
        assert "certificate" in told.detail


def test_tls_to_a_server_without_it_and_the_other_way_round(
    hub: Hub, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert load_fault(hub, hub.address.replace("http", "https")).fault is RemoteFault.TLS
    with serving(certificate=certificate) as secure:
        told = load_fault(secure, secure.address.replace("https", "http"))
        assert told.fault in (RemoteFault.INTERRUPTED, RemoteFault.BAD_ANSWER)


# Proxies


def test_a_proxy_is_asked_for_the_whole_address(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = hub.address.removesuffix("/v1").replace("//", "//me:pass%20word@")
    monkeypatch.setenv("http_proxy", proxy)
    list(RemoteEngine("http://models.example/v1", patience=SHORT).load())
    assert hub.asked[0].path == "http://models.example/v1/models"
    assert hub.asked[0].headers["host"] == "models.example"
    assert hub.asked[0].headers["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"


def test_tls_goes_through_a_proxy(
    hub: Hub, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", hub.address)
    told = load_fault(hub, "https://models.example/v1")  # the tests' server lets nobody through
    assert (told.fault, told.status) == (RemoteFault.PROXY, 501)
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    assert load_fault(hub, "https://models.example/v1").fault is RemoteFault.PROXY


def test_this_machine_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert proxy_for(parse("http://localhost:8000")) is None
    assert proxy_for(parse("http://box:8000")) is not None
    monkeypatch.setenv("no_proxy", "box")
    assert proxy_for(parse("http://box:8000")) is None
    assert "http_proxy" in os.environ


def test_the_head_may_come_after_a_hundred(hub: Hub) -> None:
    body = b"".join(said("Yes."))
    head = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    )
    hub.scripts.append(Script((head, body), raw=True))
    finished = last(opened(hub).answer(ask()))
    assert isinstance(finished, Finished)
    assert finished.text == "Yes."
