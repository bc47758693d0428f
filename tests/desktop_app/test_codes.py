"""Codes in a picture, drawn here and read by the real library."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.codes import codes_in, with_codes
from desktop_app.reader_worker import quick_reader
from engine.messages import AnswerEvent, Finished, Picture, Statistics, StopReason, TextDelta

LINK = "https://example.org/?a=1"
Pixels = NDArray[np.uint8]


def page(*, qr: str = "", text: str = "") -> Picture:
    pixels = np.full((420, 900, 3), 255, np.uint8)
    if text:
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(pixels, text, (320, 80), font, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    if qr:
        modules = cv2.QRCodeEncoder.create().encode(qr)
        put(pixels, modules.repeat(6, axis=0).repeat(6, axis=1).astype(np.uint8), 20)
    return Picture(cv2.imencode(".png", pixels)[1].tobytes(), "page.png", "page")


def put(pixels: Pixels, code: Pixels, left: int, top: int = 100) -> None:
    pixels[top : top + code.shape[0], left : left + code.shape[1]] = code[..., None]


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ({"qr": LINK}, [LINK]),
        ({"qr": "网址 example.org"}, ["网址 example.org"]),
        ({"text": "Nothing of the kind"}, []),
    ],
)
def test_codes_are_read(drawn: dict[str, str], said: list[str]) -> None:
    assert codes_in(page(**drawn)) == said


def test_what_is_no_picture_has_no_codes() -> None:
    assert codes_in(Picture(b"no picture", "x.png", "x")) == []


def stream(text: str) -> Iterator[AnswerEvent]:
    yield TextDelta(text)
    yield Finished(StopReason.END, text, (), (), Statistics())


def test_a_code_follows_the_text_unless_it_stands_there_already() -> None:
    told = list(with_codes(stream("Scan me"), page(qr=LINK)))
    assert "".join(each.text for each in told if isinstance(each, TextDelta)) == (
        f"Scan me\n\n{LINK}"
    )
    assert isinstance(told[-1], Finished)
    assert told[-1].text == f"Scan me\n\n{LINK}"
    assert list(with_codes(stream(LINK), page(qr=LINK))) == list(stream(LINK))
    assert list(with_codes(stream("Scan me"), page())) == list(stream("Scan me"))


def test_the_quick_reader_reads_text_and_code() -> None:
    picture = page(qr=LINK, text="Scan this code")
    *_, last = with_codes(quick_reader().read(picture), picture)
    assert isinstance(last, Finished)
    lines = last.text.splitlines()
    assert lines[-1] == LINK
    assert "Scan this code" in lines
