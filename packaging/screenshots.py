"""Render the window in several states, light and dark: a look at it for anyone.

A scripted engine stands in for the model, so that each state can be shown; what it says is made
up. With ``--readme`` the pictures of README are made, in which real readers answer.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

import readme_pictures
from desktop_app import notices
from desktop_app.app import Desktop
from desktop_app.application import make_application
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.model_state import ModelState, Stage, Work
from desktop_app.paths import FULL, STARTER, Paths
from engine.errors import OutOfMemory, PictureError, PictureFault
from engine.fetch.errors import FetchError, FetchFault
from engine.messages import (
    Finished,
    Phase,
    PictureSeen,
    Progress,
    Statistics,
    StopReason,
    TextDelta,
)
from readme_pictures import settle, until
from tests.fakes import FakeEngines, Gate

State = Callable[[Desktop, FakeEngines, Path], None]
ANSWER = """The receipt is from **Harbour Books**, dated 14 May 2024.

| Item | Price |
|---|---|
| Notebook, A5 | 6.50 |
| Pencils, 12 | 4.20 |
| Atlas of Maps | 31.40 |

The total is **42.10**. As JSON:

```json
{"shop": "Harbour Books", "total": 42.10}
```
"""
CHINESE = """图片里是一张收据，商店名称是 **Harbour Books**，日期是 2024 年 5 月 14 日。

1. 笔记本（A5）：6.50
2. 铅笔，12 支：4.20
3. 地图集：31.40

合计 **42.10**。收据下方写着“谢谢惠顾，欢迎再来”。
"""


def main() -> None:
    """Make every picture, or those of the states that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true", help="the pictures of README")
    parser.add_argument("states", nargs="*", metavar="STATE", help=", ".join(STATES))
    options = parser.parse_args()
    if options.readme:
        _make_readme()
        return
    application = make_application()
    QCursor.setPos(2000, 2000)  # where it lies over nothing
    options.folder.mkdir(parents=True, exist_ok=True)
    receipt = options.folder / "receipt.png"
    draw_receipt().save(str(receipt))
    for wish in ("light", "dark"):
        for name in options.states or STATES:
            _shoot(application, options.folder, receipt, wish, name)


def _make_readme() -> None:
    readme_pictures.wish_for_screen()
    try:
        application = make_application()
    finally:
        readme_pictures.forget_screen()
    QCursor.setPos(2000, 2000)
    for wish in ("light", "dark"):
        readme_pictures.make_all(application, wish)


def _shoot(
    application: QApplication,
    folder: Path,
    receipt: Path,
    wish: str,
    name: str,
) -> None:
    engines = FakeEngines()
    choice = ModelChoice("starter", folder)
    desktop = Desktop(application, Paths.under(folder / "user"), choice, engines.make)
    desktop.theme.use(wish)
    desktop.start()
    if name.startswith("narrow"):
        desktop.window.resize(640, 480)
    until(lambda: desktop.conversation.activity is Activity.IDLE)
    STATES[name](desktop, engines, receipt)
    settle()
    shown = desktop.models.page if name.startswith("models") else desktop.window
    shown.grab().save(str(folder / f"{name}-{wish}.png"))
    engines.open_all()
    desktop.shutdown()
    desktop.window.deleteLater()
    settle()


def finished(text: str) -> Finished:
    """The end of a scripted answer."""
    statistics = Statistics(write_seconds=8.0, tokens_written=80)
    return Finished(StopReason.END, text.strip(), (), (), statistics)


SEEN = PictureSeen(900, 1200, (2, 3), ((392, 518),) * 7, (784, 1036))


