"""A picture goes as it is where every decoder agrees about it, and as our pixels elsewhere."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from engine.errors import PictureError, PictureFault
from engine.messages import Picture
from engine.pictures import decode
from engine.remote.picture_url import data_url


def sample(mode: str = "RGB") -> Image.Image:
    return Image.radial_gradient("L").resize((40, 30)).convert(mode)


def saved(image: Image.Image, kind: str, **how: object) -> Picture:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return Picture.from_bytes(file.getvalue(), f"a.{kind.lower()}")


def sent(picture: Picture) -> tuple[str, bytes]:
    head, _, body = data_url(picture).partition(",")
    return head, base64.b64decode(body, validate=True)


def turned() -> Picture:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(sample(), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("picture", "media_type"),
    [
        (saved(sample(), "PNG"), "image/png"),
        (saved(sample("L"), "PNG"), "image/png"),
        (saved(sample("P"), "GIF"), "image/gif"),
        (saved(sample(), "JPEG"), "image/jpeg"),
        (saved(sample(), "MPO"), "image/jpeg"),
    ],
)
def test_what_all_decoders_agree_on_goes_as_it_is(picture: Picture, media_type: str) -> None:
    assert sent(picture) == (f"data:{media_type};base64", picture.data)


def transparent() -> Image.Image:
    image = sample("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize(
    "picture",
    [
        saved(sample(), "WEBP", lossless=True),
        saved(sample(), "BMP"),
        saved(sample(), "TIFF"),
        saved(transparent(), "PNG"),
        saved(sample("I;16"), "PNG"),
        saved(sample(), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 30))]),
    ],
)
def test_the_rest_goes_as_our_pixels_without_loss(picture: Picture) -> None:
    head, data = sent(picture)
    assert head == "data:image/png;base64"
    ours = decode(picture).image
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(ours))


def test_a_turned_photograph_goes_upright() -> None:
    head, data = sent(turned())
    image = Image.open(io.BytesIO(data))
    assert head == "data:image/jpeg;base64"
    assert (image.size, dict(image.getexif())) == ((30, 40), {})
    difference = np.asarray(image, dtype=int) - np.asarray(decode(turned()).image, dtype=int)
    assert abs(difference).max() < 8


def test_what_is_no_picture_is_refused_as_by_the_local_engine() -> None:
    with pytest.raises(PictureError) as caught:
        data_url(Picture.from_bytes(b"hello", "a.txt"))
    assert caught.value.fault is PictureFault.NOT_A_PICTURE
