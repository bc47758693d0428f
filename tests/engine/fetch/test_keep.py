"""Verify, repair, import, list and remove; and what may not be touched."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.fetch.download import download, repair
from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import FetchFinished, FileState, VerifyFinished, Verifying
from engine.fetch.index import derive_index
from engine.fetch.library import Library, require_whole
from engine.fetch.manifest import INDEX, MINICPM_V_2, Licence, Manifest, ModelFile
from engine.fetch.record import Record
from engine.fetch.verify import verify

from .server import Hub
from .small import HASTY, Small, Waits, fails, fetch, small_model, source


def states(events: Iterable[object]) -> dict[str, FileState]:
    *_, last = events
    assert isinstance(last, VerifyFinished)
    return {file.name: file.state for file in last.files}


def hashed(events: Iterable[object]) -> set[str]:
    return {event.file for event in events if isinstance(event, Verifying)}


def damage(path: Path) -> None:
    """Change one byte, and neither length nor time."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def repaired(small: Small, folder: Path, hub: Hub) -> list[object]:
    patience, clock = HASTY, Waits().clock()
    return list(
        repair(small.manifest, folder, [source(hub.address)], patience=patience, clock=clock)
    )


# the manifest


def test_published_manifest() -> None:
    assert MINICPM_V_2.known_bytes == 4_993_235_928 + 1_876_772_888 + 1_994_817
    assert len(MINICPM_V_2.shards) == 2
    assert MINICPM_V_2.licence is not None
    assert all(len(file.sha256) == 64 for file in MINICPM_V_2.files if file.pinned)
    tensors = 6_869_931_584  # the rest of the two shards is headers
    assert 0 < sum(f.size or 0 for f in MINICPM_V_2.files[2:4]) - tensors < 200_000


@pytest.mark.parametrize("names", [("a", "a"), ("../a",), ("a/b",)])
def test_manifest_refuses_bad_names(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="file names"):
        Manifest("bad", "Bad", tuple(ModelFile(name) for name in names))


def test_index_is_derived_as_published(tmp_path: Path, small: Small) -> None:
    folder = small.write(tmp_path)
    shards = [folder / name for name in small.manifest.shards]
    assert derive_index(shards) == small.files[INDEX]


@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"\xff" * 20, b"\x02" + b"\0" * 7 + b"[]"])
def test_index_of_rubbish(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"one\.safetensors"):
        derive_index([path])


# verify


def test_verify_hashes_once(tmp_path: Path, small: Small) -> None:
    folder, record = small.write(tmp_path), Record.inside(tmp_path)
    pinned = {file.name for file in small.manifest.files if file.pinned}
    first = list(verify(small.manifest, folder, record))
    assert hashed(first) == pinned
    assert set(states(first).values()) == {FileState.GOOD}
    second = list(verify(small.manifest, folder, record))
    assert hashed(second) == set()
    assert set(states(second).values()) == {FileState.GOOD}
    assert hashed(verify(small.manifest, folder, record, force=True)) == pinned


def test_verify_sees_a_touched_file(tmp_path: Path, small: Small) -> None:
    folder, record = small.write(tmp_path), Record.inside(tmp_path)
    list(verify(small.manifest, folder, record))
    os.utime(folder / "one.safetensors", ns=(1, 1))
    assert hashed(verify(small.manifest, folder, record)) == {"one.safetensors"}


def test_verify_names_what_is_wrong(tmp_path: Path, small: Small) -> None:
    folder = small.write(tmp_path, without=["tokenizer.model"])
    (folder / "config.json").write_text('{"hidden_size": 5}')
    (folder / "one.safetensors").write_bytes(b"short")
    damage(folder / "two.safetensors")
    (folder / INDEX).write_text('{"weight_map": {}}')
    assert states(verify(small.manifest, folder, Record.inside(folder))) == {
        "config.json": FileState.WRONG_CONTENT,
        "tokenizer.model": FileState.MISSING,
        "one.safetensors": FileState.WRONG_LENGTH,
        "two.safetensors": FileState.WRONG_HASH,
        INDEX: FileState.WRONG_CONTENT,
    }


def test_only_force_finds_rot_on_the_disk(tmp_path: Path, small: Small) -> None:
    folder, record = small.write(tmp_path), Record.inside(tmp_path)
    list(verify(small.manifest, folder, record))
    damage(folder / "two.safetensors")
    calm = states(verify(small.manifest, folder, record))
    strict = states(verify(small.manifest, folder, record, force=True))
    assert calm["two.safetensors"] is FileState.GOOD
    assert strict["two.safetensors"] is FileState.WRONG_HASH


def test_verify_without_folder(tmp_path: Path, small: Small) -> None:
    with pytest.raises(FetchError) as caught:
        list(verify(small.manifest, tmp_path / "no", Record.inside(tmp_path)))
    assert caught.value.fault is FetchFault.NO_FOLDER


# repair


def test_repair_fetches_only_what_is_bad(tmp_path: Path, small: Small, hub: Hub) -> None:
    fetch(small.manifest, tmp_path, hub.address)
    hub.asked.clear()
    damage(tmp_path / "two.safetensors")
    (tmp_path / "config.json").unlink()
    assert hashed(repaired(small, tmp_path, hub)) >= {"one.safetensors", "two.safetensors"}
    assert {asked.path for asked in hub.asked} == {"/two.safetensors", "/config.json"}
    assert small.is_whole(tmp_path)


