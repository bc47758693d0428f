"""Questions that are asked often: the program's own in the language in use, or the person's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.i18n import noted, tr

LOG = logging.getLogger(__name__)
MOST = 50
KEYS = 9  # of them have a key


@dataclass(frozen=True, slots=True)
class Preset:
    """A question with a short name."""

    name: str
    prompt: str

    @property
    def title(self) -> str:
        """What it is called: one without a name by its question."""
        return self.name.strip() or " ".join(self.prompt.split())

    @property
    def asks(self) -> bool:
        """Whether there is a question yet."""
        return bool(self.prompt.strip())


# The prompt for reading is one that the starter model was trained on, and so in every language.
DEFAULTS = (
    Preset(noted("Read text"), "Read the text."),
    Preset(noted("Table"), noted("Write the table in the picture as a Markdown table.")),
    Preset(noted("Describe"), noted("Describe the picture in detail.")),
    Preset(noted("Translate"), noted("Translate the text in the picture into English.")),
    Preset(
        noted("JSON"),
        noted("Write what is in the picture as JSON, with one key for each field."),
    ),
)


def default_presets() -> tuple[Preset, ...]:
    """The program's own, in the language in use."""
    return tuple(Preset(tr(preset.name), tr(preset.prompt)) for preset in DEFAULTS)


class PresetStore(QObject):
    """Owns the presets and their file; until they are changed there is no file."""

    changed = Signal()
    failed = Signal(object)  # OSError: what was changed is not written down

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._own = _read(path) if path is not None else None

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The presets in their order."""
        if self._own is None:
            return default_presets()
        return tuple(_said(preset) for preset in self._own)

    @property
    def changed_by_hand(self) -> bool:
        """Whether there is something to go back from."""
        return self._own is not None

    def use(self, presets: Iterable[Preset]) -> None:
        """Take others, and write them down."""
        wished = tuple(presets)[:MOST]
        if wished != self.presets:
            # the program's own, had again, follow the language again
            self._own = None if wished == default_presets() else _sources(wished)
            self._write()
            self.changed.emit()

    def reset(self) -> None:
        """Go back to the program's own."""
        if self._own is not None:
            self._own = None
            self._write()
            self.changed.emit()

    def _write(self) -> None:
        if self._path is None:
            return
        try:
            if self._own is None:
                self._path.unlink(missing_ok=True)
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(
                [asdict(preset) for preset in self._own], ensure_ascii=False, indent=1
            )
            part = self._path.with_suffix(".part")  # a full disk must not cost the old ones
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            LOG.exception("presets")
            self.failed.emit(error)


def _said(preset: Preset) -> Preset:
    """One of the program's own in the language in use, the person's as it is."""
    return Preset(tr(preset.name), tr(preset.prompt)) if preset in DEFAULTS else preset


def _sources(presets: Iterable[Preset]) -> tuple[Preset, ...]:
    """The program's own are kept in the source language, so that they follow another one."""
    usual = dict(zip(default_presets(), DEFAULTS, strict=True))
    return tuple(usual.get(preset, preset) for preset in presets)


def _read(path: Path) -> tuple[Preset, ...] | None:
    """The person's own; None where there are none, or none that can be read."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, list):
            raise TypeError("not a list")
        made = [Preset(entry["name"], entry["prompt"]) for entry in stored]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        LOG.warning("presets %s: %s", path.name, error)
        return None
    if not all(isinstance(part, str) for preset in made for part in (preset.name, preset.prompt)):
        LOG.warning("presets %s: not all are text", path.name)
        return None
    return tuple(made[:MOST])
