"""Whatever interrupts a download, the next one goes on and ends with the right bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.fetch.download import download
from engine.fetch.errors import FetchFault
from engine.fetch.events import FetchFinished, FetchProgress, Retrying, Verifying
from engine.fetch.parts import Part
from engine.fetch.record import RECORD
from tests.engine.fetch.server import Fault, Hub, serving
from tests.engine.fetch.small import HASTY, ONCE, Small, Waits, fault_of, fetch, one_file, source

BIG = random.Random(1).randbytes(300_000)
ONE = one_file(BIG)


def part_size(folder: Path, name: str = "one.bin") -> int:
    return Part(folder, name).size


def left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that is easy, because each run waits for the disk several times."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_killed_line_at_100_random_bytes(quick_folder: Path) -> None:
    offsets = random.Random(2).sample(range(len(BIG)), 100)
    with serving({"one.bin": BIG}) as hub:
        for number, offset in enumerate(offsets):
            folder = quick_folder / str(number)
            hub.faults.append(Fault(cut_after=offset))
            fault = fault_of(ONE, folder, hub.address, patience=ONCE)
            assert fault is FetchFault.NO_CONNECTION
            assert part_size(folder) == offset
            fetch(ONE, folder, hub.address, patience=ONCE)
            assert hub.asked[-1].start == offset
            assert (folder / "one.bin").read_bytes() == BIG
        assert hub.sent == 100 * len(BIG)  # not one byte came twice


def test_stopped_at_100_random_bytes(tmp_path: Path) -> None:
    offsets = sorted(random.Random(3).sample(range(len(BIG)), 100))
    stops = 0
    with serving({"one.bin": BIG}) as hub:
        for offset in offsets:
            if part_size(tmp_path) > offset:
                continue
            stream = download(ONE, tmp_path, [source(hub.address)], patience=ONCE)
            with closing(stream):
                for event in stream:
                    if isinstance(event, FetchProgress) and event.bytes_done >= offset:
                        stops += 1
                        break
        fetch(ONE, tmp_path, hub.address)
    assert stops > 2
    assert (tmp_path / "one.bin").read_bytes() == BIG
    assert hub.asked[-1].start > 0


def test_hundred_cuts_in_one_download(quick_folder: Path) -> None:
    with serving({"one.bin": BIG}) as hub:
        hub.faults.extend(Fault(cut_after=2_500) for _ in range(100))
        events = fetch(ONE, quick_folder, hub.address)
    retries = [event for event in events if isinstance(event, Retrying)]
    assert {event.attempt for event in retries} == {1}  # each try brought something
    assert hub.sent == len(BIG)
    assert (quick_folder / "one.bin").read_bytes() == BIG


PROGRAM = """
import sys
from pathlib import Path
from engine.fetch.download import download
from engine.fetch.manifest import Manifest, ModelFile
from engine.fetch.sources import own_address
folder, address, size, digest = sys.argv[1:]
one = Manifest("one", "One", (ModelFile("one.bin", int(size), digest),))
for event in download(one, Path(folder), [own_address(address)]):
    pass
