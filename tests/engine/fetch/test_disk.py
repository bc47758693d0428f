"""Disks that are full, read-only or taken."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.fetch.disk import OWNER, check_space, disk_errors, existing_parent, folder_lock
from engine.fetch.download import download
from engine.fetch.errors import DISK_FAULTS, FetchError, FetchFault
from engine.fetch.parts import Part

from .server import Fault, Hub, serving
from .small import HASTY, Small, fails, fault_of, fetch, one_file, source

DATA = bytes(range(256)) * 1_200
ONE = one_file(DATA)

Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mount a tmpfs with the given options; skips where that is not allowed."""
    place = tmp_path / "mounted"
    place.mkdir()
    tool = shutil.which("mount")
    mounted = []

    def mount(options: str) -> Path:
        if tool is None or sys.platform != "linux":
            pytest.skip("no mount command of Linux")
        words = [tool, "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"cannot mount a tmpfs: {done.stderr.strip()}")
        mounted.append(place)
        return place

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_too_little_space_is_known_before_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def usage(path: Path) -> object:
        asked.append(Path(path))
        return SimpleNamespace(free=100_000)

    monkeypatch.setattr("engine.fetch.disk.shutil.disk_usage", usage)
    with serving({"one.bin": DATA}) as hub:
        error = fails(ONE, tmp_path / "a" / "b", hub.address)
        assert hub.asked == []
    assert error.fault is FetchFault.NO_SPACE
    assert (error.needed, error.free) == (len(DATA), 100_000)
    assert asked == [tmp_path / "a" / "b"]


def test_what_is_there_needs_no_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(cut_after=300_000))
        fault_of(ONE, tmp_path, hub.address, patience=replace(HASTY, attempts=1))
        needed = []
        monkeypatch.setattr(
            "engine.fetch.download.check_space", lambda _, count: needed.append(count)
        )
        fetch(ONE, tmp_path, hub.address, patience=replace(HASTY, spare_bytes=1_000))
    assert needed == [len(DATA) - 300_000 + 1_000]


def test_space_on_the_volume_of_the_folder(mount: Mount) -> None:
    place = mount("size=1m")
    assert existing_parent(place / "not" / "yet") == place
    check_space(place / "not" / "yet", 500_000)
    with pytest.raises(FetchError) as caught:
        check_space(place / "not" / "yet", 2_000_000)
    assert caught.value.free <= 2**20


def test_disk_full_while_writing(mount: Mount) -> None:
    """The check passes, then somebody else fills the disk; with room again it goes on."""
    place = mount("size=600k")
    with serving({"one.bin": DATA}) as hub:
        hub.faults.append(Fault(cut_after=50_000))
        stream = download(ONE, place / "one", [source(hub.address)], patience=HASTY)
        with closing(stream):
            next(stream)
            (place / "other").write_bytes(bytes(400_000))
            with pytest.raises(FetchError) as caught:
                list(stream)
        assert caught.value.fault is FetchFault.DISK_FULL
        kept = Part(place / "one", "one.bin").size
        assert 0 < kept < len(DATA)
        (place / "other").unlink()
        fetch(ONE, place / "one", hub.address)
        assert hub.asked[-1].start == kept
    assert (place / "one" / "one.bin").read_bytes() == DATA


def test_file_larger_than_the_file_system_takes(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as hub:
        with file_limit(100_000):
            error = fails(ONE, tmp_path, hub.address)
        assert error.fault is FetchFault.FILE_TOO_LARGE
        assert Part(tmp_path, "one.bin").size == 100_000
        fetch(ONE, tmp_path, hub.address)
        assert hub.asked[-1].start == 100_000
    assert (tmp_path / "one.bin").read_bytes() == DATA


def test_read_only_file_system(mount: Mount) -> None:
    place = mount("size=1m,ro")
    with serving({"one.bin": DATA}) as hub:
        assert fault_of(ONE, place, hub.address) is FetchFault.READ_ONLY
        assert fault_of(ONE, place / "new", hub.address) is FetchFault.READ_ONLY
        assert hub.asked == []


def test_read_only_folder(tmp_path: Path) -> None:
    if sys.platform == "win32" or os.geteuid() == 0:
        pytest.skip("this account may write everywhere")
    tmp_path.chmod(0o500)
    with serving({"one.bin": DATA}) as hub:
        assert fault_of(ONE, tmp_path, hub.address) is FetchFault.NO_PERMISSION
        assert hub.asked == []
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, FetchFault.DISK_FULL),
        (errno.EFBIG, FetchFault.FILE_TOO_LARGE),
        (errno.EACCES, FetchFault.NO_PERMISSION),
        (errno.EROFS, FetchFault.READ_ONLY),
        (errno.EIO, FetchFault.DISK_FAILED),
    ],
)
def test_errors_of_the_system_have_names(tmp_path: Path, number: int, fault: FetchFault) -> None:
    with pytest.raises(FetchError) as caught, disk_errors(tmp_path):
        raise OSError(number, "no")
    assert caught.value.fault is fault
    assert fault in DISK_FAULTS
    assert caught.value.name == str(tmp_path)


def test_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving({"one.bin": DATA}) as hub:
        assert fault_of(ONE, tmp_path / "file", hub.address) is FetchFault.DISK_FAILED


def test_disk_errors_are_not_tried_elsewhere(tmp_path: Path) -> None:
    with serving({"one.bin": DATA}) as first, serving({"one.bin": DATA}) as second:
        with file_limit(100_000):
            fails(ONE, tmp_path, first.address, second.address)
        bodies = [asked for asked in (*first.asked, *second.asked) if "range" not in asked.headers]
        assert len(bodies) == 1


HOLDER = """
import sys
from pathlib import Path
from engine.fetch.disk import folder_lock
with folder_lock(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


def test_two_programs_at_once(tmp_path: Path, small: Small, hub: Hub) -> None:
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"in"
        error = fails(small.manifest, tmp_path, hub.address)
        assert error.fault is FetchFault.BUSY
        assert (error.name, error.detail) == (str(tmp_path), str(other.pid))
        assert hub.asked == []
        other.kill()  # a lock does not outlive its holder
    fetch(small.manifest, tmp_path, hub.address)
    assert small.is_whole(tmp_path)


def test_two_downloads_in_one_program(tmp_path: Path, small: Small, hub: Hub) -> None:
    with closing(
        download(small.manifest, tmp_path, [source(hub.address)], patience=HASTY)
    ) as stream:
        next(stream)
        assert fault_of(small.manifest, tmp_path, hub.address) is FetchFault.BUSY
    fetch(small.manifest, tmp_path, hub.address)
    assert not (tmp_path / OWNER).exists()


def test_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), folder_lock(tmp_path):
        raise RuntimeError
    with folder_lock(tmp_path):
        assert (tmp_path / OWNER).read_text() == str(os.getpid())
