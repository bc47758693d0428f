"""Every kind of image file comes out upright, opaque and RGB, or as an error that says why not."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.errors import PictureError, PictureFault
from engine.messages import Picture
from engine.pictures import DecodedPicture, PictureLimits, decode

LIMITS = PictureLimits()


def packed(image: Image.Image, kind: str, **options: Any) -> bytes:
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {kind}")
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def unpack(data: bytes, limits: PictureLimits = LIMITS) -> DecodedPicture:
    return decode(Picture.from_bytes(data, "a.bin"), limits)


def refusal(data: bytes, limits: PictureLimits = LIMITS) -> PictureError:
    with pytest.raises(PictureError) as caught:
        unpack(data, limits)
    assert caught.value.name == "a.bin"
    return caught.value


def noise(width: int = 60, height: int = 40) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


LOSSLESS = ["PNG", "BMP", "TIFF", "PPM", "PCX", "SGI", "QOI", "JPEG2000"]


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats(kind: str) -> None:
    picture = noise()
    made = unpack(packed(picture, kind))
    assert (made.image.mode, made.width, made.height, made.frames) == ("RGB", 60, 40, 1)
    assert made.image.tobytes() == picture.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "GIF", "ICO"])
def test_other_formats(kind: str) -> None:
    plain = Image.new("RGB", (48, 48), (200, 60, 30))
    made = unpack(packed(plain, kind))
    assert (made.image.mode, made.width, made.height, made.frames) == ("RGB", 48, 48, 1)
    assert np.abs(np.asarray(made.image).astype(int) - (200, 60, 30)).max() <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), "black")
    upright.paste("red", (0, 0, 32, 16))  # red at the top left, green at the top right
    upright.paste((0, 255, 0), (32, 0, 64, 16))
    undo = {6: 8, 8: 6}.get(orientation, orientation)
    moves = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    stored = upright.transpose(moves[undo]) if undo in moves else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = unpack(packed(stored, kind, exif=exif))
    assert (made.width, made.height) == (64, 32)
    corners = [made.image.getpixel(at) for at in ((8, 4), (56, 4), (8, 28))]
    for got, wanted in zip(corners, ((255, 0, 0), (0, 255, 0), (0, 0, 0)), strict=True):
        assert np.abs(np.subtract(got, wanted)).max() < 12  # type: ignore[arg-type]


def test_damaged_metadata_is_no_reason_to_refuse() -> None:
    data = packed(noise(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")
    assert unpack(data).width == 60


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new(mode, (3, 1), (0, 0, 0, 0) if mode == "RGBA" else (0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255) if mode == "RGBA" else (0, 255))
    image.putpixel((2, 0), (0, 0, 0, 51) if mode == "RGBA" else (0, 51))
    made = unpack(packed(image, "PNG")).image
    assert [made.getpixel((x, 0)) for x in range(3)] == [(255,) * 3, (0,) * 3, (204,) * 3]


@pytest.mark.parametrize("transparency", [0, bytes([0, 255])])
@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_palettes(kind: str, transparency: int | bytes) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    opaque = unpack(packed(image, kind)).image
    assert [opaque.getpixel((x, 0)) for x in (0, 1)] == [(10, 20, 30), (200, 100, 50)]
    if kind == "PNG" or isinstance(transparency, int):
        clear = unpack(packed(image, kind, transparency=transparency)).image
        assert [clear.getpixel((x, 0)) for x in (0, 1)] == [(255,) * 3, (200, 100, 50)]


def test_one_transparent_colour_becomes_white() -> None:
    image = Image.new("RGB", (2, 1), (9, 8, 7))
    image.putpixel((1, 0), (1, 2, 3))
    made = unpack(packed(image, "PNG", transparency=(9, 8, 7))).image
    assert [made.getpixel((x, 0)) for x in (0, 1)] == [(255,) * 3, (1, 2, 3)]


def greys(made: DecodedPicture) -> list[int]:
    """The values of a grey picture of one row."""
    pixels = np.asarray(made.image)[0]
    assert (pixels == pixels[:, :1]).all()
    return pixels[:, 0].tolist()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PGM"])
def test_sixteen_bits_are_scaled(kind: str) -> None:
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    plain = b"P5 4 1 65535\n" + values.astype(">u2").tobytes()
    data = plain if kind == "PGM" else packed(Image.fromarray(values), kind)
    assert greys(unpack(data)) == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("dtype", "values", "wanted"),
    [
        (np.int32, [0, 100, 255], [0, 100, 255]),
        (np.int32, [0, 25700, 65535], [0, 100, 255]),
        (np.int32, [-1000, 0, 1000], [0, 128, 255]),
        (np.int32, [7, 7, 7], [7, 7, 7]),
        (np.float32, [0.0, 0.4, 1.0], [0, 102, 255]),
        (np.float32, [0.0, 102.0, 254.0], [0, 102, 254]),
        (np.float32, [-1.0, np.nan, 1.0], [0, 128, 255]),
        (np.float32, [-5.0, -5.0, -5.0], [0, 0, 0]),
    ],
)
def test_thirty_two_bits_are_scaled(dtype: Any, values: list[float], wanted: list[int]) -> None:
    image = Image.fromarray(np.array([values], dtype=dtype))
    assert greys(unpack(packed(image, "TIFF"))) == wanted


def test_one_bit_and_cmyk() -> None:
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    made = unpack(packed(bits, "PNG")).image
    assert [made.getpixel((x, 0)) for x in (0, 1)] == [(0,) * 3, (255,) * 3]
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        pixel = unpack(packed(ink, kind)).image.getpixel((4, 4))
        assert np.abs(np.subtract(pixel, (255, 0, 0))).max() < 4  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_of_several(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    options = {"lossless": True} if kind == "WEBP" else {}
    made = unpack(packed(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert made.frames == 3
    assert made.image.getpixel((4, 4)) == (250, 0, 0)


def test_the_second_picture_of_a_camera_is_no_frame() -> None:
    made = unpack(packed(noise(), "MPO", save_all=True, append_images=[noise(30, 20)]))
    assert (made.width, made.frames) == (60, 1)


def test_the_first_frame_of_an_animation_that_ends_early() -> None:
    frames = [noise(), noise().rotate(180), noise().rotate(90)]
    data = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])
    made = unpack(data[: len(data) * 2 // 3])
    assert made.image.tobytes() == unpack(data).image.tobytes()


def test_no_bytes() -> None:
    assert refusal(b"").fault is PictureFault.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"hello, I am a text\n" * 20,
        b"P1 is no picture",
        b"\n\x05text",
        b"\x00" * 99,
        b"x",
        b"<html>",
    ],
)
def test_what_is_no_picture(data: bytes) -> None:
    assert refusal(data).fault is PictureFault.NOT_A_PICTURE


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(99), "HEIC"),
        (b"\0\0\0\x14ftypmsf1\0\0\0\0msf1" + bytes(99), "HEIF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\xef\xbb\xbf<svg/>", "SVG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99), "JPEG XL"),
        (b"\xff\x0a" + bytes(99), "JPEG XL"),
        (b"%PDF-1.7\n" + bytes(99), "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
    ],
)
def test_formats_that_are_not_read(data: bytes, name: str) -> None:
    error = refusal(data)
    assert (error.fault, error.detail) == (PictureFault.UNSUPPORTED, name)


def test_avif_where_pillow_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.init()
    monkeypatch.delitem(Image.OPEN, "AVIF", raising=False)
    error = refusal(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(99))
    assert (error.fault, error.detail) == (PictureFault.UNSUPPORTED, "AVIF")


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "SGI", "AVIF", "JPEG2000"]
)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_files_that_end_early(kind: str, share: float) -> None:
    data = packed(noise(200, 150), kind)
    error = refusal(data[: int(len(data) * share)])
    assert error.fault is PictureFault.TRUNCATED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_files_that_end_in_their_header(kind: str) -> None:
    assert refusal(packed(noise(), kind)[:14]).fault is PictureFault.TRUNCATED


def test_files_with_damage_within() -> None:
    data = bytearray(packed(noise(200, 150), "PNG"))
    data[500:900] = bytes(400)
    assert refusal(bytes(data)).fault is PictureFault.DAMAGED
    data = bytearray(packed(noise(200, 150), "WEBP"))
    data[25:60] = bytes(35)
    assert refusal(bytes(data)).fault is PictureFault.DAMAGED


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "PSD", "AVIF"]
)
def test_any_damage_is_a_picture_error(kind: str) -> None:
    whole = b"8BPS\0\x01" + bytes(60) if kind == "PSD" else packed(noise(32, 32), kind)
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(100):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 12):
            data[at] = int(rng.integers(0, 256))
        try:
            assert unpack(bytes(data)).image.mode == "RGB"
        except PictureError:
            refused += 1
    assert refused > 0


def test_too_many_pixels_is_seen_in_the_header() -> None:
    for width, height in ((60_000, 50_000), (12_001, 10_000), (10_000, 12_001)):
        error = refusal(png_header(width, height))
        assert error.fault is PictureFault.TOO_MANY_PIXELS
        assert (error.width, error.height, error.limit) == (width, height, 120_000_000)


def test_a_header_within_the_limits_is_decoded() -> None:
    limits = PictureLimits(max_pixels=10_000)
    assert refusal(png_header(100, 100), limits).fault is PictureFault.TRUNCATED
    assert refusal(png_header(101, 100), limits).fault is PictureFault.TOO_MANY_PIXELS


def test_too_narrow_is_seen_in_the_header() -> None:
    for width, height in ((4097, 1), (1, 4097), (1_000_000, 100)):
        error = refusal(png_header(width, height))
        assert error.fault is PictureFault.TOO_NARROW
        assert (error.width, error.height, error.limit) == (width, height, 4096)
    assert unpack(packed(Image.new("RGB", (4096, 1)), "PNG")).width == 4096


def test_a_refused_size_is_the_upright_one() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = packed(Image.new("RGB", (300, 200)), "JPEG", exif=exif)
    error = refusal(data, PictureLimits(max_pixels=59_999))
    assert (error.width, error.height, error.limit) == (200, 300, 59_999)
    assert unpack(data, PictureLimits(max_pixels=60_000)).width == 200


def test_an_icon_that_holds_a_large_picture() -> None:
    inner = png_header(20_000, 20_000)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    error = refusal(struct.pack("<HHH", 0, 1, 1) + entry + inner)
    assert error.fault is PictureFault.TOO_MANY_PIXELS


def test_equal_bytes_give_equal_pixels() -> None:
    data = packed(noise(), "JPEG")
    assert unpack(data).image.tobytes() == unpack(data).image.tobytes()
