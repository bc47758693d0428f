"""What the quick reader is made of on this machine; found without loading any of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ..errors import ModelError, ModelFault

PACKAGES = ("rapidocr", "onnxruntime", "cv2")


@dataclass(frozen=True, slots=True)
class QuickParts:
    """The package's version and networks; ``missing`` names what is not there."""

    version: str
    folder: Path
    finder: Path | None
    letters: Path | None
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def networks(self) -> tuple[Path, Path]:
        """The network that finds text, and the one that reads it. Raises ModelError."""
        if self.missing or self.finder is None or self.letters is None:
            raise ModelError(ModelFault.NO_FILE, str(self.folder), ", ".join(self.missing))
        return self.finder, self.letters


def quick_parts() -> QuickParts:
    """Look for the packages, and for the networks that lie inside one of them."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    folder = _package_folder() / "models"
    finder, letters = _newest(folder, "*_det_*.onnx"), _newest(folder, "*_rec_*.onnx")
    if "rapidocr" not in missing:
        found = {"the network that finds text": finder, "the network that reads it": letters}
        missing += [name for name, file in found.items() if file is None]
    return QuickParts(_version(), folder, finder, letters, tuple(missing))


def _package_folder() -> Path:
    spec = find_spec("rapidocr")
    return Path(spec.origin).parent if spec is not None and spec.origin else Path("rapidocr")


def _newest(folder: Path, pattern: str) -> Path | None:
    """The last by name, since the names carry the networks' version."""
    return max(folder.glob(pattern), key=lambda path: path.name, default=None)


def _version() -> str:
    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return ""
