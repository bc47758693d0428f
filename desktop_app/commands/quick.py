"""``minicpmv ocr`` with the quick reader: no model, and no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app import wording
from desktop_app.codes import with_codes
from desktop_app.commands import exit_codes
from desktop_app.commands.report import json_line
from desktop_app.commands.session import Console, interruptible
from desktop_app.i18n import tr
from desktop_app.readers import Reader
from engine.errors import EngineError, PictureError
from engine.messages import Finished, Picture, PictureSeen, Progress, TextDelta

if TYPE_CHECKING:
    from engine.quick.reader import QuickReader


def read_all(pictures: list[Picture], console: Console, *, json: bool, named: bool) -> int:
    """Read each picture; the exit code is that of the first failure.

    ``named`` says whose text follows, before each.
    """
    from engine.quick.reader import QuickReader

    reader, code = QuickReader(), exit_codes.OK
    try:
        with interruptible(console, streaming=not json):
            for picture in pictures:
                if named and not json:
                    console.say(f"{picture.name}:")
                code = _read(reader, picture, console, json=json) or code
    except EngineError as error:
        return console.fail(error)
    return code


def _read(reader: QuickReader, picture: Picture, console: Console, *, json: bool) -> int:
    try:
        finished, seen = _stream(reader, picture, console, quiet=json)
    except PictureError as error:
        return console.fail(error)
    if not finished.text:
        console.say(tr("{name}: no text was found").format(name=picture.name))
    print(json_line(as_json(finished, seen, picture)) if json else "", flush=True)
    return exit_codes.OK


def _stream(
    reader: QuickReader, picture: Picture, console: Console, *, quiet: bool
) -> tuple[Finished, PictureSeen | None]:
    """Pull the text, writing it line by line unless ``quiet``."""
    seen: PictureSeen | None = None
    for event in with_codes(reader.read(picture), picture):
        match event:
            case Progress():
                console.progress(event)
            case PictureSeen():
                seen = event
                for note in wording.picture_notes(event):
                    console.say(f"{picture.name}: {note}")
            case TextDelta() if not quiet:
                console.clear()
                print(event.text, end="", flush=True)
            case Finished():
                console.clear()
                return event, seen
    raise RuntimeError("a stream ended without Finished")


def as_json(finished: Finished, seen: PictureSeen | None, picture: Picture) -> dict[str, object]:
    """One picture, with the keys of a model's answer; it writes no tokens, so those are empty."""
    statistics = finished.statistics
    return {
        "picture": picture.name,
        "text": finished.text,
        "token_ids": [],
        "prompt_token_ids": [],
        "grid": None,
        "views": [list(view) for view in seen.views] if seen is not None else [],
        "stop_reason": finished.reason.value,
        "model": None,
        "device": "cpu",
        "precision": "float32",
        "tokens_per_second": None,
        "seconds": {
            "load": round(statistics.load_seconds, 4),
            "see": round(statistics.see_seconds, 4),
            "read": 0.0,
            "first_token": round(statistics.first_token_seconds, 4),
            "write": round(statistics.write_seconds, 4),
        },
        "reader": Reader.QUICK.value,
    }
