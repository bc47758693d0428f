"""What can go wrong while a model's files are fetched or kept, as one type with data."""

from __future__ import annotations

from enum import Enum

from ..errors import EngineError


class FetchFault(str, Enum):
    """Why files cannot be fetched or kept."""

    LICENCE = "licence"  # nobody has accepted it yet
    # the network and what is behind it
    BAD_ADDRESS = "bad_address"
    NO_CONNECTION = "no_connection"
    UNTRUSTED = "untrusted"  # the certificate, or a redirect to a plain address
    PROXY = "proxy"
    STALLED = "stalled"
    SERVER = "server"  # it says that it is in trouble now
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"  # any other status
    # the source has something else
    WRONG_LENGTH = "wrong_length"
    WRONG_HASH = "wrong_hash"
    WRONG_CONTENT = "wrong_content"
    # the disk
    NO_SPACE = "no_space"  # known before the first byte
    DISK_FULL = "disk_full"  # while writing
    FILE_TOO_LARGE = "file_too_large"  # for this file system or this account
    NO_PERMISSION = "no_permission"
    READ_ONLY = "read_only"
    DISK_FAILED = "disk_failed"
    BUSY = "busy"  # another program is at work in the folder
    FOREIGN_FILE = "foreign_file"  # a file of that name is there and is not ours
    # what is on the disk
    NO_FOLDER = "no_folder"
    MISSING = "missing"


NETWORK_FAULTS = frozenset(
    {
        FetchFault.BAD_ADDRESS,
        FetchFault.NO_CONNECTION,
        FetchFault.UNTRUSTED,
        FetchFault.PROXY,
        FetchFault.STALLED,
        FetchFault.SERVER,
        FetchFault.NOT_FOUND,
        FetchFault.FORBIDDEN,
        FetchFault.REFUSED,
        FetchFault.WRONG_LENGTH,
        FetchFault.WRONG_HASH,
        FetchFault.WRONG_CONTENT,
    }
)
DISK_FAULTS = frozenset(
    {
        FetchFault.NO_SPACE,
        FetchFault.DISK_FULL,
        FetchFault.FILE_TOO_LARGE,
        FetchFault.NO_PERMISSION,
        FetchFault.READ_ONLY,
        FetchFault.DISK_FAILED,
        FetchFault.BUSY,
        FetchFault.FOREIGN_FILE,
    }
)
# what another try may mend without anyone doing anything
PASSING_FAULTS = frozenset(
    {FetchFault.NO_CONNECTION, FetchFault.PROXY, FetchFault.STALLED, FetchFault.SERVER}
)


class FetchError(EngineError):
    """Files cannot be fetched or kept. ``name`` is the file, folder or address at fault.

    ``source`` names where the file was asked for. Byte counts are 0, and ``retry_after``
    None, where they are not known.
    """

    def __init__(
        self,
        fault: FetchFault,
        name: str,
        *,
        detail: str = "",
        source: str = "",
        needed: int = 0,
        free: int = 0,
        retry_after: float | None = None,
    ) -> None:
        parts = [fault.value, name, source, detail]
        super().__init__(": ".join(part for part in parts if part))
        self.fault = fault
        self.name = name
        self.detail = detail
        self.source = source
        self.needed = needed
        self.free = free
        self.retry_after = retry_after
