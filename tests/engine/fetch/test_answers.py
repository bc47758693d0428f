"""Servers that answer wrongly, late, or elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from engine.fetch.errors import FetchFault
from engine.fetch.events import FetchProgress, Retrying, Verifying
from engine.fetch.manifest import JsonCheck, Manifest, ModelFile
from engine.fetch.parts import Part

from .server import Fault, Hub, closed_address, serving
from .small import HASTY, ONCE, Small, Waits, fails, fault_of, fetch, one_file

DATA = bytes(range(256)) * 200
ONE = one_file(DATA)
OPEN = Manifest("open", "Open", (ModelFile("open.json", check=JsonCheck((("a", 1),))),))


def interrupted(manifest: Manifest, folder: Path, hub: Hub, after: int) -> None:
    """Leave a part of so many bytes."""
    hub.faults.append(Fault(cut_after=after))
    fault_of(manifest, folder, hub.address, patience=ONCE)
    assert Part(folder, manifest.files[0].name).size == after


def test_whole_model(tmp_path: Path, small: Small, hub: Hub) -> None:
    events = fetch(small.manifest, tmp_path, hub.address)
    assert small.is_whole(tmp_path)
    progress = [event for event in events if isinstance(event, FetchProgress)]
    done = [event.bytes_done for event in progress]
    assert done == sorted(done)
    fetched = sum(len(data) for name, data in small.files.items() if "index" not in name)
    assert (progress[-1].bytes_done, progress[-1].bytes_total) == (fetched, fetched)
    assert progress[-1].speed > 0
    assert progress[-1].seconds_left == 0
    hashed = {event.file for event in events if isinstance(event, Verifying)}
    assert hashed == {file.name for file in small.manifest.files if file.pinned}
    assert {asked.headers["accept-encoding"] for asked in hub.asked} == {"identity"}


def test_server_without_ranges_starts_over(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.faults.append(Fault(no_ranges=True))
        fetch(ONE, tmp_path, hub.address)
        assert hub.asked[-1].start == 10_000
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_range_from_a_wrong_byte(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.faults.extend([Fault(wrong_start=True)] * 2)
        fetch(ONE, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked[-3:]] == [10_000, 10_000, 0]
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_changed_etag_of_a_pinned_file_costs_nothing(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.etags["one.bin"] = '"another"'
        fetch(ONE, tmp_path, hub.address)
        assert hub.asked[-1].start == 10_000
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_changed_file_behind_a_changed_etag(tmp_path: Path) -> None:
    """The first bytes were another file's: the hash notices, the second run is right."""
    with serving({"one.bin": DATA[::-1]}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.files["one.bin"] = DATA
        fetch(ONE, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked[-2:]] == [10_000, 0]
    assert (tmp_path / "one.bin").read_bytes() == DATA


@pytest.mark.parametrize("deaf", [False, True])
def test_changed_etag_of_an_open_file_starts_over(tmp_path: Path, deaf: bool) -> None:
    with serving({"open.json": b'{"a": 1, "b": 20}'}) as hub:
        interrupted(OPEN, tmp_path, hub, 8)
        hub.files["open.json"] = b'{ "b": 345, "a": 1}'
        hub.faults.append(Fault(deaf=deaf))
        fetch(OPEN, tmp_path, hub.address)
        assert hub.asked[1].headers["if-range"].startswith('"')
        assert hub.asked[1].start == 8
    assert (tmp_path / "open.json").read_bytes() == b'{ "b": 345, "a": 1}'


def test_open_file_that_is_whole_already(tmp_path: Path) -> None:
    """416 with the length that is there: nothing is missing but the rename."""
    data = b'{"a": 1}'
    with serving({"open.json": data}) as hub:
        interrupted(OPEN, tmp_path, hub, 4)
        part = Part(tmp_path, "open.json")
        part.path.write_bytes(data)
        fetch(OPEN, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked] == [0, len(data)]
        assert hub.sent == 4


def test_416_for_what_should_be_there(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.faults.append(Fault(status=416))
        fetch(ONE, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked] == [0, 10_000, 0]
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_wrong_length_touches_nothing(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        interrupted(ONE, tmp_path, hub, 10_000)
        hub.faults.append(Fault(body=b"<html>Please pay for the network</html>", no_ranges=True))
        error = fails(ONE, tmp_path, hub.address)
    assert error.fault is FetchFault.WRONG_LENGTH
    assert Part(tmp_path, "one.bin").size == 10_000


def test_more_bytes_than_there_should_be(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(body=DATA + b"!", no_length=True))
        assert fault_of(ONE, tmp_path, hub.address) is FetchFault.WRONG_LENGTH


def test_open_file_without_end(tmp_path: Path) -> None:
    with serving({"open.json": b"0" * 2_000_000}) as hub:
        assert fault_of(OPEN, tmp_path, hub.address) is FetchFault.WRONG_LENGTH
        hub.faults.append(Fault(no_length=True))
        assert fault_of(OPEN, tmp_path, hub.address) is FetchFault.WRONG_LENGTH


def test_length_unknown(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(no_length=True, cut_after=9_999))
        fetch(ONE, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked] == [0, 9_999]
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_wrong_hash_gets_one_more_chance(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(body=DATA[::-1]))
        fetch(ONE, tmp_path, hub.address)
        assert [asked.start for asked in hub.asked] == [0, 0]
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_wrong_hash_twice_is_an_error(tmp_path: Path) -> None:
    with serving({"one.bin": DATA[::-1]}) as hub:
        error = fails(ONE, tmp_path, hub.address)
        assert len(hub.asked) == 2
    assert error.fault is FetchFault.WRONG_HASH
    assert error.name == "one.bin"
    assert not (tmp_path / "one.bin").exists()
    assert Part(tmp_path, "one.bin").size == 0


@pytest.mark.parametrize("content", [b"<html>", b'{"a": 2}', b"[]", b'{"b": 1}', b"\xff\xfe"])
def test_wrong_content(tmp_path: Path, content: bytes) -> None:
    with serving({"open.json": content}) as hub:
        assert fault_of(OPEN, tmp_path, hub.address) is FetchFault.WRONG_CONTENT
    assert not (tmp_path / "open.json").exists()


def test_hub_says_beforehand_that_it_has_another_file(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        other = hashlib.sha256(b"other").hexdigest()
        hub.faults.append(Fault(headers=(("X-Linked-ETag", f'"{other}"'),)))
        assert fault_of(ONE, tmp_path, hub.address) is FetchFault.WRONG_HASH
        assert len(hub.asked) == 1


@pytest.mark.parametrize("right", [True, False])
def test_hub_says_the_git_name_of_a_small_file(tmp_path: Path, right: bool) -> None:
    data = b'{"a": 1}'
    with serving({"open.json": data}) as hub:
        name = hashlib.sha1(b"blob 8\0" + (data if right else data[::-1])).hexdigest()
        hub.etags["open.json"] = f'"{name}"'
        hub.faults.append(Fault(headers=(("X-Repo-Commit", "0" * 40),)))
        if right:
            fetch(OPEN, tmp_path, hub.address)
        else:
            assert fault_of(OPEN, tmp_path, hub.address) is FetchFault.WRONG_HASH


def test_trouble_at_the_server_passes(tmp_path: Path) -> None:
    waits = Waits()
    with serving({"one.bin": DATA}) as hub:
        hub.faults.extend([Fault(status=503), Fault(status=500)])
        patience = replace(HASTY, quiet_seconds=100)
        events = fetch(ONE, tmp_path, hub.address, patience=patience, clock=waits.clock())
    retries = [event for event in events if isinstance(event, Retrying)]
    assert [event.attempt for event in retries] == [1, 2]
    assert {event.reason for event in retries} == {FetchFault.SERVER}
    assert [round(seconds, 1) for seconds in waits.slept] == [1.0, 2.0]


def test_trouble_at_the_server_stays(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(status=503, repeat=True))
        error = fails(ONE, tmp_path, hub.address)
        assert len(hub.asked) == HASTY.attempts_new
    assert error.fault is FetchFault.SERVER
    assert error.detail == "HTTP 503"


def test_retry_after_is_heeded(tmp_path: Path) -> None:
    waits = Waits()
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(status=429, headers=(("Retry-After", "7"),)))
        patience = replace(HASTY, quiet_seconds=100)
        fetch(ONE, tmp_path, hub.address, patience=patience, clock=waits.clock())
    assert [round(seconds) for seconds in waits.slept] == [7]


def test_waits_are_cut_into_pieces(tmp_path: Path) -> None:
    waits = Waits()
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(status=503))
        events = fetch(
            ONE,
            tmp_path,
            hub.address,
            clock=waits.clock(),
            patience=replace(HASTY, quiet_seconds=0.25),
        )
    left = [event.seconds for event in events if isinstance(event, Retrying)]
    assert len(left) >= 3
    assert left == sorted(left, reverse=True)
    assert max(waits.slept) <= 0.25


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (404, FetchFault.NOT_FOUND),
        (401, FetchFault.FORBIDDEN),
        (403, FetchFault.FORBIDDEN),
        (400, FetchFault.REFUSED),
    ],
)
def test_final_answers_are_not_asked_twice(tmp_path: Path, status: int, fault: FetchFault) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(status=status, repeat=True))
        assert fault_of(ONE, tmp_path, hub.address) is fault
        assert len(hub.asked) == 1


