"""One TCP connection whose every wait comes in slices, so that its consumer can stop in any.

The usual HTTP clients block until the head of an answer is there, which with some servers is
the whole time that a model needs to read the question, and their read limit ends the request.
Here a read that has waited for one slice says so by yielding and is taken up again. That needs
neither a thread nor an event loop. Not in slices are looking up a name, which the system offers
only as one call, and the TLS handshake, whose check against the system's certificates is one
call too; the latter is bounded by ``connect_seconds``.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass

from .errors import RemoteError, RemoteFault

PIECE = 65_536  # bytes of one read or write

Ticks = Generator[None, None, None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds.

    ``first_seconds`` covers a queue before the server, a model that it loads first, and the
    reading of the question; ``silence_seconds`` is how long it may pause within an answer.
    """

    connect_seconds: float = 10.0
    send_seconds: float = 60.0  # without a single byte taken
    first_seconds: float = 600.0
    silence_seconds: float = 120.0
    slice_seconds: float = 0.1  # how long a stream may keep its consumer waiting


class Wire:
    """An open connection to ``name``; ``close`` ends it at once, whatever is under way."""

    def __init__(self, connection: socket.socket, name: str, patience: Patience) -> None:
        self._socket = connection
        self._name = name
        self._patience = patience
        connection.settimeout(patience.slice_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, host: str) -> None:
        """Put TLS on the connection; certificates are always checked."""
        from httpx2 import create_ssl_context  # the same certificates as for downloads

        self._socket.settimeout(self._patience.connect_seconds)
        try:
            self._socket = create_ssl_context().wrap_socket(self._socket, server_hostname=host)
        except TimeoutError as error:
            raise RemoteError(RemoteFault.TIMEOUT, self._name, detail="TLS") from error
        except ssl.SSLError as error:
            detail = getattr(error, "verify_message", "") or error.reason or str(error)
            raise RemoteError(RemoteFault.TLS, self._name, detail=detail) from error
        except OSError as error:
            raise RemoteError(RemoteFault.TLS, self._name, detail=str(error)) from error
        self._socket.settimeout(self._patience.slice_seconds)

    def send(self, data: bytes) -> Ticks:
        """Send everything, as far as the other side takes it.

        One that takes no more has often said why, so that is no error here: ``receive`` tells.
        """
        left, since = memoryview(data), time.monotonic()
        while left:
            try:
                left = left[self._socket.send(left[:PIECE]) :]
                since = time.monotonic()
            except TimeoutError as error:
                if self._is_answered():
                    return
                self._check(since, self._patience.send_seconds, error)
            except OSError:
                return
            yield

    def receive(self, seconds: float) -> Generator[None, None, bytes]:
        """The next bytes, or none at the end of the connection."""
        since = time.monotonic()
        while True:
            try:
                return self._socket.recv(PIECE)
            except TimeoutError as error:
                self._check(since, seconds, error)
            except OSError as error:
                fault = RemoteFault.INTERRUPTED
                raise RemoteError(fault, self._name, detail=str(error)) from error
            yield

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _is_answered(self) -> bool:
        """Whether something can be read; with TLS that may be no more than its own messages."""
        if isinstance(self._socket, ssl.SSLSocket):
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _check(self, since: float, seconds: float, error: TimeoutError) -> None:
        if time.monotonic() - since >= seconds:
            raise RemoteError(RemoteFault.TIMEOUT, self._name) from error


def connect(host: str, port: int, name: str, patience: Patience) -> Generator[None, None, Wire]:
    """Connect to the first of a host's addresses that takes it. Raises RemoteError."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise RemoteError(RemoteFault.NAME, name, detail=str(error)) from error
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, place in places:
        connection = socket.socket(family, kind, protocol)
        try:
            yield from _connect(connection, place, patience)
            return Wire(connection, name, patience)
        except OSError as error:
            connection.close()
            failure = error
        except GeneratorExit:
            connection.close()
            raise
    late = isinstance(failure, TimeoutError)
    fault = RemoteFault.TIMEOUT if late else RemoteFault.UNREACHABLE
    raise RemoteError(fault, name, detail=failure.strerror or str(failure)) from failure


def _connect(connection: socket.socket, place: object, patience: Patience) -> Ticks:
    connection.setblocking(False)
    try:
        connection.connect(place)  # type: ignore[arg-type]  # the family's own kind of address
    except BlockingIOError:
        yield from _until_connected(connection, patience)
    error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, socket.errorTab[error] if hasattr(socket, "errorTab") else "")


def _until_connected(connection: socket.socket, patience: Patience) -> Ticks:
    since = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while not selector.select(patience.slice_seconds):
            if time.monotonic() - since >= patience.connect_seconds:
                raise TimeoutError("no answer")
            yield
