"""The quick reader itself: its real networks on pictures of known text."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from engine.errors import ModelError, ModelFault, OutOfMemory, PictureError, PictureFault
from engine.messages import (
    Finished,
    Phase,
    Picture,
    PictureSeen,
    Progress,
    StopReason,
    TextDelta,
)
from engine.quick import networks, parts
from engine.quick.looking import copy_for_finder, scale_for, strips_of
from engine.quick.networks import Letters
from engine.quick.parts import quick_parts
from engine.quick.reader import QuickReader
from tests.engine.quick.conftest import as_picture, drawn

ROOT = Path(__file__).resolve().parents[3]
LINES = ("Total: 42.50 EUR", "Room 204")


def text_of(reader: QuickReader, picture: Picture) -> str:
    *_, last = reader.read(picture)
    assert isinstance(last, Finished)
    return last.text


# The stream


def test_a_stream_is_like_an_answer(reader: QuickReader) -> None:
    events = list(reader.read(as_picture(drawn(LINES))))
    assert [event for event in events if isinstance(event, Finished)] == events[-1:]
    (seen,) = (event for event in events if isinstance(event, PictureSeen))
    assert (seen.grid, seen.views, seen.downscaled) == (None, ((seen.width, seen.height),), False)
    phases = [event.phase for event in events if isinstance(event, Progress)]
    assert phases == [Phase.SEEING, Phase.WRITING, Phase.WRITING]
    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    assert deltas == [LINES[0], "\n" + LINES[1]]
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.text == "".join(deltas)
    assert (last.reason, last.token_ids, last.prompt_token_ids) == (StopReason.END, (), ())
    told = last.statistics
    assert told.see_seconds > 0
    assert told.write_seconds > 0
    assert told.see_seconds < told.first_token_seconds < told.see_seconds + told.write_seconds
    assert told.tokens_per_second == 0


def test_to_stop_is_to_stop_pulling(reader: QuickReader, monkeypatch: pytest.MonkeyPatch) -> None:
    read, calls = Letters.read, list[int]()

    def counted(letters: Letters, pixels: networks.Pixels) -> tuple[str, float]:
        calls.append(1)
        return read(letters, pixels)

    monkeypatch.setattr(Letters, "read", counted)
    stream = reader.read(as_picture(drawn(LINES)))
    for event in stream:
        if isinstance(event, TextDelta):
            break
    assert len(calls) == 1
    assert text_of(reader, as_picture(drawn(LINES[1:]))) == LINES[1]


def test_the_first_picture_loads_the_networks() -> None:
    reader = QuickReader()
    stream = reader.read(as_picture(drawn(LINES)))
    assert isinstance(next(stream), PictureSeen)
    assert next(stream) == Progress(Phase.LOADING, 0, 2)
    assert not reader.loaded
    assert next(stream) == Progress(Phase.LOADING, 1, 2)
    assert next(stream) == Progress(Phase.SEEING, 0, 1)
    assert reader.loaded
    reader.close()
    assert not reader.loaded


# Pictures


def test_no_text_is_an_answer(reader: QuickReader) -> None:
    assert text_of(reader, as_picture(Image.new("RGB", (200, 100), "teal"))) == ""


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (3000, 2), (20, 20)])
def test_tiny_pictures(reader: QuickReader, size: tuple[int, int]) -> None:
    assert text_of(reader, as_picture(Image.new("RGB", size, "white"))) == ""


def test_a_tight_cut_is_read(reader: QuickReader) -> None:
    image = drawn(LINES[:1])
    box = ImageOps.invert(image.convert("L")).getbbox()
    assert text_of(reader, as_picture(image.crop(box))) == LINES[0]


@pytest.mark.parametrize(("size", "gap"), [(20, 6), (14, 6), (28, 10), (28, 8)])
def test_a_row_whose_cells_nearly_touch_stays_in_its_table(
    reader: QuickReader, size: int, gap: int
) -> None:
    rows = [("Item", "Price"), ("Coffee", "3.50"), ("Bread", "2.20"), ("Shipping", "4.20"),
            ("Tea", "1.80"), ("Milk", "0.95")]  # fmt: skip
    font, image = ImageFont.load_default(size), Image.new("RGB", (300, 320), "white")
    draw = ImageDraw.Draw(image)
    end = 20 + draw.textlength("Shipping", font) + gap + draw.textlength("4.20", font)
    for place, (name, price) in enumerate(rows):
        top = 20 + place * size * 1.7
        draw.text((20, top), name, "black", font)
        draw.text((end - draw.textlength(price, font), top), price, "black", font)
    assert text_of(reader, as_picture(image)) == "\n".join("\t".join(row) for row in rows)


def test_words_of_prose_are_no_cells(reader: QuickReader) -> None:
    lines = ("The first of four", "lines of a letter", "that nobody will", "take for a table")
    assert text_of(reader, as_picture(drawn(lines))) == "\n".join(lines)


def test_light_on_dark(reader: QuickReader) -> None:
    assert text_of(reader, as_picture(ImageOps.invert(drawn(LINES[:1])))) == LINES[0]


def test_what_a_file_says_of_itself_is_heeded(reader: QuickReader) -> None:
    """Lying on its side, to be turned upright; and black text on nothing at all."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = drawn(LINES[:1]).transpose(Image.Transpose.ROTATE_90)
    assert text_of(reader, as_picture(lying, "JPEG", exif=exif, quality=95)) == LINES[0]
    clear = Image.new("RGBA", drawn(LINES[:1]).size, (0, 0, 0, 0))
    clear.putalpha(ImageOps.invert(drawn(LINES[:1]).convert("L")))
    assert text_of(reader, as_picture(clear)) == LINES[0]


