"""The text of a licence, fetched from where its authors keep it, so that it can be read first."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from urllib.parse import urlsplit

from .errors import FetchError, FetchFault
from .events import Choosing, LicenceText
from .manifest import Licence
from .settings import Clock, Patience
from .sources import Source
from .transport import check_response, chunks, network_errors, open_client

MOST_BYTES = 2**18


def fetch_licence(
    licence: Licence, patience: Patience | None = None, clock: Clock | None = None
) -> Generator[Choosing | LicenceText, None, None]:
    """Get the text; closes with LicenceText. Raises FetchError."""
    patience, clock = patience or Patience(), clock or Clock()
    source = Source(urlsplit(licence.text_address).netloc, licence.text_address)
    data = bytearray()
    yield Choosing()
    with (
        network_errors(licence.name, source),
        open_client(patience) as client,
        client.stream("GET", licence.text_address) as response,
    ):
        check_response(response, licence.name, source)
        with closing(chunks(response, patience, clock)) as pieces:  # type: ignore[type-var]
            for piece in pieces:
                data += piece
                yield Choosing()
                if len(data) > MOST_BYTES:
                    raise _no_text(licence, source)
    try:
        text = data.decode("utf-8").strip()
    except ValueError:
        text = ""
    if not text or text.startswith("<"):  # a page that wants a login, perhaps
        raise _no_text(licence, source)
    yield LicenceText(text)


def _no_text(licence: Licence, source: Source) -> FetchError:
    return FetchError(FetchFault.WRONG_CONTENT, licence.name, source=source.name, detail="no text")
