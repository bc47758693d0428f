"""The bytes of an image file to upright RGB pixels, or to an error that says what is wrong."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, features

from .errors import PictureError, PictureFault
from .messages import Picture
from .picture_formats import READ_FORMATS, ends_early, recognise


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a header may ask for; both are checked before anything is decoded.

    The pixels are for memory: 120 million are 0.4 GB in RGB. The ratio of the sides keeps one
    view of the published slicing below 2,100 patches.
    """

    max_pixels: int = 120_000_000
    max_ratio: int = 4096


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """An upright RGB image; ``frames`` is above 1 where it is the first of several."""

    image: Image.Image
    frames: int = 1

    @property
    def width(self) -> int:
        """Its width as a person sees it."""
        return self.image.width

    @property
    def height(self) -> int:
        """Its height as a person sees it."""
        return self.image.height


def decode(picture: Picture, limits: PictureLimits = PictureLimits()) -> DecodedPicture:
    """Turn a file's bytes into pixels. Raises PictureError, and nothing else for bad bytes.

    What is transparent becomes white, as on a page.
    """
    if not picture.data:
        raise PictureError(PictureFault.EMPTY, picture.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; the limits are ours
        try:
            return _decode(picture, limits)
        except (PictureError, MemoryError):
            raise
        except Exception as error:  # decoders raise almost anything on damaged bytes
            raise _refusal(picture, error, limits) from error


def _decode(picture: Picture, limits: PictureLimits) -> DecodedPicture:
    image = _open(picture)
    _check(image, picture, limits)
    frames = _frames(image, picture)
    image.load()
    _check(image, picture, limits)  # an icon's header can understate what is in it
    return DecodedPicture(_rgb(_upright(image)), frames)


def _open(picture: Picture) -> Image.Image:
    """Read the header.

    The plugins are asked directly: ``Image.open`` refuses large pictures without their size.
    """
    Image.init()
    for name in READ_FORMATS:
        factory, accept = Image.OPEN.get(name, (None, None))
        # A plugin that cannot decode its format here says so in words instead of True.
        if factory and (accept is None or accept(picture.data[:16]) is True):
            return factory(io.BytesIO(picture.data), "")
    raise SyntaxError("no plugin takes it")  # as Pillow's plugins put it


def _refusal(picture: Picture, error: Exception, limits: PictureLimits) -> PictureError:
    if isinstance(error, Image.DecompressionBombError):  # a picture within an icon
        fault = PictureFault.TOO_MANY_PIXELS
        return PictureError(fault, picture.name, limit=limits.max_pixels)
    name = recognise(picture.data)
    if not name:
        return PictureError(PictureFault.NOT_A_PICTURE, picture.name)
    if name not in READ_FORMATS or not _has_decoder(name):
        return PictureError(PictureFault.UNSUPPORTED, picture.name, detail=name)
    cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
    early = cut or ends_early(picture.data, name)
    fault = PictureFault.TRUNCATED if early else PictureFault.DAMAGED
    return PictureError(fault, picture.name, detail=str(error))


def _has_decoder(name: str) -> bool:
    feature = {"AVIF": "avif", "WEBP": "webp", "JPEG2000": "jpg_2000"}.get(name)
    return name in Image.OPEN and (feature is None or bool(features.check(feature)))


def _check(image: Image.Image, picture: Picture, limits: PictureLimits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        fault, limit = PictureFault.TOO_MANY_PIXELS, limits.max_pixels
    elif max(width, height) > limits.max_ratio * min(width, height):
        fault, limit = PictureFault.TOO_NARROW, limits.max_ratio
    else:
        return
    if "exif" in image.info and _orientation(image) in _TURNED:
        width, height = height, width
    raise PictureError(fault, picture.name, width=width, height=height, limit=limit)


def _frames(image: Image.Image, picture: Picture) -> int:
    """How many frames or pages there are; layers and a camera's previews are none."""
    if image.format in ("MPO", "PSD"):
        return 1
    if image.format not in ("GIF", "TIFF"):
        return int(getattr(image, "n_frames", 1))
    frames = 1
    with suppress(Exception):  # the first frame may be whole, whatever follows
        # These count by walking through the file, which a copy must do: it loses its place.
        frames = int(getattr(_open(picture), "n_frames", 1))
    return frames


_MOVES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = (5, 6, 7, 8)  # the orientations that swap the sides


def _orientation(image: Image.Image) -> int:
    orientation = 1
    with suppress(Exception):  # damaged metadata is no reason to refuse the pixels
        orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return orientation


def _upright(image: Image.Image) -> Image.Image:
    move = _MOVES.get(_orientation(image))
    return image if move is None else image.transpose(move)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode[0] in "IF":
        return Image.fromarray(_eight_bits(image)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    opaque = Image.new("RGBA", image.size, "white")
    opaque.alpha_composite(image.convert("RGBA"))
    return opaque.convert("RGB")


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Grey values of 16 or 32 bits, (height, width), scaled from the range that they use."""
    values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    sixteen = ";16" in image.mode or image.format in ("PNG", "PPM")
    low, high = (0.0, 65535.0) if sixteen else _range(low, high, fractions=image.mode == "F")
    return np.rint((values - low) * (255.0 / (high - low))).astype(np.uint8)


def _range(low: float, high: float, *, fractions: bool) -> tuple[float, float]:
    """The usual range that holds the values; their own where none does."""
    usual = (1.0, 255.0, 65535.0) if fractions else (255.0, 65535.0)
    if low >= 0:
        for most in usual:
            if high <= most:
                return (0.0, most)
    return (low, high if high > low else low + 1.0)