"""


def start_program(folder: Path, address: str) -> subprocess.Popen[bytes]:
    size, digest = ONE.files[0].size, ONE.files[0].sha256
    return subprocess.Popen([sys.executable, "-c", PROGRAM, folder, address, str(size), digest])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("offset", [1, 299_999])
def test_killed_program(tmp_path: Path, offset: int) -> None:
    with serving({"one.bin": BIG}) as hub:
        hub.faults.append(Fault(stall_after=offset))
        with start_program(tmp_path, hub.address) as program:
            assert hub.stalling.wait(20)
            while part_size(tmp_path) < offset:
                assert program.poll() is None
            program.send_signal(signal.SIGKILL)
        assert program.returncode == -signal.SIGKILL
        fetch(ONE, tmp_path, hub.address)
        assert hub.asked[-1].start == offset
    assert left_over(tmp_path) == {"one.bin", RECORD, "download.lock"}
    assert (tmp_path / "one.bin").read_bytes() == BIG


def test_power_cut_while_writing(tmp_path: Path, hub: Hub) -> None:
    """What was not synced may be zeros, so only what was synced is built upon."""
    with serving({"one.bin": BIG}) as hub:
        hub.faults.append(Fault(cut_after=100_000))
        fault_of(ONE, tmp_path, hub.address, patience=ONCE)
        part = Part(tmp_path, "one.bin")
        assert part.note.synced == 100_000  # an orderly end syncs
        part.describe(replace(part.note, synced=40_000))
        with part.path.open("r+b") as file:
            file.seek(40_000)
            file.write(bytes(60_000))
        later = part.path.stat().st_mtime + 60
        fetch(ONE, tmp_path, hub.address, clock=Waits().clock(boot=later))
        assert hub.asked[-1].start == 40_000
    assert (tmp_path / "one.bin").read_bytes() == BIG


def test_syncs_on_the_way(tmp_path: Path) -> None:
    with serving({"one.bin": BIG}) as hub:
        hub.faults.append(Fault(stall_after=200_000))
        stream = download(ONE, tmp_path, [source(hub.address)], patience=HASTY)
        with closing(stream):
            while part_size(tmp_path) < 200_000:
                next(stream)
            synced = Part(tmp_path, "one.bin").note.synced
    assert 200_000 - HASTY.sync_bytes - 2**16 < synced <= 200_000


@pytest.mark.parametrize("renamed", ["tokenizer.model", "one.safetensors"])
def test_power_cut_between_rename_and_record(
    tmp_path: Path, small: Small, hub: Hub, renamed: str
) -> None:
    fetch(small.manifest, tmp_path, hub.address)
    record = (tmp_path / RECORD).read_text()
    (tmp_path / RECORD).write_text(record.replace(f'"{renamed}"', '"another"'))
    asked = len(hub.asked)
    events = fetch(small.manifest, tmp_path, hub.address)
    assert len(hub.asked) == asked
    assert {event.file for event in events if isinstance(event, Verifying)} == {renamed}
    again = fetch(small.manifest, tmp_path, hub.address)
    assert [type(event) for event in again] == [FetchFinished]


@pytest.mark.parametrize("rubbish", [b"", b"\0" * 50, b'{"files": 3}', b"[1]"])
def test_record_and_note_damaged_by_power_cut(
    tmp_path: Path, small: Small, hub: Hub, rubbish: bytes
) -> None:
    hub.faults.append(Fault("two.safetensors", cut_after=1_000))
    fault_of(small.manifest, tmp_path, hub.address, patience=ONCE)
    (tmp_path / RECORD).write_bytes(rubbish)
    (tmp_path / "two.safetensors.part.json").write_bytes(rubbish)
    fetch(small.manifest, tmp_path, hub.address)
    assert hub.asked_for("two.safetensors")[-1].start == 1_000
    assert small.is_whole(tmp_path)


def test_broken_copy_is_continued(tmp_path: Path, small: Small, hub: Hub) -> None:
    small.write(tmp_path)
    (tmp_path / "one.safetensors").write_bytes(small.files["one.safetensors"][:70_000])
    fetch(small.manifest, tmp_path, hub.address, replace=True)
    assert [asked.start for asked in hub.asked] == [70_000]
    assert small.is_whole(tmp_path)


def test_stop_while_the_line_is_silent(tmp_path: Path) -> None:
    patience = replace(HASTY, stall_seconds=60.0)
    with serving({"one.bin": BIG}) as hub:
        hub.faults.append(Fault(stall_after=1_000))
        stream = download(ONE, tmp_path, [source(hub.address)], patience=patience)
        with closing(stream):
            while part_size(tmp_path) < 1_000:
                next(stream)
            silent = [next(stream) for _ in range(3)]  # would block without the empty pieces
    assert all(isinstance(event, FetchProgress) for event in silent)
    assert part_size(tmp_path) == 1_000
