"""What can go wrong with a server elsewhere, as one type with data."""

from __future__ import annotations

from enum import Enum

from ..errors import EngineError


class RemoteFault(str, Enum):
    """Why a server does not answer, or cannot be asked."""

    # on the way to it
    BAD_ADDRESS = "bad_address"
    NAME = "name"  # no machine of that name is known
    UNREACHABLE = "unreachable"
    PROXY = "proxy"
    TLS = "tls"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"  # the line broke, or the answer ended before its end
    # what it says
    REFUSED = "refused"  # the key
    MOVED = "moved"  # ``detail`` is the other address; nothing is sent there unasked
    NO_API = "no_api"  # a server, but not with this interface at this address
    NO_SUCH_MODEL = "no_such_model"  # ``known`` names those that it has
    PICTURES_UNSUPPORTED = "pictures_unsupported"
    BEAMS_UNSUPPORTED = "beams_unsupported"
    TOO_LONG = "too_long"  # for the model's positions
    TOO_LARGE = "too_large"  # for the server, in bytes
    REJECTED = "rejected"  # for a reason of its own, in ``detail``
    BUSY = "busy"
    SERVER = "server"  # it says that it is in trouble
    FILTERED = "filtered"  # it cut the answer off on purpose
    BAD_ANSWER = "bad_answer"  # what it sends cannot be understood


NETWORK_FAULTS = frozenset(
    {
        RemoteFault.NAME,
        RemoteFault.UNREACHABLE,
        RemoteFault.PROXY,
        RemoteFault.TLS,
        RemoteFault.TIMEOUT,
        RemoteFault.INTERRUPTED,
        RemoteFault.REFUSED,
        RemoteFault.MOVED,
        RemoteFault.NO_API,
        RemoteFault.BUSY,
        RemoteFault.SERVER,
        RemoteFault.FILTERED,
        RemoteFault.BAD_ANSWER,
    }
)


class RemoteError(EngineError):
    """A server cannot be used. ``server`` is its host and port, ``detail`` its own words.

    ``status`` is 0, and ``retry_after`` None, where they are not known. The key is in none of it.
    """

    def __init__(
        self,
        fault: RemoteFault,
        server: str,
        *,
        detail: str = "",
        status: int = 0,
        model: str = "",
        known: tuple[str, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        number = f"HTTP {status}" if status else ""
        parts = [fault.value, server, number, model, detail]
        super().__init__(": ".join(part for part in parts if part))
        self.fault = fault
        self.server = server
        self.detail = detail
        self.status = status
        self.model = model
        self.known = known
        self.retry_after = retry_after
