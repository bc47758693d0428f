"""Where things lie: the person's own folders, and the files that ship with the program."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APPLICATION = "minicpmv"
STARTER = "starter"
FULL = "minicpm-v-2"


@dataclass(frozen=True, slots=True)
class Paths:
    """The person's own folders. Nothing is created before it is written to."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @classmethod
    def for_user(cls) -> Paths:
        """The folders that the system keeps for this program."""
        folders = platformdirs.PlatformDirs(APPLICATION, appauthor=False)
        return cls(
            config=Path(folders.user_config_dir),
            data=Path(folders.user_data_dir),
            cache=Path(folders.user_cache_dir),
            logs=Path(folders.user_log_dir),
        )

    @classmethod
    def under(cls, folder: Path) -> Paths:
        """All folders below one, for tests and for a program on a stick."""
        return cls(folder / "config", folder / "data", folder / "cache", folder / "logs")


def resource(name: str) -> Path:
    """A file or folder that ships with the program, in a checkout, a wheel or a frozen program."""
    return _resources() / name


def _resources() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def model_folder(name_or_path: str, paths: Paths | None = None) -> Path:
    """The folder of a model that is named, or given as a folder; it need not exist."""
    if name_or_path == STARTER:
        return resource(STARTER)
    if name_or_path == FULL:
        return _library_folder((paths or Paths.for_user()).data / "models")
    return Path(name_or_path).expanduser()


def _library_folder(models: Path) -> Path:
    """Where the full model is kept, or the folder that was imported."""
    from engine.fetch.library import Library
    from engine.fetch.manifest import MINICPM_V_2

    return Library(models).folder(MINICPM_V_2)
