"""Real windows and drawn things in the recipe: what is noted is what is shown."""

import io
import json
import tarfile

import numpy
import pytest
from PIL import Image
from PySide6.QtGui import QPalette

import objects
from curriculum import DECODER, Curriculum
from scenes import Frame, Painter
from widgets import STYLES, dialog


@pytest.fixture
def bare(qapp):
    """Qt without the program's style sheet, which another test may have left, as in training."""
    sheet, qt_palette = qapp.styleSheet(), qapp.palette()
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())
    yield
    qapp.setPalette(qt_palette)
    qapp.setStyleSheet(sheet)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.usefixtures("bare")
def test_a_dialog_shows_ink_where_its_letters_are_said_to_stand(style):
    painter, near = Painter(6), []
    for _ in range(4):
        scene = dialog(painter, Frame(360, 220, 16), style)
        grey = numpy.asarray(scene.picture.convert("L")).astype(int)
        for glyph in scene.glyphs:
            x, y = int(glyph.x), int(glyph.y)
            box = grey[max(0, y - 7) : y + 8, max(0, x - 5) : x + 6]
            if glyph.character != " " and box.size:
                near.append(int(box.max() - box.min()))
    assert len(near) > 50
    assert numpy.mean([contrast > 60 for contrast in near]) > 0.95


@pytest.mark.usefixtures("bare")
def test_a_dialog_is_told_row_by_row_with_its_values_and_buttons():
    painter, kinds = Painter(9), set()
    for _ in range(12):
        scene = dialog(painter, Frame(360, 260, 14))
        assert scene.picture.size == (360, 260)
        assert "".join(scene.lines).replace(" ", "") == "".join(
            glyph.character for glyph in scene.glyphs
        ).replace(" ", "")
        for fact in scene.facts:
            drawn = scene.glyphs[fact.start : fact.start + len(fact.value)]
            assert "".join(glyph.character for glyph in drawn) == fact.value
            kinds.add("fact")
        for text, start in scene.buttons:
            assert scene.glyphs[start].character == text[0]
            kinds.add("button")
        if scene.title:
            assert scene.lines[0] == scene.title
            kinds.add("title")
    assert kinds == {"fact", "button", "title"}


@pytest.fixture
def material(tmp_path):
    """Archives as the registry packs them, with a rat and a thing that has no Chinese name."""
    file = io.BytesIO()
    Image.new("RGBA", (32, 32), (200, 20, 20, 255)).save(file, "WEBP", lossless=True)
    names = {"en": {"\U0001f400": "rat", "\U0001f402": "ox"}, "zh": {"\U0001f400": "耗子"}}
    pack(
        tmp_path / "lobehub-fluent-emoji-3d-1.0.0.tgz",
        {f"package/assets/{point}.webp": file.getvalue() for point in ("1f400", "1f402")},
    )
    pack(
        tmp_path / "cldr-annotations-full-48.0.0.tgz",
        {
            f"package/annotations/{language}/annotations.json": json.dumps(
                {"annotations": {"annotations": {s: {"tts": [n]} for s, n in known.items()}}}
            ).encode()
            for language, known in names.items()
        },
    )
    return tmp_path


def pack(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_things_have_names_in_both_languages(material):
    (rat,) = objects.things(material)
    assert rat.names == ("rat", "耗子")
    assert objects.things(material / "elsewhere") == []


def test_a_thing_is_drawn_on_its_ground(material, monkeypatch):
    found = objects.things(material)
    monkeypatch.setattr(objects, "things", lambda: found)
    scene = objects.thing(Painter(3), Frame(100, 80, 16))
    assert scene.names == ("rat", "耗子")
    assert scene.picture.size == (100, 80)
    red = numpy.asarray(scene.picture)
    assert ((red == (200, 20, 20)).all(-1)).mean() > 0.1


def test_without_the_archives_no_thing_is_planned(monkeypatch):
    monkeypatch.setattr("curriculum.things", list)
    painter = Painter(1)
    curriculum = Curriculum(painter, painter.random)
    kinds = {curriculum.plan(1.0).kind for _ in range(300)}
    flat = {"letters", "page", "lines", "window", "sheet", "dialog", "shapes", "empty"}
    assert flat | {"screen", "photograph"} == kinds


def test_where_only_the_decoder_learns_no_batch_is_of_letters_alone():
    painter = Painter(3)
    curriculum = Curriculum(painter, painter.random, eyes=False)
    kinds = {curriculum.plan(0.9).kind for _ in range(200)}
    assert {"window", "sheet", "shapes"} < kinds <= {*DECODER}
