"""The way out of a network that lets nobody out directly."""

from __future__ import annotations

import base64
from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import h11

from .address import Server
from .errors import RemoteError, RemoteFault
from .wire import Patience, Wire


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it listens, and the value of its own authorization header."""

    host: str
    port: int
    login: str = ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What a request to it needs beside its own headers."""
        return [("Proxy-Authorization", self.login)] if self.login else []


def proxy_for(server: Server) -> Proxy | None:
    """The proxy that environment or system name for a server; none for this machine."""
    if server.on_this_machine or proxy_bypass(server.host):
        return None
    proxies = getproxies()
    told = proxies.get(server.scheme) or proxies.get("all")
    if not told:
        return None
    parts = urlsplit(told if "://" in told else f"http://{told}")
    try:
        port = parts.port or 80
    except ValueError as error:
        raise RemoteError(RemoteFault.PROXY, told, detail=str(error)) from error
    if parts.scheme != "http" or not parts.hostname:
        raise RemoteError(RemoteFault.PROXY, parts.hostname or "", detail=parts.scheme)
    return Proxy(parts.hostname, port, _login(parts.username, parts.password))


def _login(name: str | None, password: str | None) -> str:
    if name is None:
        return ""
    words = f"{unquote(name)}:{unquote(password or '')}".encode()
    return f"Basic {base64.b64encode(words).decode()}"


def tunnel(
    wire: Wire, proxy: Proxy, server: Server, patience: Patience
) -> Generator[None, None, None]:
    """Have a proxy connect through to the server, so that TLS reaches the server itself."""
    place = f"{f'[{server.host}]' if ':' in server.host else server.host}:{server.port}"
    talk = h11.Connection(h11.CLIENT)
    request = h11.Request(method="CONNECT", target=place, headers=[("Host", place), *proxy.headers])
    yield from wire.send((talk.send(request) or b"") + (talk.send(h11.EndOfMessage()) or b""))
    try:
        event = talk.next_event()
        while event is h11.NEED_DATA:
            talk.receive_data((yield from wire.receive(patience.connect_seconds)))
            event = talk.next_event()
    except h11.RemoteProtocolError as error:
        raise RemoteError(RemoteFault.PROXY, proxy.host, detail=str(error)) from error
    status = event.status_code if isinstance(event, h11.Response) else 0
    if not 200 <= status < 300:
        raise RemoteError(RemoteFault.PROXY, proxy.host, status=status)
