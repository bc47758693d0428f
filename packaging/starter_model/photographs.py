"""What is no screen: photographs, and pictures made as photographs are; it is taught to say so.

Few photographs are free of conditions, so most are imitated: leaves of all sizes that fall over
each other, whose sizes and edges are distributed as a photograph's, over noise whose amplitudes
fall with the frequency (A. B. Lee et al., Occlusion models for natural images, 2001; M. Baradad
et al., Learning to see by looking at noise, 2021). The photographs are pictures of the
packages scikit-image and scikit-learn, copied into the material folder; without them all are
imitated. FREE are in the public domain or CC0; UNSEEN are only shown when the model is measured.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from scenes import Frame, Painter, Scene

FOLDER = Path(__file__).resolve().parents[2] / "runs/material/photographs"
FREE = (
    *("brick", "grass", "gravel", "hubble_deep_field", "ihc", "microaneurysms", "moon"),
    *("retina", "rocket"),
)
UNSEEN = ("astronaut", "camera", "chelsea", "china", "clock_motion", "coffee", "flower")
SIDE = 160  # pixels of an imitation, of which a part is shown
REAL = 0.4  # of the pictures, where there are photographs
Floats = NDArray[numpy.float64]


@lru_cache(maxsize=2)
def photographs(unseen: bool) -> list[Image.Image]:
    """Return the photographs in the material folder that are trained, or those that are not."""
    names, files = UNSEEN if unseen else FREE, sorted(FOLDER.glob("*.*"))
    return [Image.open(file).convert("RGB") for file in files if file.stem in names]


def photograph(painter: Painter, frame: Frame, unseen: bool = False) -> Scene:
    """Show a part of a photograph, or an imitation; `unseen` for those that are never trained."""
    scene, real = painter.blank(frame, (0, 0, 0)), photographs(unseen)
    if real and (unseen or painter.random.random() < REAL):
        scene.picture = cropped(painter, painter.random.choice(real), frame)
    else:
        scene.picture = cropped(painter, imitation(painter), frame)
    return scene


def cropped(painter: Painter, picture: Image.Image, frame: Frame) -> Image.Image:
    """Return a part of a picture in the shape of a frame, at times mirrored."""
    pick = painter.random.uniform
    most = min(picture.width / frame.width, picture.height / frame.height)
    scale = most * pick(0.4, 1.0)
    wide, tall = frame.width * scale, frame.height * scale
    left, top = pick(0, picture.width - wide), pick(0, picture.height - tall)
    part = picture.resize(
        (frame.width, frame.height), box=(left, top, left + wide, top + tall), reducing_gap=2.0
    )
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if pick(0, 1) < 0.5 else part


def imitation(painter: Painter) -> Image.Image:
    """Return noise with fallen leaves over it, somewhat blurred, in uneven light."""
    pick, noise = painter.random.uniform, numpy.random.default_rng(painter.random.randrange(2**31))
    ground = clouds(noise, pick(0.8, 1.8))
    picture = Image.fromarray(ground.astype(numpy.uint8))
    if pick(0, 1) < 0.75:
        leaves(painter, picture, [tuple(c) for c in ground.reshape(-1, 3)[:: SIDE * 8]])
    picture = picture.filter(ImageFilter.GaussianBlur(pick(0.0, 1.2)))
    light = 1.0 + pick(0.0, 0.9) * (clouds(noise, 2.2) / 255.0 - 0.5)
    lit = numpy.asarray(picture) * light + noise.normal(0, pick(0, 8), ground.shape)
    return Image.fromarray(lit.clip(0, 255).astype(numpy.uint8))


def clouds(noise: numpy.random.Generator, fall: float) -> Floats:
    """Return coloured noise (SIDE, SIDE, 3), 0 to 255: amplitudes fall with the frequency."""
    across, down = numpy.fft.rfftfreq(SIDE), numpy.fft.fftfreq(SIDE)
    strength = numpy.maximum(numpy.hypot(down[:, None], across), 1 / SIDE) ** -fall
    waves = noise.normal(size=(3, *strength.shape)) * strength
    channels = numpy.fft.irfft2(waves * numpy.exp(2j * numpy.pi * noise.random(waves.shape)))
    mixed = numpy.tensordot(noise.normal(0, 0.35, (3, 3)) + 0.6, channels, axes=1)
    spread = noise.uniform(25, 70) * mixed / (mixed.std() + 1e-9)
    coloured: Floats = noise.uniform(40, 210, 3) + spread.transpose(1, 2, 0)
    return coloured.clip(0, 255)


def leaves(painter: Painter, picture: Image.Image, colours: list[tuple[float, ...]]) -> None:
    """Let leaves fall: there are many small ones for each large one."""
    draw, pick = ImageDraw.Draw(picture), painter.random.uniform
    for _ in range(painter.random.randint(5, 160)):
        radius = min(SIDE / 2, 3.0 * pick(0.001, 1.0) ** -0.6)
        x, y, tilt = pick(0, SIDE), pick(0, SIDE), pick(0.3, 1.0)
        own = painter.random.choice(colours)
        fill = tuple(max(0, min(255, round(part + pick(-40, 40)))) for part in own)
        if pick(0, 1) < 0.5:
            draw.ellipse((x - radius, y - radius * tilt, x + radius, y + radius * tilt), fill=fill)
            continue
        corners = [(x + radius * pick(-1, 1), y + radius * pick(-1, 1)) for _ in range(5)]
        draw.polygon(corners, fill=fill)
