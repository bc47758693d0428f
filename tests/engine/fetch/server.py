"""A real HTTP server on the loopback address that keeps files and misbehaves on demand."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Fault:
    """What one answer does wrong; the defaults do nothing wrong."""

    file: str = ""  # only for this file; empty for any
    cut_after: int | None = None  # send so many bytes of the body, then hang up
    stall_after: int | None = None  # send so many, then hold the line
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None  # instead of the file
    no_ranges: bool = False
    wrong_start: bool = False  # a 206 that begins somewhere else
    no_length: bool = False  # the end of the connection is the end of the file
    deaf: bool = False  # ignore If-Range
    mute: bool = False  # take the connection and say nothing
    repeat: bool = False


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        match = re.fullmatch(r"bytes=(\d+)-\d*", self.headers.get("range", ""))
        return int(match[1]) if match else 0


@dataclass
class Hub:
    """Files and their ETags, the faults to come, and what was asked."""

    files: dict[str, bytes]
    address: str = ""
    etags: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    stalling: threading.Event = field(default_factory=threading.Event)

    def etag(self, name: str) -> str:
        return self.etags.get(name) or f'"{hashlib.md5(self.files[name]).hexdigest()}"'

    def fault(self, name: str) -> Fault:
        for fault in self.faults:
            if fault.file in ("", name):
                if not fault.repeat:
                    self.faults.remove(fault)
                return fault
        return Fault()

    def asked_for(self, name: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path.endswith(name)]


class Handler(BaseHTTPRequestHandler):
    """Answers GET, in whole or in part, as the standard says unless a fault is due."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        name = path.rsplit("/", 1)[-1]
        asked = Asked(path, {key.lower(): value for key, value in self.headers.items()})
        self.hub.asked.append(asked)
        fault = self.hub.fault(name)
        if fault.mute:
            self.hub.over.wait(20)
            self.close_connection = True
        elif fault.status:
            self._head(fault.status, len(fault.body or b""), fault.headers)
            self.wfile.write(fault.body or b"")
        elif fault.body is None and name not in self.hub.files:
            self._head(404, 0)
        else:
            self._file(name, asked, fault)

    def _file(self, name: str, asked: Asked, fault: Fault) -> None:
        data = self.hub.files[name] if fault.body is None else fault.body
        etag = self.hub.etag(name)
        headers = [("ETag", etag), ("Accept-Ranges", "bytes"), *fault.headers]
        if_range = asked.headers.get("if-range", etag)
        if "range" not in asked.headers or fault.no_ranges or (if_range != etag and not fault.deaf):
            self._body(200, data, headers, fault)
        elif asked.start >= len(data):
            self._head(416, 0, [*headers, ("Content-Range", f"bytes */{len(data)}")])
        else:
            start = asked.start - 1 if fault.wrong_start else asked.start
            end = re.fullmatch(r"bytes=\d+-(\d+)", asked.headers["range"])
            last = min(int(end[1]), len(data) - 1) if end else len(data) - 1
            extent = f"bytes {start}-{last}/{len(data)}"
            self._body(206, data[start : last + 1], [*headers, ("Content-Range", extent)], fault)

    def _body(self, status: int, data: bytes, headers: list[tuple[str, str]], fault: Fault) -> None:
        self._head(status, None if fault.no_length else len(data), headers)
        stop = fault.cut_after if fault.cut_after is not None else fault.stall_after
        data = data[:stop]
        self.hub.sent += len(data)  # before the client can go on to its next request
        self.wfile.write(data)
        self.wfile.flush()
        if fault.stall_after is not None:
            self.hub.stalling.set()
            self.hub.over.wait(20)
        if stop is not None or fault.no_length:
            self.close_connection = True

    def _head(self, status: int, length: int | None, headers: object = ()) -> None:
        self.send_response(status)
        for key, value in headers:  # type: ignore[attr-defined]
            self.send_header(key, value)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Does not complain about clients that hang up."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(files: dict[str, bytes], certificate: Path | None = None) -> Iterator[Hub]:
    """A server with these files until the end of the block."""
    hub = Hub(dict(files))
    server = Server(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"hub": hub}))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    hub.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_address() -> str:
    """An address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
