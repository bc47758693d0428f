"""Where the model lies, or would lie, and how much of it; nothing is hashed for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import fetch_wording
from desktop_app.i18n import tr
from desktop_app.model_state import ModelState, Stage

if TYPE_CHECKING:
    from engine.fetch.library import Entry, Library
    from engine.fetch.manifest import Manifest


class ModelShelf:
    """One model's place on this machine, with the folder that is wished and not begun."""

    def __init__(self, library: Library, manifest: Manifest) -> None:
        self.library = library
        self.manifest = manifest
        self.chosen: Path | None = None

    def choose(self, folder: Path) -> None:
        """The folder itself if it is empty or holds files of the model, else one below it."""
        ours = any((folder / file.name).exists() for file in self.manifest.files)
        used = folder.is_dir() and any(folder.iterdir())
        self.chosen = folder if ours or not used else folder / self.manifest.folder_name

    @property
    def target(self) -> Path:
        """Where a download would go; somebody else's folder is not written to."""
        if self.chosen is not None:
            return self.chosen
        if self.library.imported(self.manifest):
            return self.library.home(self.manifest)
        return self.library.folder(self.manifest)

    @property
    def begun(self) -> bool:
        """Whether something of it lies where it would be repaired. Raises FetchError."""
        return self.chosen is None and self.library.entry(self.manifest).present

    @property
    def licence_accepted(self) -> bool:
        """Whether somebody has agreed to the licence on this machine, or there is none."""
        return self.library.licence_accepted(self.manifest)

    def look(self, source: str) -> ModelState:
        """What is so now. Raises FetchError."""
        entry = self.library.entry(self.manifest)
        if entry.present and entry.whole:
            return self._whole(entry, source)
        folder, done = self.target, entry.size
        begun = entry.present and folder == Path(entry.folder)
        if not begun:
            done = 0
        stage = Stage.PAUSED if begun else Stage.ABSENT
        total = max(done, self.manifest.known_bytes)
        seen = ModelState(stage, str(folder), done=done, total=total, source=source)
        if not begun:
            return seen
        line = fetch_wording.amount(done, total)
        return replace(seen, line=line, note=fetch_wording.kept())

    def _whole(self, entry: Entry, source: str) -> ModelState:
        note = ""
        if any(file.state.value == "unchecked" for file in entry.files):
            note = tr("Not checked yet: Check reads every byte.")
        return ModelState(
            Stage.COMPLETE,
            entry.folder,
            entry.imported,
            done=entry.size,
            total=entry.size,
            source=source,
            note=note,
        )