def test_a_crooked_line_is_set_straight(reader: QuickReader) -> None:
    turned = drawn(LINES[:1], width=300).rotate(8, expand=True, fillcolor="white")
    assert text_of(reader, as_picture(turned)) == LINES[0]


def test_a_thin_letter_is_not_laid_on_its_side(reader: QuickReader) -> None:
    assert text_of(reader, as_picture(drawn(["1"], size=40, width=80))) == "1"


def test_a_long_picture_is_cut_between_lines(reader: QuickReader) -> None:
    """A page of many screens: seen in strips, of which no cut goes through a line."""
    image = Image.new("RGB", (1400, 4200), "white")
    for number, top in enumerate(range(100, 4100, 500)):
        image.paste(drawn([f"Line number {number}"], size=26), (200, top))
    events = list(reader.read(as_picture(image)))
    strips = [e for e in events if isinstance(e, Progress) and e.phase is Phase.SEEING]
    assert strips == [Progress(Phase.SEEING, n, len(strips)) for n in range(len(strips))]
    assert len(strips) > 1
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.text.split("\n") == [f"Line number {number}" for number in range(8)]


def test_cuts_go_through_quiet_rows() -> None:
    import numpy as np

    pixels = np.full((6000, 1000, 3), 255, np.uint8)
    for top in range(0, 6000, 30):  # lines of 20 rows, 10 rows apart
        pixels[top : top + 20, ::2] = 0
    strips = strips_of(pixels, 1.0)
    assert len(strips) > 1
    assert (strips[0].top, strips[-1].bottom) == (0, 6000)
    assert all(strip.top % 30 >= 20 for strip in strips[1:])
    assert all(a.bottom == b.top for a, b in pairwise(strips))


@pytest.mark.parametrize(
    ("size", "scale"),
    [
        ((800, 600), 1.0),
        ((1920, 1080), 1.0),
        ((2560, 1440), 0.75),
        ((3840, 2160), 0.5),
        ((5120, 1440), 0.5),
        ((900, 20_000), 1.0),
    ],
)
def test_dense_screens_are_looked_at_smaller(size: tuple[int, int], scale: float) -> None:
    assert scale_for(*size) == pytest.approx(scale)


def test_huge_photographs_are_looked_at_in_few_strips() -> None:
    assert 12_000 * 9_000 * scale_for(12_000, 9_000) ** 2 < 10_000_000


def test_the_copy_is_not_stretched() -> None:
    import numpy as np

    copy = copy_for_finder(np.full((50, 70, 3), 9, np.uint8), 1.0)
    assert copy.shape[0] % 32 == copy.shape[1] % 32 == 0
    assert (copy == 9).all()


# Failures


@pytest.mark.parametrize(
    ("data", "fault"),
    [(b"", PictureFault.EMPTY), (b"hello", PictureFault.NOT_A_PICTURE)],
)
def test_bad_pictures(data: bytes, fault: PictureFault) -> None:
    """Refused before anything is loaded."""
    reader = QuickReader()
    with pytest.raises(PictureError) as raised:
        next(iter(reader.read(Picture.from_bytes(data, "bad.png"))))
    assert raised.value.fault is fault
    assert not reader.loaded


def test_a_missing_package_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PACKAGES", ("rapidocr", "no_such_package"))
    assert not quick_parts().ready
    with pytest.raises(ModelError) as raised:
        list(QuickReader().load())
    assert (raised.value.fault, raised.value.name) == (ModelFault.NO_FILE, "no_such_package")


def test_a_damaged_network_has_a_name(tmp_path: Path) -> None:
    finder, _ = quick_parts().networks()
    damaged = tmp_path / finder.name
    damaged.write_bytes(finder.read_bytes()[:1000])
    with pytest.raises(ModelError) as raised:
        networks.Finder(damaged)
    assert (raised.value.fault, raised.value.name) == (ModelFault.DAMAGED_FILE, finder.name)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Failed to allocate memory for X")])
def test_no_room(reader: QuickReader, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    finder, _ = loaded(reader)

    def full(_: object) -> None:
        raise error

    monkeypatch.setattr(finder, "_detector", full)
    with pytest.raises(OutOfMemory):
        list(reader.read(as_picture(drawn(LINES[:1]))))


def loaded(reader: QuickReader) -> tuple[networks.Finder, Letters]:
    stream = reader.load()
    try:
        while True:
            next(stream)
    except StopIteration as end:
        return end.value


# What it does not do


QUIET = """
import sys

FORBIDDEN = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"}

def watch(event, arguments):
    if event in FORBIDDEN:
        print("NETWORK", event, arguments)

sys.addaudithook(watch)
import engine
from engine.messages import Finished, Picture
from engine.quick.parts import quick_parts
assert quick_parts().ready
assert not {"rapidocr", "onnxruntime", "cv2", "numpy"} & sys.modules.keys()
from engine.quick.reader import QuickReader
*_, last = QuickReader().read(Picture.read("resources/samples/line.png"))
print(last.text)
assert not {"torch", "transformers", "PySide6"} & sys.modules.keys()
"""


def test_it_is_quiet_offline_and_light() -> None:
    told = subprocess.run(
        [sys.executable, "-c", QUIET], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "The quick brown fox\n", "")
