"""QR codes in a picture that is read: what they say follows the text."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from engine.errors import PictureError
from engine.messages import AnswerEvent, Finished, Picture, TextDelta


def with_codes(
    events: Iterable[AnswerEvent], picture: Picture
) -> Generator[AnswerEvent, None, None]:
    """The same stream, with what codes say as its last lines."""
    for event in events:
        if isinstance(event, Finished):
            said = "\n".join(code for code in codes_in(picture) if code not in event.text)
            if said:
                parted = f"\n\n{said}" if event.text else said
                yield TextDelta(parted)
                event = replace(event, text=event.text + parted)
        yield event


def codes_in(picture: Picture) -> list[str]:
    """What the codes say, each once; nothing where a code cannot be read."""
    import cv2
    import numpy as np

    from engine.pictures import decode

    try:
        pixels = np.asarray(decode(picture).image.convert("L"))
        _, texts, *_ = cv2.QRCodeDetector().detectAndDecodeMulti(pixels)
    except (PictureError, cv2.error):
        return []
    return list(dict.fromkeys(text for text in texts if text))
