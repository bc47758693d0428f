"""What goes into a program that PyInstaller makes: nothing that is used is left out."""

import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

import contents
import start

LACKING = """
import sys
from importlib.machinery import PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in {unused!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
from start import main
sys.argv = ["minicpmv", *{words!r}]
sys.exit(main())
"""


def without_what_is_left_out(root, *words):
    """Run a command from the frozen program's start, without the modules that it lacks."""
    program = LACKING.format(unused=set(contents.UNUSED), words=words)
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=root / "packaging/pyinstaller",
        env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(root / "build")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_an_answer_needs_nothing_that_is_left_out(request):
    root = request.config.rootpath
    picture = str(root / "resources/samples/line.png")
    said = without_what_is_left_out(root, "ask", picture, "-q", "Read the text.")
    assert said == "The quick brown fox\n"


def test_the_quick_reader_needs_nothing_that_is_left_out(request):
    root = request.config.rootpath
    picture = str(root / "resources/samples/line.png")
    said = without_what_is_left_out(root, "ocr", "--reader", "quick", picture)
    assert said == "The quick brown fox\n"


def test_every_resource_that_the_program_asks_for_ships(request):
    asked = set()
    for source in (request.config.rootpath / "desktop_app").rglob("*.py"):
        asked |= set(re.findall(r'resource\(f?"([a-z0-9]+)', source.read_text("utf-8")))
    assert {"icons", "samples", "i18n"} <= asked <= set(contents.SHIPPED)
    places = [place for _, place in contents.resources()]
    assert places == [f"resources/{name}" for name in contents.SHIPPED]
    for source, _ in (*contents.resources(), *contents.notices(), *contents.looked_at()):
        assert Path(source).exists(), source


@pytest.mark.parametrize("name", [*contents.LAZY_PACKAGES, *contents.WITH_FILES])
def test_packages_that_are_collected_whole_are_there(name):
    assert find_spec(name) is not None


@pytest.mark.parametrize("name", contents.WITH_METADATA)
def test_packages_that_are_asked_for_their_version_have_one(name):
    assert version(name)


def test_words_of_qt_stay_in_the_two_languages_of_the_program():
    folder = "PySide6/Qt/translations"
    files = ["qtbase_zh_CN.qm", "qtbase_en.qm", "qtbase_de.qm", "qt_zh_TW.qm"]
    entries = [(f"{folder}/{name}", name, "DATA") for name in files]
    other = ("resources/i18n/zh.po", "zh.po", "DATA")
    assert contents.kept([*entries, other]) == [*entries[:2], other]


def test_the_icon_is_drawn(tmp_path):
    image = QImage(str(contents.picture(tmp_path / "build")))
    assert (image.width(), image.height()) == (contents.ICON_PIXELS,) * 2
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.alpha() == 255
    assert image.pixelColor(0, 0) == QColor(0, 0, 0, 0)


def test_a_program_without_a_console_can_say_things_to_nobody(monkeypatch):
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    start.open_streams()
    said, stdin = sys.stdout, sys.stdin
    print("nobody hears this", file=said)
    assert stdin.read() == ""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()


def test_the_description_is_a_program(request):
    file = request.config.rootpath / "packaging/pyinstaller/minicpmv.spec"
    names = set(compile(file.read_text("utf-8"), str(file), "exec").co_names)
    assert {"Analysis", "COLLECT", "BUNDLE"} <= names
