"""Which picture formats are read, and how the others are told apart by their first bytes."""

from __future__ import annotations

import re

# Pillow's names. Left out are formats without a signature, and those that start other programs.
READ_FORMATS = (
    "PNG",
    "JPEG",
    "GIF",
    "WEBP",
    "BMP",
    "TIFF",
    "ICO",
    "ICNS",
    "AVIF",
    "JPEG2000",
    "PPM",
    "PCX",
    "PSD",
    "QOI",
    "SGI",
    "DDS",
)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"8BPS", "PSD"),
    (b"icns", "ICNS"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"gimp xcf", "XCF"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "HDR"),
    (b"FUJIFILMCCD-RAW", "RAF"),
)
_NETPBM = re.compile(rb"P[1-6]\s+[#\d]|P[Ffy]\s")
_PCX = re.compile(rb"\n[\x00\x02\x03\x05]\x01[\x01\x02\x04\x08]")
_SGI = re.compile(rb"\x01\xda[\x00\x01][\x01\x02]")
# ISO base media files name their kind after "ftyp"; the first match of major, then minor brands.
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs")
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": "CR3"} | dict.fromkeys(_HEIC, "HEIC")
_LATE_BRANDS = {b"mif1": "HEIF", b"msf1": "HEIF"}


def recognise(data: bytes) -> str:
    """The name of the picture format that the first bytes promise, or an empty string."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    for pattern, name in ((_NETPBM, "PPM"), (_PCX, "PCX"), (_SGI, "SGI")):
        if pattern.match(data):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "BMP"
    if data[4:8] == b"ftyp":
        return _media_kind(data)
    return "SVG" if _is_svg(data) else ""


def _media_kind(data: bytes) -> str:
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[i : i + 4] for i in range(16, length, 4))]
    for names in (_BRANDS, _LATE_BRANDS):
        for brand in brands:
            if brand in names:
                return names[brand]
    return ""


def _is_svg(data: bytes) -> bool:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return head.startswith(b"<") and b"<svg" in head and b"<html" not in head


def ends_early(data: bytes, name: str) -> bool:
    """Whether a file of a known format lacks its end; False where the format does not tell."""
    if name == "PNG":
        return b"IEND" not in data[-1024:]
    if name == "JPEG":
        return b"\xff\xd9" not in data[-1024:]
    if name == "GIF":
        return not data.rstrip(b"\x00").endswith(b";")
    if name == "WEBP":
        return len(data) < int.from_bytes(data[4:8], "little") + 8
    if name == "BMP":
        return len(data) < int.from_bytes(data[2:6], "little")
    return name in ("AVIF", "JPEG2000") and _boxes_end_early(data)


def _boxes_end_early(data: bytes) -> bool:
    """Whether the last of a file's boxes promises more than there is."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:  # the true size follows the name
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0 reaches to the end, and the rest is no box
            return False
        at += size
    return at > len(data)
