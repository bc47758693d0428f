"""A picture as an address that holds the picture itself."""

from __future__ import annotations

import base64
import io
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from ..messages import Picture

if TYPE_CHECKING:
    from PIL import Image

# What every server reads. llama.cpp has no decoder for WebP, so WebP is not among them.
PLAIN_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "GIF": "image/gif"}
PLAIN_MODES = ("L", "P", "RGB")
PHOTOGRAPHS = ("JPEG", "MPO")
QUALITY = 95


def data_url(picture: Picture) -> str:
    """The picture for a request. Raises PictureError, as for the local engine.

    The file goes as it is where every decoder makes the same of it. Where they differ, in
    turned photographs, in what is transparent, in other formats, our own pixels go: as JPEG
    where they came from one, without loss otherwise.
    """
    from PIL import Image  # takes a moment that the rest of the package need not wait for

    from ..pictures import decode

    decoded = decode(picture)
    kind = plain_kind = ""
    with warnings.catch_warnings(), suppress(Exception):  # another format, or odd metadata
        warnings.simplefilter("ignore")  # the decoder has judged the size already
        with Image.open(io.BytesIO(picture.data), formats=("PNG", "JPEG", "GIF")) as header:
            kind = header.format or ""
            plain_kind = kind if decoded.frames == 1 and _is_plain(header) else ""
    if plain_kind in PLAIN_FORMATS:
        return _url(PLAIN_FORMATS[plain_kind], picture.data)
    return _encoded(decoded.image, photograph=kind in PHOTOGRAPHS)


def _is_plain(header: Image.Image) -> bool:
    from PIL import ExifTags

    upright = header.getexif().get(ExifTags.Base.Orientation, 1) in (0, 1)
    return upright and not header.has_transparency_data and header.mode in PLAIN_MODES


def _encoded(image: Image.Image, *, photograph: bool) -> str:
    file = io.BytesIO()
    if photograph:
        image.save(file, "JPEG", quality=QUALITY, subsampling=0)
        return _url("image/jpeg", file.getvalue())
    image.save(file, "PNG", compress_level=1)  # the line is rarely slower than the compression
    return _url("image/png", file.getvalue())


def _url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
