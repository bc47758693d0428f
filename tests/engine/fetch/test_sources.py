"""Where files come from: addresses, racing, standing in for each other, certificates, proxies."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import cast

import pytest

from engine.fetch.download import download
from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import Choosing, SourceChosen
from engine.fetch.manifest import MINICPM_V_2, Manifest
from engine.fetch.race import first_source
from engine.fetch.sources import (
    Source,
    hugging_face,
    modelscope,
    own_address,
    public_sources,
)

from .server import Fault, Hub, closed_address, serving
from .small import HASTY, Small, fails, fault_of, fetch, source


def test_addresses_of_the_hubs() -> None:
    first, second = public_sources(MINICPM_V_2, {})
    assert first.url("config.json") == (
        "https://huggingface.co/openbmb/MiniCPM-V-2/resolve/main/config.json"
    )
    assert second.url("config.json") == (
        "https://modelscope.cn/models/OpenBMB/MiniCPM-V-2/resolve/master/config.json"
    )


def test_addresses_from_the_environment() -> None:
    environment = {
        "HF_ENDPOINT": "http://mirror.test:8080/",
        "HF_TOKEN": "secret",
        "MODELSCOPE_DOMAIN": "www.modelscope.ai",
    }
    first = hugging_face(MINICPM_V_2, environment, "a/b")
    assert first.address == "http://mirror.test:8080/openbmb/MiniCPM-V-2/resolve/a%2Fb"
    assert first.token == "secret"
    assert "secret" not in repr(first)
    assert modelscope(MINICPM_V_2, environment).address.startswith("https://www.modelscope.ai/")


@pytest.mark.parametrize(
    "address", ["", "model", "ftp://x/y", "http://", "https://a:b/", "file:///x"]
)
def test_addresses_that_cannot_be(address: str) -> None:
    with pytest.raises(FetchError) as caught:
        own_address(address)
    assert caught.value.fault is FetchFault.BAD_ADDRESS


def test_token_goes_to_the_hub_only(tmp_path: Path, small: Small, hub: Hub) -> None:
    with serving({}) as front:
        headers = (("Location", f"{hub.address}/config.json"),)
        front.faults.append(Fault(status=302, headers=headers))
        sources = [hugging_face(small.manifest, {"HF_ENDPOINT": front.address, "HF_TOKEN": "t"})]
        with pytest.raises(FetchError):
            list(download(small.manifest, tmp_path, sources, patience=HASTY))
        asked = front.asked[0]
        assert asked.path == "/them/small/resolve/main/config.json"
        assert asked.headers["authorization"] == "Bearer t"
    assert "authorization" not in hub.asked[0].headers


def winner(sources: Sequence[Source], manifest: Manifest) -> Source:
    """Pull a race to its end."""
    race = first_source(sources, manifest, HASTY)
    while True:
        try:
            assert next(race) == Choosing()
        except StopIteration as end:
            return cast(Source, end.value)


def test_race_is_won_by_the_first_right_answer(small: Small, hub: Hub) -> None:
    wrong = dict(small.files, **{"one.safetensors": b"short"})
    with serving(small.files) as silent, serving(wrong) as liar:
        silent.faults.append(Fault(mute=True, repeat=True))
        addresses = [closed_address(), liar.address, silent.address, hub.address]
        sources = [source(address) for address in addresses]
        assert winner(sources, small.manifest) == sources[3]
    assert hub.asked[-1].headers["range"] == "bytes=0-0"


def test_race_does_not_wait_for_the_silent(small: Small, hub: Hub) -> None:
    with serving({}) as silent:
        silent.faults.append(Fault(mute=True, repeat=True))
        sources = [source(silent.address), source(hub.address)]
        began = time.monotonic()
        assert winner(sources, small.manifest) == sources[1]
        assert time.monotonic() - began < HASTY.stall_seconds


def test_a_race_can_be_stopped(tmp_path: Path, small: Small) -> None:
    patience = replace(HASTY, race_seconds=60.0, stall_seconds=60.0)
    with serving({}) as one, serving({}) as other:
        for silent in (one, other):
            silent.faults.append(Fault(mute=True, repeat=True))
        sources = [source(one.address), source(other.address)]
        began = time.monotonic()
        with closing(download(small.manifest, tmp_path, sources, patience=patience)) as stream:
            assert [event for event in islice(stream, 12) if isinstance(event, Choosing)]
        assert time.monotonic() - began < 20


def test_race_without_winner(small: Small) -> None:
    sources = [source(closed_address()), source(closed_address())]
    with pytest.raises(FetchError) as caught:
        winner(sources, small.manifest)
    assert caught.value.fault is FetchFault.NO_CONNECTION
    assert caught.value.source == sources[0].name


def test_one_source_stands_in_for_another(tmp_path: Path, small: Small, hub: Hub) -> None:
    with serving(small.files) as first:
        first.faults.append(Fault("one.safetensors"))  # the race
        first.faults.append(Fault("one.safetensors", cut_after=30_000))
        first.faults.append(Fault("one.safetensors", status=404, repeat=True))
        hub.faults.append(Fault("one.safetensors", mute=True))  # loses the race
        events = fetch(small.manifest, tmp_path, first.address, hub.address)
    chosen = [event.address for event in events if isinstance(event, SourceChosen)]
    assert chosen == [first.address, hub.address]
    assert hub.asked_for("one.safetensors")[-1].start == 30_000
    assert not hub.asked_for("tokenizer.model")
    assert small.is_whole(tmp_path)


def test_unknown_certificate_is_final(
    tmp_path: Path, small: Small, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving(small.files, certificate) as hub:
        error = fails(small.manifest, tmp_path, hub.address)
        assert hub.asked == []
    assert error.fault is FetchFault.UNTRUSTED


def test_known_certificate(tmp_path: Path, small: Small, certificate: Path) -> None:
    with serving(small.files, certificate) as hub:
        hub.faults.append(Fault("one.safetensors", cut_after=20_000))
        fetch(small.manifest, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked_for("one.safetensors")] == [0, 20_000]
    assert small.is_whole(tmp_path)


def test_redirect_from_https_to_http_is_refused(
    tmp_path: Path, small: Small, hub: Hub, certificate: Path
) -> None:
    with serving({}, certificate) as front:
        headers = (("Location", f"{hub.address}/config.json"),)
        front.faults.append(Fault(status=302, headers=headers))
        assert fault_of(small.manifest, tmp_path, front.address) is FetchFault.UNTRUSTED


def test_proxy_of_the_environment(
    tmp_path: Path, small: Small, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain proxy is asked for the whole address, which our server takes for a path."""
    monkeypatch.setenv("http_proxy", hub.address)
    fetch(small.manifest, tmp_path, "http://models.test/here")
    assert small.is_whole(tmp_path)
    assert {asked.headers["host"] for asked in hub.asked} == {"models.test"}
