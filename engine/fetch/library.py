"""Which models are on this machine, where, how large, and whether they are whole."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..folder import code_files
from .disk import LOCK, OWNER, disk_errors, folder_lock, read_json, write_json
from .errors import FetchError, FetchFault
from .events import FileReport, FileState, VerifyEvent, VerifyFinished
from .manifest import Manifest
from .parts import NOTE, PART
from .record import RECORD, Record
from .verify import glance_all, verify

REGISTRY = "registry.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model and its folder. Of one that was imported only the place is ours."""

    name: str
    folder: str
    imported: bool
    files: tuple[FileReport, ...]

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.size for file in self.files)

    @property
    def present(self) -> bool:
        """Whether there is anything of it at all."""
        return any(file.state is not FileState.MISSING for file in self.files)

    @property
    def whole(self) -> bool:
        """Whether every file is there and, as far as is known, right."""
        fine = (FileState.GOOD, FileState.UNCHECKED)
        return all(file.state in fine for file in self.files)


class Library:
    """The folder that models are kept in, with a small registry of those that are elsewhere."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def home(self, manifest: Manifest) -> Path:
        """Where a model is kept if nobody chooses another folder."""
        return self.root / manifest.folder_name

    def folder(self, manifest: Manifest) -> Path:
        """Where a model is, or would be."""
        place = self._place(manifest)
        return Path(place["folder"]) if place else self.home(manifest)

    def imported(self, manifest: Manifest) -> bool:
        """Whether its files belong to someone else."""
        return bool(self._place(manifest).get("imported"))

    def record(self, manifest: Manifest) -> Record:
        """What was hashed of it; that of an imported folder lies with us."""
        folder = self.folder(manifest)
        return self._foreign_record(folder) if self.imported(manifest) else Record.inside(folder)

    def entry(self, manifest: Manifest) -> Entry:
        """A model as it is now, without hashing. Raises FetchError."""
        folder, record = self.folder(manifest), self.record(manifest)
        files = glance_all(manifest, folder, record)
        return Entry(manifest.name, str(folder), self.imported(manifest), files)

    def use_folder(self, manifest: Manifest, folder: Path, *, imported: bool = False) -> None:
        """Keep a model elsewhere from now on. Raises FetchError."""
        place = {"folder": str(folder.absolute()), "imported": imported}
        self._change("folders", {**self._section("folders"), manifest.name: place})

    def import_folder(self, manifest: Manifest, folder: Path) -> Generator[VerifyEvent, None, None]:
        """Check somebody's folder and, if it is whole, use it where it is.

        Yields as ``verify`` does; where that ends with bad files nothing has changed. Raises
        FetchError.
        """
        folder = folder.absolute()
        for event in verify(manifest, folder, self._foreign_record(folder), force=True):
            if isinstance(event, VerifyFinished) and not event.bad:
                self.use_folder(manifest, folder, imported=True)
            yield event

    def remove(self, manifest: Manifest) -> int:
        """Delete a model's files, or only forget a folder that was imported; returns the bytes.

        Other files that somebody keeps in the folder stay. Raises FetchError.
        """
        folder, freed = self.folder(manifest), 0
        for path in code_files(folder):  # ours, wherever the model came from
            with disk_errors(path), suppress(FileNotFoundError):
                freed += path.stat().st_size
                path.unlink()
        if self.imported(manifest):
            self._foreign_record(folder).path.unlink(missing_ok=True)
        elif folder.is_dir():
            freed += self._delete_files(manifest, folder)
        folders = self._section("folders")
        if folders.pop(manifest.name, None) is not None:
            self._change("folders", folders)
        return freed

    def licence_accepted(self, manifest: Manifest) -> bool:
        """Whether somebody has agreed to it on this machine."""
        return manifest.licence is None or manifest.licence.name in self._section("licences")

    def accept_licence(self, manifest: Manifest, text: str = "") -> None:
        """Remember that somebody has agreed, and which text was shown. Raises FetchError."""
        licence = manifest.licence
        if licence is not None:
            shown = hashlib.sha256(text.encode()).hexdigest() if text else ""
            agreed = {"address": licence.address, "text_sha256": shown}
            self._change("licences", {**self._section("licences"), licence.name: agreed})

    def _delete_files(self, manifest: Manifest, folder: Path) -> int:
        freed = 0
        with folder_lock(folder):
            for file in manifest.files:
                for path in (folder / (file.name + end) for end in ("", PART, NOTE)):
                    with disk_errors(path), suppress(FileNotFoundError):
                        size = path.stat().st_size
                        path.unlink()
                        freed += size
            with disk_errors(folder):
                (folder / RECORD).unlink(missing_ok=True)
        for name in (LOCK, OWNER):
            with suppress(OSError):
                (folder / name).unlink()
        with suppress(OSError):  # somebody else's files are in it
            folder.rmdir()
        return freed

    def _foreign_record(self, folder: Path) -> Record:
        mark = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
        return Record(self.root / f"imported-{mark}.json")

    def _place(self, manifest: Manifest) -> dict[str, Any]:
        place = self._section("folders").get(manifest.name)
        return place if isinstance(place, dict) and isinstance(place.get("folder"), str) else {}

    def _section(self, name: str) -> dict[str, Any]:
        section = read_json(self.root / REGISTRY).get(name)
        return section if isinstance(section, dict) else {}

    def _change(self, name: str, section: dict[str, Any]) -> None:
        path = self.root / REGISTRY
        with disk_errors(path):
            self.root.mkdir(parents=True, exist_ok=True)
            write_json(path, {**read_json(path), name: section})


def require_whole(entry: Entry) -> None:
    """Raise FetchError for the first file of a model that is missing or known to be wrong."""
    for file in entry.files:
        if file.state in (FileState.MISSING, FileState.PARTIAL):
            raise FetchError(FetchFault.MISSING, file.name)
        if file.state not in (FileState.GOOD, FileState.UNCHECKED):
            raise FetchError(FetchFault(file.state.value), file.name)
