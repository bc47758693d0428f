"""The fonts the pictures are drawn with; two families are kept for the evaluation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path(__file__).resolve().parents[2] / "runs/material/fonts",  # unpacked by whoever trains
)
PACKAGES = (
    "fonts-dejavu-core fonts-liberation fonts-liberation2 fonts-open-sans fonts-roboto-unhinted "
    "fonts-hack fonts-inter fonts-cantarell fonts-firacode fonts-jetbrains-mono fonts-urw-base35 "
    "fonts-lato fonts-crosextra-carlito fonts-noto-core fonts-croscore fonts-dejavu-extra "
    "fonts-linuxlibertine wamerican fonts-noto-cjk fonts-wqy-microhei fonts-wqy-zenhei "
    "fonts-arphic-uming fonts-arphic-ukai fonts-lxgw-wenkai fonts-noto-cjk-extra "
    "fonts-babelstone-han fonts-cns11643-kai fonts-cns11643-sung fonts-smiley-sans "
    "fonts-arphic-gbsn00lp"
)
INTERFACE = [
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "LiberationSans-Regular.ttf",
    "LiberationSans-Bold.ttf",
    "OpenSans-Regular.ttf",
    "OpenSans-Semibold.ttf",
    "Roboto-Regular.ttf",
    "Roboto-Medium.ttf",
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "Cantarell-Regular.otf",
    "Cantarell-Bold.otf",
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "Inter-Medium.otf",
    "InterDisplay-Regular.otf",
    "Roboto-Bold.ttf",
    "OpenSans-Bold.ttf",
]
OTHER = [
    "DejaVuSansMono.ttf",
    "LiberationMono-Regular.ttf",
    "Hack-Regular.ttf",
    "FiraCode-Regular.ttf",
    "JetBrainsMono-Regular.ttf",
    "LiberationSerif-Regular.ttf",
    "DejaVuSerif.ttf",
    "NimbusSans-Regular.otf",
    "LiberationSansNarrow-Regular.ttf",
    "P052-Roman.otf",
    "DejaVuSansCondensed.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono-Bold.ttf",
    "Hack-Bold.ttf",
    "FiraCode-Medium.ttf",
    "JetBrainsMono-Medium.ttf",
    "Cousine-Regular.ttf",
    "NotoSans-Italic.ttf",
    "NotoSerif-Regular.ttf",
    "LiberationSans-Italic.ttf",
    "LiberationSerif-Bold.ttf",
    "RobotoCondensed-Regular.ttf",
    "Roboto-Light.ttf",
    "OpenSans-Light.ttf",
    "Inter-Light.otf",
    "Cantarell-Light.otf",
    "NimbusRoman-Regular.otf",
    "NimbusMonoPS-Bold.otf",
    "URWGothic-Book.otf",
    "C059-Roman.otf",
    "LinBiolinum_R.otf",
    "LinLibertine_R.otf",
]
UNSEEN = ("Lato-Regular.ttf", "Carlito-Regular.ttf")
# the number of the face in a collection stands behind its file's name
CHINESE = [
    "NotoSansCJK-Regular.ttc#2",
    "wqy-microhei.ttc#0",
    "NotoSansCJK-Bold.ttc#2",
    "NotoSerifCJK-Regular.ttc#2",
    "uming.ttc#0",
]
CHINESE_MORE = [  # which only the training uses
    "LXGWWenKai-Regular.ttf#0",
    "NotoSansCJK-Light.ttc#2",
    "NotoSansCJK-DemiLight.ttc#2",
    "NotoSansCJK-Medium.ttc#2",
    "NotoSansCJK-Black.ttc#2",
    "NotoSerifCJK-Medium.ttc#2",
    "NotoSerifCJK-Bold.ttc#2",
    "BabelStoneHan.ttf#0",
    "TW-Kai-98_1.ttf#0",
    "TW-Sung-98_1.ttf#0",
    "SmileySans-Oblique.ttf#0",
    "gbsn00lp.ttf#0",
    "ZCOOLXiaoWei_400Regular.ttf#0",
    "ZCOOLQingKeHuangYou_400Regular.ttf#0",
    "ZCOOLKuaiLe_400Regular.ttf#0",
    "MaShanZheng_400Regular.ttf#0",
]
UNSEEN_CHINESE = ("wqy-zenhei.ttc#0", "ukai.ttc#0")


@lru_cache(maxsize=1)
def installed() -> dict[str, Path]:
    """Map every installed font file's name to its path."""
    found = [path for folder in FONT_FOLDERS for path in sorted(folder.rglob("*.[to]t[fc]"))]
    return {path.name: path for path in found}


def present(names: tuple[str, ...] | list[str]) -> list[str]:
    """Return those of the names that this machine has."""
    return [name for name in names if name.split("#")[0] in installed()]


def load(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Open a font at a pixel size, with the plain layout engine, which is the fastest.

    The empty name is the font that Pillow brings, for machines without any of ours. A Chinese
    font takes many megabytes at every size, so few are kept open.
    """
    large = "#" in name  # only Chinese fonts are in collections or written so
    return _opened_large(name, size) if large else _opened(name, size)


@lru_cache(maxsize=80)
def _opened_large(name: str, size: int) -> ImageFont.FreeTypeFont:
    return _open(name, size)


@lru_cache(maxsize=2048)
def _opened(name: str, size: int) -> ImageFont.FreeTypeFont:
    return _open(name, size)


def _open(name: str, size: int) -> ImageFont.FreeTypeFont:
    if not name:
        own = ImageFont.load_default(size)
        return own if isinstance(own, ImageFont.FreeTypeFont) else _no_freetype()
    file, _, face = name.partition("#")
    path = str(installed()[file])
    return ImageFont.truetype(path, size, int(face or 0), layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=200_000)
def advance(name: str, size: int, character: str) -> float:
    """Return how far one character moves the pen, without kerning, in pixels."""
    return load(name, size).getlength(character)


def _no_freetype() -> ImageFont.FreeTypeFont:
    raise RuntimeError("Pillow was built without FreeType: no text can be drawn")
