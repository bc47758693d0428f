"""A small model in the published layout, a clock that needs no waiting, and ways to consume."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.fetch.download import download
from engine.fetch.errors import FetchError, FetchFault
from engine.fetch.events import FetchEvent, FetchFinished
from engine.fetch.manifest import INDEX, JsonCheck, Licence, Manifest, ModelFile
from engine.fetch.settings import Clock, Patience
from engine.fetch.sources import Source, own_address

HASTY = Patience(
    connect_seconds=5.0,
    stall_seconds=5.0,
    race_seconds=10.0,
    attempts=3,
    attempts_new=3,
    event_seconds=0.0,
    quiet_seconds=0.03,
    sync_bytes=2**14,
    spare_bytes=0,
)
ONCE = replace(HASTY, attempts=1, attempts_new=1)


class Waits:
    """The real time, but sleeping only moves the clock."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return time.monotonic() + sum(self.slept)

    def clock(self, boot: float = 0.0) -> Clock:
        return Clock(self.now, self.slept.append, lambda: boot, lambda: 1.0)


@dataclass(frozen=True)
class Small:
    """A model: its manifest and its bytes."""

    manifest: Manifest
    files: dict[str, bytes]

    def write(self, folder: Path, *, without: Iterable[str] = ()) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            if name not in without:
                (folder / name).write_bytes(data)
        return folder

    def is_whole(self, folder: Path) -> bool:
        return all((folder / name).read_bytes() == data for name, data in self.files.items())


def shard(tensors: dict[str, bytes]) -> bytes:
    """A safetensors file with these tensors as bytes."""
    header, start = {}, 0
    for name, data in tensors.items():
        places = [start, start + len(data)]
        header[name] = {"dtype": "U8", "shape": [len(data)], "data_offsets": places}
        start += len(data)
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + b"".join(tensors.values())


def small_model(licence: Licence | None = None) -> Small:
    chance = random.Random(5)
    sizes = {"a": 60_000, "b": 41_000, "c": 33_000}
    tensors = {name: chance.randbytes(size) for name, size in sizes.items()}
    first = shard({name: tensors[name] for name in ("a", "b")})
    second = shard({"c": tensors["c"]})
    places = {"a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"}
    index = {"metadata": {"total_size": 134_000}, "weight_map": places}
    files = {
        "config.json": json.dumps({"hidden_size": 4}).encode(),
        "tokenizer.model": chance.randbytes(3_000),
        "one.safetensors": first,
        "two.safetensors": second,
        INDEX: (json.dumps(index, indent=2) + "\n").encode(),
    }
    manifest = Manifest(
        "small",
        "Small",
        (
            ModelFile("config.json", check=JsonCheck(values=(("hidden_size", 4),))),
            *(
                ModelFile(name, len(files[name]), hashlib.sha256(files[name]).hexdigest())
                for name in ("tokenizer.model", "one.safetensors", "two.safetensors")
            ),
            ModelFile(INDEX, check=JsonCheck(counts=(("weight_map", 3),)), derived=True),
        ),
        hugging_face="them/small",
        modelscope="Them/small",
        licence=licence,
    )
    return Small(manifest, files)


def one_file(data: bytes, name: str = "one.bin") -> Manifest:
    """A model that is one pinned file."""
    digest = hashlib.sha256(data).hexdigest()
    return Manifest("one", "One", (ModelFile(name, len(data), digest),))


def fetch(
    manifest: Manifest,
    folder: Path,
    *addresses: str,
    patience: Patience = HASTY,
    clock: Clock | None = None,
    force: bool = False,
    replace: bool = False,
) -> list[FetchEvent]:
    """Download to the end; the last event is checked."""
    events = list(
        download(
            manifest,
            folder,
            [source(address) for address in addresses],
            patience=patience,
            clock=clock or Waits().clock(),
            force=force,
            replace=replace,
        )
    )
    assert isinstance(events[-1], FetchFinished)
    return events


def fails(manifest: Manifest, folder: Path, *addresses: str, **options: object) -> FetchError:
    """Download, and hand out the error that it has to end with."""
    with pytest.raises(FetchError) as caught:
        fetch(manifest, folder, *addresses, **options)  # type: ignore[arg-type]
    return caught.value


def fault_of(manifest: Manifest, folder: Path, *addresses: str, **options: object) -> FetchFault:
    return fails(manifest, folder, *addresses, **options).fault


def source(address: str) -> Source:
    return own_address(address)
