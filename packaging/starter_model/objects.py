"""Drawn things with their names, where their pictures were fetched.

The pictures are Microsoft's Fluent emoji (npm `@lobehub/fluent-emoji-3d`, MIT), their names those
of Unicode's CLDR (npm `cldr-annotations-full`, Unicode-3.0). `npm pack` puts both as archives into
the material folder; neither is part of this repository, and without them no thing is drawn.
"""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

import chinese
from scenes import Frame, Painter, Scene

MATERIAL = Path(__file__).resolve().parents[2] / "runs/material"
PICTURES, NAMES = "lobehub-fluent-emoji-3d-*.tgz", "cldr-annotations-full-*.tgz"
KINDS = (
    range(0x1F400, 0x1F440),  # animals
    range(0x1F980, 0x1F9AF),
    range(0x1F330, 0x1F37F),  # plants, fruit and dishes
    range(0x1F950, 0x1F970),
    range(0x1F680, 0x1F6C0),  # what drives, sails and flies
    range(0x1F3A0, 0x1F3C2),  # instruments, arts and games
    range(0x1F3C6, 0x1F3D8),
    range(0x1F380, 0x1F394),  # feasts
    range(0x1F3E0, 0x1F3F1),  # buildings
    *(range(0x26EA, 0x26FB), range(0x1F6D5, 0x1F6FD)),
    *(range(0x1F451, 0x1F463), range(0x1F97B, 0x1F980)),  # clothes
    *(range(0x1F489, 0x1F48F), range(0x1F4A1, 0x1F4A4)),  # what one holds and works with
    *(range(0x1F4B0, 0x1F4FE), range(0x1F50B, 0x1F512), range(0x1F525, 0x1F52F)),
    *(range(0x1F941, 0x1F94E), range(0x1F9C0, 0x1F9CC), range(0x1F9E3, 0x1FA00)),
    *(range(0x1FA70, 0x1FAC0), range(0x1FACE, 0x1FAE0)),
    *(range(0x231A, 0x231C), range(0x23F0, 0x23F1), range(0x2614, 0x2616), range(0x2693, 0x2694)),
)
SIDE = 160  # pixels that are kept of a picture


@dataclass(frozen=True)
class Thing:
    """A picture with a transparent ground, and its names in English and Chinese."""

    picture: Image.Image
    names: tuple[str, str]


@lru_cache(maxsize=2)
def things(folder: Path = MATERIAL) -> list[Thing]:
    """Return every thing whose names the vocabulary can write, or none without the archives."""
    pictures, names = sorted(folder.glob(PICTURES)), sorted(folder.glob(NAMES))
    if not pictures or not names:
        return []
    with tarfile.open(names[-1]) as archive:
        english, han = (named(archive, language) for language in ("en", "zh"))
    known = set(chinese.characters())
    found = []
    with tarfile.open(pictures[-1]) as archive:
        files = {Path(member.name).stem: member for member in archive.getmembers()}
        for point in (point for kind in KINDS for point in kind):
            words = english.get(chr(point), ""), han.get(chr(point), "")
            member = files.get(f"{point:x}")
            if member is None or not words[1] or set(words[1]) - known or not plain(words[0]):
                continue
            file = archive.extractfile(member)
            assert file is not None
            picture = Image.open(io.BytesIO(file.read())).convert("RGBA").resize((SIDE, SIDE))
            found.append(Thing(picture, words))
    return found


def plain(name: str) -> bool:
    """Return whether a name can be written and holds for a mirrored picture as well."""
    return name.isascii() and not {"left", "right"} & set(name.split())


def named(archive: tarfile.TarFile, language: str) -> dict[str, str]:
    """Return the short name of every sign in a language."""
    file = archive.extractfile(f"package/annotations/{language}/annotations.json")
    assert file is not None
    entries = json.load(file)["annotations"]["annotations"]
    return {sign: entry["tts"][0] for sign, entry in entries.items() if entry.get("tts")}


def thing(painter: Painter, frame: Frame) -> Scene:
    """Draw one thing, somewhat turned, on a plain ground."""
    chosen = painter.random.choice(things())
    scene = painter.blank(frame, painter.theme()[0])
    picture = chosen.picture.rotate(painter.random.uniform(-12, 12), Image.Resampling.BICUBIC)
    if painter.random.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    least = min(frame.width, frame.height)
    side = max(8, round(least * painter.random.uniform(0.6, 1.0)))
    picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    across, down = (painter.random.randint(0, most - side) for most in scene.picture.size)
    scene.picture.paste(picture, (across, down), picture)
    scene.names = chosen.names
    return scene