def test_repair_makes_the_index_without_network(tmp_path: Path, small: Small, hub: Hub) -> None:
    fetch(small.manifest, tmp_path, hub.address)
    hub.asked.clear()
    (tmp_path / INDEX).write_text("{")
    assert repaired(small, tmp_path, hub)[-1] == FetchFinished(str(tmp_path), 0)
    assert hub.asked == []
    assert small.is_whole(tmp_path)


def test_somebody_elses_file_stays(tmp_path: Path, small: Small, hub: Hub) -> None:
    """A folder may hold another model: its config.json is not ours to replace."""
    (tmp_path / "config.json").write_text('{"hidden_size": 8}')
    error = fails(small.manifest, tmp_path, hub.address)
    assert error.fault is FetchFault.FOREIGN_FILE
    assert error.name == str(tmp_path / "config.json")
    assert (tmp_path / "config.json").read_text() == '{"hidden_size": 8}'
    assert fails(small.manifest, tmp_path, hub.address).fault is FetchFault.FOREIGN_FILE


def test_good_copy_is_taken_as_it_is(tmp_path: Path, small: Small, hub: Hub) -> None:
    small.write(tmp_path)
    fetch(small.manifest, tmp_path, hub.address)
    assert hub.asked == []


def test_licence_comes_before_the_first_byte(tmp_path: Path, hub: Hub) -> None:
    licensed = small_model(Licence("Some Licence", "https://licence.test"))
    sources = [source(hub.address)]
    with pytest.raises(FetchError) as caught:
        next(download(licensed.manifest, tmp_path / "new", sources))
    assert caught.value.fault is FetchFault.LICENCE
    assert hub.asked == []
    assert not (tmp_path / "new").exists()
    stream = download(licensed.manifest, tmp_path, sources, licence_accepted=True, patience=HASTY)
    assert isinstance(list(stream)[-1], FetchFinished)


# the library


def test_list_of_a_library(tmp_path: Path, small: Small, hub: Hub) -> None:
    library = Library(tmp_path)
    entry = library.entry(small.manifest)
    assert (entry.present, entry.whole, entry.size) == (False, False, 0)
    with pytest.raises(FetchError) as caught:
        require_whole(entry)
    assert caught.value.fault is FetchFault.MISSING
    fetch(small.manifest, library.folder(small.manifest), hub.address)
    entry = library.entry(small.manifest)
    require_whole(entry)
    assert (entry.present, entry.whole, entry.imported) == (True, True, False)
    assert entry.size == sum(len(data) for data in small.files.values())
    assert entry.folder == str(tmp_path / "Small")


def test_import_uses_a_folder_where_it_is(tmp_path: Path, small: Small) -> None:
    folder = small.write(tmp_path / "theirs")
    before = sorted(folder.iterdir())
    library = Library(tmp_path / "ours")
    list(library.import_folder(small.manifest, folder))
    assert library.folder(small.manifest) == folder
    assert library.entry(small.manifest).whole
    assert sorted(folder.iterdir()) == before
    record = library.record(small.manifest)
    assert hashed(verify(small.manifest, folder, record)) == set()
    assert library.remove(small.manifest) == 0
    assert sorted(folder.iterdir()) == before
    assert not library.entry(small.manifest).present


def test_import_of_a_bad_folder_changes_nothing(tmp_path: Path, small: Small) -> None:
    folder = small.write(tmp_path / "theirs")
    damage(folder / "one.safetensors")
    library = Library(tmp_path / "ours")
    seen = states(library.import_folder(small.manifest, folder))
    assert seen["one.safetensors"] is FileState.WRONG_HASH
    assert library.folder(small.manifest) == tmp_path / "ours" / "Small"


def test_remove_deletes_only_the_models_files(tmp_path: Path, small: Small, hub: Hub) -> None:
    library = Library(tmp_path)
    folder = library.folder(small.manifest)
    fetch(small.manifest, folder, hub.address)
    (folder / "one.safetensors.part").write_bytes(b"12345")
    (folder / "codes-int8-rows.safetensors").write_bytes(b"1234567")  # made from the model
    (folder / "diary.txt").write_text("mine")
    freed = library.remove(small.manifest)
    assert freed == sum(len(data) for data in small.files.values()) + 5 + 7
    assert [path.name for path in folder.iterdir()] == ["diary.txt"]
    (folder / "diary.txt").unlink()
    library.remove(small.manifest)
    assert not folder.exists()


def test_chosen_folder_is_remembered(tmp_path: Path, small: Small) -> None:
    Library(tmp_path).use_folder(small.manifest, tmp_path / "big disk")
    assert Library(tmp_path).folder(small.manifest) == tmp_path / "big disk"
    Library(tmp_path).remove(small.manifest)
    assert Library(tmp_path).folder(small.manifest) == tmp_path / "Small"


def test_licence_is_remembered(tmp_path: Path) -> None:
    library = Library(tmp_path / "new")
    assert not library.licence_accepted(MINICPM_V_2)
    library.accept_licence(MINICPM_V_2)
    library.use_folder(MINICPM_V_2, tmp_path)
    assert Library(tmp_path / "new").licence_accepted(MINICPM_V_2)


@pytest.mark.parametrize("content", ["", "[]", '{"folders": 1}', '{"folders": {"small": {}}}'])
def test_damaged_registry_is_an_empty_one(tmp_path: Path, small: Small, content: str) -> None:
    (tmp_path / "registry.json").write_text(content)
    library = Library(tmp_path)
    assert library.folder(small.manifest) == tmp_path / "Small"
    library.accept_licence(MINICPM_V_2)
    assert "licences" in json.loads((tmp_path / "registry.json").read_text())
