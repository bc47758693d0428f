"""Pictures are judged by the engine's own decoder, and shown as the model sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from desktop_app.jobs import UnexpectedError, UnreadableFile
from desktop_app.picture_reader import (
    SHOWN_PIXELS,
    PastedImage,
    PictureReader,
    ShownPicture,
    Source,
    read_picture,
)
from engine.errors import OutOfMemory, PictureError


def test_a_picture_is_shown_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    image = Image.new("RGB", (64, 32), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    image.save(path, exif=exif)
    shown = read_picture(path)
    assert (shown.width, shown.height) == (32, 64)
    assert (shown.image.width(), shown.image.height()) == (32, 64)


def test_what_is_transparent_is_shown_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (9, 9), (255, 0, 0, 0)).save(path)
    assert read_picture(path).image.pixelColor(4, 4) == QColor("white")


@pytest.mark.parametrize("width", [7, 64])
def test_rows_of_any_length_are_shown_straight(tmp_path: Path, width: int) -> None:
    path = tmp_path / "edge.png"
    image = Image.new("RGB", (width, 5), "white")
    for row in range(5):
        image.putpixel((width - 1, row), (0, 0, 255))
    image.save(path)
    shown = read_picture(path).image
    assert all(shown.pixelColor(width - 1, row) == QColor(0, 0, 255) for row in range(5))
    assert all(shown.pixelColor(0, row) == QColor("white") for row in range(5))


def test_formats_that_only_pillow_reads_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "old.pcx"
    Image.new("RGB", (12, 8), "green").save(path)
    try:
        shown = read_picture(path)
    except PictureError as error:
        pytest.skip(f"the engine does not read it: {error}")
    assert shown.image.pixelColor(3, 3) == QColor("green")


def test_a_large_picture_is_kept_small_for_the_screen_only(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("L", (5000, 4000)).save(path)
    shown = read_picture(path)
    assert (shown.width, shown.height) == (5000, 4000)
    assert shown.image.width() * shown.image.height() <= SHOWN_PIXELS
    assert shown.picture.data == path.read_bytes()


def test_pasted_pixels_become_a_file_without_loss() -> None:
    image = QImage(30, 20, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    image.setPixelColor(3, 4, QColor(10, 200, 30))
    shown = read_picture(PastedImage(image, "Pasted picture"))
    assert shown.picture.name == "Pasted picture"
    assert shown.image.pixelColor(3, 4) == QColor(10, 200, 30)
    assert shown.image.pixelColor(0, 0) == QColor("white")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_picture(tmp_path)


@pytest.mark.parametrize(
    ("raised", "told"),
    [(MemoryError(), OutOfMemory), (RuntimeError("odd"), UnexpectedError)],
)
def test_whatever_happens_an_outcome_comes(
    qtbot: QtBot, raised: Exception, told: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    def read(source: Source) -> ShownPicture:
        raise raised

    reader = PictureReader(read)
    with qtbot.waitSignal(reader.finished, timeout=10_000) as caught:
        number = reader.start(Path("x.png"))
    assert caught.args is not None
    assert caught.args[0] == number
    assert isinstance(caught.args[1], told)
    reader.shutdown()
