"""What a person types as a server's address, made whole."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import RemoteError, RemoteFault

PORTS = {"http": 80, "https": 443}
ENDPOINTS = ("/chat/completions", "/completions", "/models")
_HOST = re.compile(r"[\w.:-]+", re.ASCII)  # names, IPv4, and IPv6 without its brackets
_KEY = re.compile(r"[!-~]+")  # what a header can carry
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and the key that it wants."""

    scheme: str
    host: str
    port: int
    path: str  # of the interface, usually /v1
    key: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Host and port, for people and for the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def address(self) -> str:
        """The whole address, always spelt the same way."""
        return f"{self.scheme}://{self.name}{self.path}"

    @property
    def on_this_machine(self) -> bool:
        """Whether what is sent there stays here; a tunnel behind it cannot be seen."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.scheme == "https"


def parse(address: str, key: str = "") -> Server:
    """Read an address; a missing scheme, port or path is filled in. Raises RemoteError.

    Without a scheme, this machine is asked in the clear and any other over TLS. A name and a
    password within the address are refused: addresses are kept in plain files.
    """
    text, key = address.strip(), key.strip()
    try:
        server = _read(text if "://" in text else f"//{text}", key)
    except ValueError as error:
        raise RemoteError(RemoteFault.BAD_ADDRESS, text, detail=str(error)) from error
    if key and not _KEY.fullmatch(key):
        raise RemoteError(RemoteFault.REFUSED, server.name, detail="the key has odd characters")
    return server


def _read(text: str, key: str) -> Server:
    parts = urlsplit(text)
    host = (parts.hostname or "").rstrip(".")
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        raise ValueError("no host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("more than host, port and path")
    local = Server("http", host, 1, "").on_this_machine
    scheme = parts.scheme or ("http" if local else "https")
    if scheme not in PORTS:
        raise ValueError(scheme)
    path = parts.path.rstrip("/")
    for endpoint in ENDPOINTS:
        path = path.removesuffix(endpoint)
    return Server(scheme, host, parts.port or PORTS[scheme], path or "/v1", key)
