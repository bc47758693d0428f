"""A real OpenAI-compatible server on the loopback address: plays scripts, or asks an engine."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from engine.engine import Engine
from engine.messages import (
    Finished,
    Picture,
    Question,
    Sampling,
    Speaker,
    StopReason,
    TextDelta,
    Turn,
)

LONGEST = 20  # seconds, so that a broken test ends
EVENTS = "text/event-stream; charset=utf-8"
JSON = "application/json"
MODELS = {"object": "list", "data": [{"id": "tiny", "max_model_len": 512}]}


@dataclass(frozen=True)
class Script:
    """One answer. Each of ``parts`` is a chunk of its own on the line."""

    parts: tuple[bytes, ...] = ()
    status: int = 200
    kind: str = EVENTS
    headers: tuple[tuple[str, str], ...] = ()
    pause: int | None = None  # before this part, until the test lets it go on or hangs up
    pause_head: bool = False  # the same before the head of the answer
    cut: bool = False  # hang up after the parts, without an end
    raw: bool = False  # the parts are all there is, without a head
    deaf: bool = False  # answer without reading the body


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Hub:
    """What the server answers, what it was asked, and what happens on its lines."""

    scripts: list[Script] = field(default_factory=list)
    models: Script = field(default_factory=lambda: said_json(MODELS))
    engine: Engine | None = None
    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    pausing: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    faults: list[BaseException] = field(default_factory=list)

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [asked.json for asked in self.asked if asked.method == "POST"]


def event(**fields: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(fields, ensure_ascii=False).encode() + b"\n\n"


def delta(text: str | None = None, reason: str | None = None, **more: Any) -> bytes:
    """One piece of an answer, as vLLM and llama.cpp send it."""
    piece = {**({} if text is None else {"content": text}), **more}
    choice = {"index": 0, "delta": piece, "finish_reason": reason}
    return event(object="chat.completion.chunk", choices=[choice])


DONE = b"data: [DONE]\n\n"


def said(*pieces: str, reason: str = "stop") -> tuple[bytes, ...]:
    """A whole answer, with all that surrounds it."""
    usage = {"prompt_tokens": 30, "completion_tokens": 9}
    return (
        delta("", role="assistant"),
        *map(delta, pieces),
        delta(reason=reason),
        event(choices=[], usage={**usage, "prompt_tokens_details": {"cached_tokens": 10}}),
        DONE,
    )


def said_json(told: object, status: int = 200, **more: Any) -> Script:
    """A JSON answer."""
    return Script((json.dumps(told).encode(),), status, JSON, **more)


class Handler(BaseHTTPRequestHandler):
    """Plays the next script; without one the engine answers."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        self._note(b"")
        self._play(self.hub.models)

    def do_POST(self) -> None:
        script = self.hub.scripts.pop(0) if self.hub.scripts else None
        deaf = script is not None and script.deaf
        body = b"" if deaf else self.rfile.read(int(self.headers["Content-Length"]))
        asked = self._note(body)
        if script is not None:
            self._play(script)
        else:
            self._ask_engine(asked)

    def _note(self, body: bytes) -> Asked:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.hub.asked.append(Asked(self.command, self.path, headers, body))
        return self.hub.asked[-1]

    def _play(self, script: Script) -> None:
        self.close_connection = True
        if script.pause_head and not self._pause():
            return
        if not script.raw:
            self._head(script)
        for number, part in enumerate(script.parts):
            if number == script.pause and not self._pause():
                return
            self.wfile.write(part if script.raw else b"%x\r\n%b\r\n" % (len(part), part))
        if not script.raw and not script.cut:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, script: Script) -> None:
        self.send_response(script.status)
        self.send_header("Content-Type", script.kind)
        self.send_header("Transfer-Encoding", "chunked")
        for key, value in script.headers:
            self.send_header(key, value)
        self.end_headers()

    def _pause(self) -> bool:
        """Wait for the test's word; False where the client hangs up instead."""
        self.hub.pausing.set()
        self.connection.settimeout(0.005)
        for _ in range(LONGEST * 200):
            if self.hub.go_on.is_set():
                self.connection.settimeout(None)
                return True
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.hub.hung_up.set()
        return False

    def _ask_engine(self, asked: Asked) -> None:
        assert self.hub.engine is not None
        question = question_of(asked.json)
        self._head(Script())
        for told in self.hub.engine.answer(question):
            if isinstance(told, TextDelta):
                self._send(delta(told.text))
            elif isinstance(told, Finished):
                reason = "stop" if told.reason is StopReason.END else "length"
                counts = told.statistics
                usage = {
                    "prompt_tokens": len(told.prompt_token_ids),
                    "completion_tokens": counts.tokens_written,
                }
                self._send(delta(reason=reason) + event(choices=[], usage=usage) + DONE)
        self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _send(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def log_message(self, *_: object) -> None:
        pass


def question_of(told: dict[str, Any]) -> Question:
    """What a request asks, in the engine's words."""
    turns, picture = list[Turn](), None
    for message in told["messages"]:
        content = message["content"]
        if isinstance(content, list):
            url = content[0]["image_url"]["url"]
            picture = Picture.from_bytes(base64.b64decode(url.partition(",")[2]), "sent")
            content = content[1]["text"]
        turns.append(Turn(Speaker(message["role"]), content))
    penalty, most = told["repetition_penalty"], told["max_tokens"]
    if told["temperature"] == 0:
        sampling = Sampling.greedy(penalty, most)
    else:
        sampling = Sampling(
            temperature=told["temperature"],
            top_p=told["top_p"],
            top_k=max(0, told["top_k"]),
            repetition_penalty=penalty,
            max_new_tokens=most,
            seed=told.get("seed"),
        )
    return Question(picture, tuple(turns), sampling)


class Server(ThreadingHTTPServer):
    """Keeps the faults of its own threads for the test; clients that hang up are none."""

    daemon_threads = False
    block_on_close = True
    hub: Hub

    def handle_error(self, *_: object) -> None:
        import sys

        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.hub.faults.append(error)


@contextmanager
def serving(
    scripts: Sequence[Script] = (), engine: Engine | None = None, certificate: Path | None = None
) -> Iterator[Hub]:
    """A server until the end of the block."""
    hub = Hub(list(scripts), engine=engine)
    server = Server(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"hub": hub}))
    server.hub = hub
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    hub.address = f"{scheme}://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert hub.faults == []
