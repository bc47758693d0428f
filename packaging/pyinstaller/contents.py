"""What goes into a frozen program beside what PyInstaller finds by itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[2]
NAME = "MiniCPM-V"
SHIPPED = ("i18n", "icons", "samples", "starter")  # folders of resources; README's pictures stay
# loaded by name: the commands, what the engine gives lazily, keyrings, the networks' package
LAZY_PACKAGES = ("desktop_app", "engine", "keyring.backends", "rapidocr")
WITH_FILES = ("rapidocr", "sentencepiece")  # networks and settings; a library
WITH_METADATA = (
    *("keyring", "minicpmv-desktop", "PySide6-Essentials", "rapidocr"),
    *("safetensors", "sentencepiece", "transformers"),
)
# What only the library part or the tests use, and what others would bring without need
UNUSED = (
    *("timm", "torchvision", "torchaudio", "transformers.models", "transformers.pipelines"),
    *("tkinter", "matplotlib", "IPython", "pytest", "pandas", "scipy", "tensorboard", "triton"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtPdf", "PySide6.QtDesigner"),
)
ICON_PIXELS = 1024


def version() -> str:
    """Return the project's version."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: str = tomllib.load(file)["project"]["version"]
    return found


def resources() -> list[tuple[str, str]]:
    """Return the folders that ship, each with its place in the program."""
    return [(str(ROOT / "resources" / name), f"resources/{name}") for name in SHIPPED]


def notices() -> list[tuple[str, str]]:
    """Return the licence, which travels with the program."""
    return [(str(ROOT / "LICENSE"), ".")]


def looked_at() -> list[tuple[str, str]]:
    """Return the sources that transformers reads when it is imported, without loading them.

    It lists its folder of models, which is left out, and must find one there.
    """
    package = find_spec("transformers.models")
    assert package is not None
    assert package.origin is not None
    models = Path(package.origin).parent
    files = ("__init__.py", "auto/__init__.py", "auto/configuration_auto.py")
    return [(str(models / file), f"transformers/models/{Path(file).parent}") for file in files]


def picture(folder: Path) -> Path:
    """Draw the program's icon as PNG into a folder, from which PyInstaller makes each system's."""
    image = QImage(QSize(ICON_PIXELS, ICON_PIXELS), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(ROOT / "resources/icons/application.svg")).render(painter)
    painter.end()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "application.png"
    image.save(str(file))
    return file


def kept(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return those of PyInstaller's entries (place, source, kind) that the program can need.

    Qt's own words are wanted in the two languages that the program speaks.
    """
    return [entry for entry in entries if wanted(Path(entry[0]).as_posix())]


def wanted(place: str) -> bool:
    """Return whether a file at a place in the program is of use."""
    if "/translations/" in place and place.startswith("PySide6"):
        return Path(place).stem.endswith(("_en", "_zh_CN"))
    return True
