"""What the headers of an answer say about a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from .errors import FetchError, FetchFault
from .manifest import ModelFile

RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
SHA256 = re.compile(r"[0-9a-f]{64}")
GIT_BLOB = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A file as a server offers it: from byte ``start``, ``total`` bytes in all if it says so.

    ``sha256`` and ``git_blob`` are the digests that hubs send with it, empty where they do not.
    """

    status: int
    start: int
    total: int | None
    etag: str
    sha256: str
    git_blob: str

    @property
    def strong_etag(self) -> str:
        """The ETag if it vouches for every byte."""
        return "" if self.etag.startswith("W/") else self.etag


def read_offer(response: httpx2.Response) -> Offer:
    """The last answer of a chain of redirects; a hub's own headers come with the first one."""
    chain = (*response.history, response)
    digest = _first(chain, "X-Linked-ETag")
    if not digest and _first(chain, "X-Repo-Commit"):
        digest = response.headers.get("ETag", "")
    digest = digest.removeprefix("W/").strip('"')
    start, total = _extent(response)
    return Offer(
        status=response.status_code,
        start=start,
        total=total,
        etag=response.headers.get("ETag", ""),
        sha256=digest if SHA256.fullmatch(digest) else "",
        git_blob=digest if GIT_BLOB.fullmatch(digest) else "",
    )


def check_offer(offer: Offer, file: ModelFile, source: str) -> None:
    """Raise FetchError where the server says by itself that it has another file."""
    if file.size is not None and offer.total is not None and offer.total != file.size:
        detail = f"{offer.total} bytes, not {file.size}"
        raise FetchError(FetchFault.WRONG_LENGTH, file.name, source=source, detail=detail)
    if file.size is None and (offer.total or 0) > file.most_bytes:
        detail = f"{offer.total} bytes"
        raise FetchError(FetchFault.WRONG_LENGTH, file.name, source=source, detail=detail)
    if file.sha256 and offer.sha256 and offer.sha256 != file.sha256:
        raise FetchError(FetchFault.WRONG_HASH, file.name, source=source, detail=offer.sha256)


def _first(chain: Sequence[httpx2.Response], name: str) -> str:
    return next((r.headers[name] for r in chain if name in r.headers), "")


def _extent(response: httpx2.Response) -> tuple[int, int | None]:
    if response.status_code in (206, 416):
        match = RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if match is None:
            return (0, None) if response.status_code == 416 else (-1, None)
        total = None if match[3] == "*" else int(match[3])
        return int(match[1] or 0), total
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None