def _empty(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    pass


def _picture(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    desktop.conversation.open_pictures([receipt])
    until(lambda: desktop.conversation.picture is not None)


def _seeing(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    gate = Gate()
    engines.answers.append([SEEN, Progress(Phase.SEEING, 3, 7), gate, finished("x")])
    _picture(desktop, engines, receipt)
    desktop.conversation.ask("What is the total?")
    until(gate.reached.is_set)


def _writing(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    gate = Gate()
    steps = [TextDelta(piece) for piece in ANSWER[:250].split(" ")]
    spaced = [TextDelta(step.text + " ") for step in steps]
    engines.answers.append([SEEN, Progress(Phase.WRITING, 0, 0), *spaced, gate, finished(ANSWER)])
    _picture(desktop, engines, receipt)
    desktop.conversation.ask("List everything on the receipt.")
    until(gate.reached.is_set)


def _answered(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    engines.answers.append([SEEN, finished(ANSWER)])
    _picture(desktop, engines, receipt)
    _ask(desktop, "List everything on the receipt, then give me the total as JSON.")


def _chinese(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    engines.answers += [[SEEN, finished("42.10")], [finished(CHINESE)]]
    _picture(desktop, engines, receipt)
    _ask(desktop, "What is the total?")
    _ask(desktop, "请用中文说说这张图片里写了什么？")


def _ask(desktop: Desktop, text: str) -> None:
    desktop.conversation.ask(text)
    until(lambda: not desktop.conversation.busy)


def _bad_picture(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    desktop.window.show_notice(
        notices.explain(PictureError(PictureFault.TRUNCATED, "holiday 2024.jpg"))
    )


def _no_memory(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    engines.answers.append([SEEN, OutOfMemory("cuda", needed=2_400_000_000, free=800_000_000)])
    _picture(desktop, engines, receipt)
    _ask(desktop, "What is the total?")


def _dropping(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    desktop.window.drop_zone.offer(begins_anew=False)


def _zoomed(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    _picture(desktop, engines, receipt)
    desktop.window.card.zoom_wished.emit()


def _panel(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
    chip = desktop.window.top_bar.model_chip
    chip.open_panel()
    settle()
    chip.panel.grab().save(str(receipt.parent / "panel.png"))


def _models(state: ModelState | None = None, name: str = STARTER) -> State:
    def show(desktop: Desktop, engines: FakeEngines, receipt: Path) -> None:
        desktop.models.show_page()
        page = desktop.models.page
        page.show_in_use(name)
        settle()  # a page that comes to the front looks at the disk
        if state is not None:
            desktop.keeper.changed.emit(state)

    return show


def _model_states() -> dict[str, State]:
    """What the models page shows of a download; the numbers are made up."""
    total = 6_872_003_633
    begun = ModelState(
        Stage.FETCHING,
        "/data/models/MiniCPM-V-2",
        done=2_310_000_000,
        total=total,
        free=212_400_000_000,
        source="fastest",
        line="2.31 GB of 6.87 GB  ·  11.2 MB/s  ·  7 min left",
        note="model-00001-of-00002.safetensors from Hugging Face",
        work=Work.GET,
    )
    waiting = "The source sends nothing any more. Next try in 12 s."
    problem = notices.explain(FetchError(FetchFault.WRONG_HASH, begun.note.split()[0]))
    complete = replace(begun, stage=Stage.COMPLETE, done=total, note="")
    return {
        "models": _models(),
        "models-fetching": _models(begun),
        "models-waiting": _models(replace(begun, stage=Stage.WAITING, line=waiting)),
        "models-paused": _models(replace(begun, stage=Stage.PAUSED)),
        "models-failed": _models(replace(begun, stage=Stage.FAILED, problem=problem)),
        "models-complete": _models(complete),
        "models-used": _models(complete, FULL),
    }


def draw_receipt() -> QImage:
    """A picture to ask about."""
    image = QImage(900, 1200, QImage.Format.Format_RGB888)
    image.fill(QColor("#fbfaf6"))
    painter = QPainter(image)
    painter.setPen(QColor("#222222"))
    lines = ("Notebook, A5        6.50", "Pencils, 12         4.20", "Atlas of Maps      31.40")
    _line(painter, 120, 56, "Harbour Books", Qt.AlignmentFlag.AlignHCenter)
    _line(painter, 210, 30, "12 Quay Street   14 May 2024", Qt.AlignmentFlag.AlignHCenter)
    for number, text in enumerate(lines):
        _line(painter, 360 + 80 * number, 40, text, Qt.AlignmentFlag.AlignLeft, "Monospace")
    painter.drawLine(90, 640, 810, 640)
    _line(painter, 690, 48, "Total        42.10", Qt.AlignmentFlag.AlignLeft, "Monospace")
    _line(painter, 980, 32, "Thank you, come again", Qt.AlignmentFlag.AlignHCenter)
    painter.end()
    return image


def _line(
    painter: QPainter,
    top: int,
    pixels: int,
    text: str,
    alignment: Qt.AlignmentFlag,
    family: str = "Serif",
) -> None:
    font = QFont(family)
    font.setPixelSize(pixels)
    painter.setFont(font)
    painter.drawText(QRectF(90, top, 720, 2 * pixels), alignment, text)


STATES: dict[str, State] = {
    "empty": _empty,
    "picture": _picture,
    "seeing": _seeing,
    "writing": _writing,
    "answered": _answered,
    "chinese": _chinese,
    "bad-picture": _bad_picture,
    "no-memory": _no_memory,
    "dropping": _dropping,
    "zoomed": _zoomed,
    "panel": _panel,
    "narrow-empty": _empty,
    "narrow-answered": _answered,
    **_model_states(),
}

if __name__ == "__main__":
    main()