def test_stall_is_noticed_and_mended(tmp_path: Path) -> None:
    patience = replace(HASTY, stall_seconds=0.5, quiet_seconds=0.05)
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(stall_after=10_000))
        events = fetch(ONE, tmp_path, hub.address, patience=patience)
        assert [asked.start for asked in hub.asked] == [0, 10_000]
    retry = next(event for event in events if isinstance(event, Retrying))
    assert retry.reason is FetchFault.STALLED
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_nobody_listens(tmp_path: Path) -> None:
    error = fails(ONE, tmp_path, closed_address())
    assert error.fault is FetchFault.NO_CONNECTION
    assert error.name == "one.bin"


def test_redirect_to_another_server(tmp_path: Path, small: Small, hub: Hub) -> None:
    with serving({}) as front:
        for name in small.files:
            headers = (("Location", f"{hub.address}/store/{name}?signature=x"),)
            front.faults.append(Fault(name, status=302, headers=headers, repeat=True))
        hub.faults.append(Fault("one.safetensors", cut_after=20_000))
        fetch(small.manifest, tmp_path, front.address)
        assert len(front.asked_for("one.safetensors")) == 2
    assert [asked.start for asked in hub.asked_for("one.safetensors")] == [0, 20_000]
    assert small.is_whole(tmp_path)


def test_redirects_without_end(tmp_path: Path) -> None:
    with serving({}) as hub:
        headers = (("Location", f"{hub.address}/one.bin"),)
        hub.faults.append(Fault(status=302, headers=headers, repeat=True))
        assert fault_of(ONE, tmp_path, hub.address) is FetchFault.REFUSED


def test_compressed_answer_is_refused(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(headers=(("Content-Encoding", "gzip"),)))
        assert fault_of(ONE, tmp_path, hub.address) is FetchFault.REFUSED
