"""Events out of bytes that were cut anywhere."""

from __future__ import annotations

import pytest

from engine.messages import Finished, TextDelta
from engine.remote import server_events
from engine.remote.server_events import EventParser, ServerEvent

from .conftest import ask, opened
from .server import DONE, Hub, Script, delta, said

TEXT = "Où? 你好 \U0001f600 ends"
STREAM = b"".join(
    [
        b"\xef\xbb\xbf: hello\r\n\r\n",
        delta("", role="assistant").replace(b"\n", b"\r\n"),
        b"retry: 3000\n: ping\n\n",
        delta(TEXT[:4]).replace(b"\n", b"\r"),
        delta(TEXT[4:]),
        delta(reason="stop").replace(b"data: ", b"data:"),
        DONE,
    ]
)


def parsed(*parts: bytes) -> list[ServerEvent]:
    parser = EventParser()
    return [event for part in parts for event in parser.push(part)] + parser.finish()


def test_a_cut_anywhere_changes_nothing() -> None:
    whole = parsed(STREAM)
    assert [event.data[:1] for event in whole] == [b"{", b"{", b"{", b"{", b"["]
    for at in range(len(STREAM) + 1):
        assert parsed(STREAM[:at], STREAM[at:]) == whole
    assert parsed(*(bytes([byte]) for byte in STREAM)) == whole


def test_an_answer_cut_anywhere_on_the_line_is_the_same(hub: Hub) -> None:
    engine = opened(hub)
    for at in range(1, len(STREAM)):
        hub.scripts.append(Script((STREAM[:at], STREAM[at:])))
        events = list(engine.answer(ask()))
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == TEXT
        assert isinstance(events[-1], Finished)
        assert events[-1].text == TEXT


def test_fields_lines_and_the_end() -> None:
    assert parsed(b"event: error\ndata: a\ndata:b\n\n") == [ServerEvent("error", b"a\nb")]
    assert parsed(b"error: {}\n\n") == [ServerEvent("error", b"{}")]
    assert parsed(b"data: last") == [ServerEvent("", b"last")]
    assert parsed(b"\r\n\r\n: x\n\nid: 7\n\n") == []


def test_an_event_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_events, "LONGEST", 1000)
    for piece in (b"x", b"data: xx\n"):
        with pytest.raises(ValueError, match="end"):
            parsed(*[piece] * 1001)
    parser = EventParser()
    for _ in range(1001):  # ordinary events may be as many as they like
        assert parser.push(b": ping\n\ndata: x\n\n")


def test_a_long_line_is_read(hub: Hub) -> None:
    text = "long " * 200_000
    hub.scripts.append(Script(said(text)))
    finished = list(opened(hub).answer(ask()))[-1]
    assert isinstance(finished, Finished)
    assert finished.text == text.strip()
