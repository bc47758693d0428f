"""What the person has set. Only what differs from the defaults is written down."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

LOG = logging.getLogger(__name__)
CHOICES = {
    "theme": ("system", "light", "dark"),
    "history": ("keep", "off"),
    "history_days": ("0", "7", "30", "90", "365"),  # 0 keeps them for good
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default."""

    theme: str = "system"
    language: str = "system"
    picture_folder: str = ""  # where the last picture was opened
    model_source: str = ""  # where the full model is fetched from
    history: str = "keep"  # whether conversations are kept
    history_days: str = "0"  # how long
    server: str = ""  # a model elsewhere is asked; empty: the model runs here
    server_model: str = ""

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read a settings file; a bad value falls back to its default and is logged."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            LOG.warning("settings %s: %s", path.name, error)
            return cls()
        if not isinstance(stored, dict):
            LOG.warning("settings %s: not an object", path.name)
            return cls()
        return replace(cls(), **{key: value for key, value in stored.items() if _good(key, value)})

    def save(self, path: Path) -> None:
        """Write what differs from the defaults."""
        default = asdict(Settings())
        changed = {key: value for key, value in asdict(self).items() if value != default[key]}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(changed, indent=2, ensure_ascii=False), encoding="utf-8")


def _good(key: str, value: object) -> bool:
    known = {field.name for field in fields(Settings)}
    good = key in known and isinstance(value, str) and value in CHOICES.get(key, (value,))
    if not good:
        LOG.warning("setting %s: %r is ignored", key, value)
    return good
