"""One request and its answer, on a connection of its own that closing ends at once."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import h11

from .address import Server
from .errors import RemoteError, RemoteFault
from .proxy import Proxy, proxy_for, tunnel
from .wire import Patience, Wire, connect

AGENT = "minicpmv-desktop"


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an answer; header names are in lower case."""

    status: int
    headers: dict[str, str]

    @property
    def content_type(self) -> str:
        """Its media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Exchange:
    """Asks once and reads the answer; every wait yields. Raises RemoteError.

    ``silence`` is how long the server may say nothing.
    """

    def __init__(self, server: Server, patience: Patience) -> None:
        self._server = server
        self._patience = patience
        self._talk = h11.Connection(h11.CLIENT)
        self._wire: Wire | None = None
        self._ended = False  # the server has hung up
        self.silence = patience.first_seconds

    def ask(self, method: str, path: str, body: bytes = b"") -> Generator[None, None, Reply]:
        """Send a request and wait for the head of the answer."""
        proxy = proxy_for(self._server)
        yield from self._connect(proxy)
        wire = self._opened()
        yield from wire.send(self._request(method, path, body, proxy))
        event = yield from self._next()
        while isinstance(event, h11.InformationalResponse):
            event = yield from self._next()
        if not isinstance(event, h11.Response):
            raise self._error(RemoteFault.BAD_ANSWER, type(event).__name__)
        headers = {key.decode("latin-1"): v.decode("latin-1") for key, v in event.headers}
        encoding = headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise self._error(RemoteFault.BAD_ANSWER, encoding)
        return Reply(event.status_code, headers)

    def pieces(self) -> Generator[bytes, None, None]:
        """The body as it comes, and an empty piece now and then while nothing comes."""
        while True:
            waiting = self._next()
            while True:
                try:
                    next(waiting)
                except StopIteration as end:
                    event = end.value
                    break
                yield b""
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    def whole(self, limit: int) -> Generator[None, None, bytes]:
        """The body in one, up to so many bytes."""
        body = bytearray()
        for piece in self.pieces():
            body += piece
            if len(body) > limit:
                break
            yield
        return bytes(body[:limit])

    def close(self) -> None:
        """Hang up; a server that is still writing an answer stops."""
        if self._wire is not None:
            self._wire.close()

    def _connect(self, proxy: Proxy | None) -> Generator[None, None, None]:
        server, patience = self._server, self._patience
        if proxy is None:
            self._wire = yield from connect(server.host, server.port, server.name, patience)
        else:
            self._wire = yield from _to_proxy(proxy, patience)
        if server.encrypted:
            if proxy is not None:
                yield from tunnel(self._wire, proxy, server, patience)
            self._wire.encrypt(server.host)

    def _request(self, method: str, path: str, body: bytes, proxy: Proxy | None) -> bytes:
        server = self._server
        headers = [
            ("Host", server.name),
            ("User-Agent", AGENT),
            ("Accept", "text/event-stream, application/json"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        if server.key:
            headers.append(("Authorization", f"Bearer {server.key}"))
        if body:
            headers.append(("Content-Type", "application/json"))
            headers.append(("Content-Length", str(len(body))))
        target = f"{server.path}/{path}"
        if proxy is not None and not server.encrypted:
            target = f"{server.scheme}://{server.name}{target}"
            headers += proxy.headers
        request = h11.Request(method=method, target=target, headers=headers)
        parts = [request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
        return b"".join(self._talk.send(part) or b"" for part in parts)

    def _next(self) -> Generator[None, None, object]:
        wire = self._opened()
        try:
            event: object = self._talk.next_event()
            while event is h11.NEED_DATA:
                data = yield from wire.receive(self.silence)
                self._ended = not data
                self._talk.receive_data(data)
                event = self._talk.next_event()
        except h11.RemoteProtocolError as error:
            fault = RemoteFault.INTERRUPTED if self._ended else RemoteFault.BAD_ANSWER
            raise self._error(fault, str(error)) from error
        if isinstance(event, h11.ConnectionClosed):
            raise self._error(RemoteFault.INTERRUPTED, "")
        return event

    def _opened(self) -> Wire:
        if self._wire is None:
            raise RuntimeError("read before anything was asked")
        return self._wire

    def _error(self, fault: RemoteFault, detail: str) -> RemoteError:
        return RemoteError(fault, self._server.name, detail=detail)


def _to_proxy(proxy: Proxy, patience: Patience) -> Generator[None, None, Wire]:
    try:
        return (yield from connect(proxy.host, proxy.port, proxy.host, patience))
    except RemoteError as error:
        raise RemoteError(RemoteFault.PROXY, proxy.host, detail=error.detail) from error
