"""The licence's text: fetched, read, and remembered as what was shown."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import LicenceText
from engine.fetch.library import Library
from engine.fetch.licence import MOST_BYTES, fetch_licence
from engine.fetch.manifest import Licence

from .server import Fault, closed_address, serving
from .small import HASTY, small_model

TEXT = "# Some Licence\n\n许可协议：use it well.\n"


def licence(address: str) -> Licence:
    return Licence("Some Licence", "https://licence.test", f"{address}/licence.md")


def test_the_text_comes_as_it_is() -> None:
    with serving({"licence.md": TEXT.encode()}) as hub:
        *_, last = fetch_licence(licence(hub.address), HASTY)
    assert last == LicenceText(TEXT.strip())


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"<html>log in</html>", b"x" * (MOST_BYTES + 1)],
    ids=["empty", "not text", "page", "endless"],
)
def test_what_is_no_text_is_not_shown(body: bytes) -> None:
    with serving({"licence.md": body}) as hub, pytest.raises(FetchError) as caught:
        list(fetch_licence(licence(hub.address), HASTY))
    assert caught.value.fault is FetchFault.WRONG_CONTENT


def test_nobody_has_it() -> None:
    with serving({}) as hub, pytest.raises(FetchError) as caught:
        list(fetch_licence(licence(hub.address), HASTY))
    assert caught.value.fault is FetchFault.NOT_FOUND
    with pytest.raises(FetchError) as caught:
        list(fetch_licence(licence(closed_address()), HASTY))
    assert caught.value.fault is FetchFault.NO_CONNECTION


def test_a_silent_server_can_be_left() -> None:
    with serving({"licence.md": TEXT.encode()}) as hub:
        hub.faults.append(Fault(stall_after=3))
        stream = fetch_licence(licence(hub.address), HASTY)
        for _ in range(4):
            assert not isinstance(next(stream), LicenceText)
        stream.close()


def test_what_was_accepted_is_remembered(tmp_path: Path) -> None:
    model = small_model(licence("http://licence.test")).manifest
    Library(tmp_path).accept_licence(model, TEXT)
    kept = json.loads((tmp_path / "registry.json").read_text())["licences"]["Some Licence"]
    assert kept["text_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert Library(tmp_path).licence_accepted(model)
