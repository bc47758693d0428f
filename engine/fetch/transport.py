"""HTTP as this package needs it: system certificates, proxies, typed errors, no long silence."""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from .errors import FetchError, FetchFault
from .headers import Offer, read_offer
from .settings import Clock, Patience
from .sources import Source

PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})
FILE_STATUS = frozenset({200, 206, 416})
# a compressed answer would have other lengths and other bytes than the file
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "minicpmv-desktop"}


def timeouts(patience: Patience) -> httpx2.Timeout:
    """The library's own limits; a body is watched more closely by ``chunks``."""
    return httpx2.Timeout(patience.stall_seconds, connect=patience.connect_seconds)


def open_client(patience: Patience) -> httpx2.Client:
    """A client that takes proxies from the environment and always checks certificates."""
    return httpx2.Client(headers=HEADERS, timeout=timeouts(patience), follow_redirects=True)


def request_headers(source: Source, start: int = 0, unchanged: str = "") -> dict[str, str]:
    """Ask from byte ``start`` on; ``unchanged`` is an ETag without which to start over."""
    headers = {"Authorization": f"Bearer {source.token}"} if source.token else {}
    if start:
        headers["Range"] = f"bytes={start}-"
        if unchanged:
            headers["If-Range"] = unchanged
    return headers


@contextmanager
def network_errors(name: str, source: Source) -> Iterator[None]:
    """An error of the HTTP library inside becomes a FetchError."""
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        fault = _fault(error)
        detail = str(error) or type(error).__name__
        raise FetchError(fault, name, source=source.name, detail=detail) from error


def _fault(error: Exception) -> FetchFault:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchFault.UNTRUSTED
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx2.ReadTimeout():
            return FetchFault.STALLED
        case httpx2.ProxyError():
            return FetchFault.PROXY
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return FetchFault.BAD_ADDRESS
        case httpx2.TooManyRedirects():
            return FetchFault.REFUSED
    return FetchFault.NO_CONNECTION


def check_response(response: httpx2.Response, name: str, source: Source) -> Offer:
    """The offer in an answer. Raises FetchError for any status that brings no file."""
    status = response.status_code
    first = response.history[0] if response.history else response
    if first.url.scheme == "https" and response.url.scheme != "https":
        detail = str(response.url.copy_with(query=None))
        raise FetchError(FetchFault.UNTRUSTED, name, source=source.name, detail=detail)
    if status not in FILE_STATUS:
        raise FetchError(
            _status_fault(status),
            name,
            source=source.name,
            detail=f"HTTP {status}",
            retry_after=_retry_after(response),
        )
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise FetchError(FetchFault.REFUSED, name, source=source.name, detail=encoding)
    return read_offer(response)


def _status_fault(status: int) -> FetchFault:
    if status in PASSING_STATUS:
        return FetchFault.SERVER
    if status in (404, 410):
        return FetchFault.NOT_FOUND
    return FetchFault.FORBIDDEN if status in (401, 403) else FetchFault.REFUSED


def _retry_after(response: httpx2.Response) -> float | None:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isdigit() else None


def chunks(response: httpx2.Response, patience: Patience, clock: Clock) -> Iterator[bytes]:
    """The body as it comes, and an empty piece now and then while nothing comes.

    The empty pieces let a consumer stop, and see the speed fall, long before the line is given
    up. They need the socket and a known length; without these a read blocks until its limit.
    """
    length = response.headers.get("Content-Length", "")
    left = int(length) if length.isdigit() else 0
    connection = _socket(response)
    body = response.iter_raw()
    watched = False  # the first piece may have come with the headers and wait in a buffer
    while True:
        if watched and connection is not None and left > 0:
            yield from _silence(connection, patience, clock)
        piece = next(body, None)
        if piece is None:
            return
        left -= len(piece)
        watched = True
        yield piece


def _socket(response: httpx2.Response) -> socket.socket | None:
    stream = response.extensions.get("network_stream")
    if stream is None:
        return None
    found = stream.get_extra_info("socket")
    encrypted = stream.get_extra_info("ssl_object") is not None
    # TLS inside TLS keeps bytes in buffers of its own, which a socket knows nothing of
    if not isinstance(found, socket.socket) or encrypted != isinstance(found, ssl.SSLSocket):
        return None
    return found


def _silence(connection: socket.socket, patience: Patience, clock: Clock) -> Iterator[bytes]:
    since = clock.now()
    while not _readable(connection, patience.quiet_seconds):
        if clock.now() - since >= patience.stall_seconds:
            raise httpx2.ReadTimeout("no bytes arrived")
        yield b""


def _readable(connection: socket.socket, seconds: float) -> bool:
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(seconds))
