"""What two processes say to each other survives the wire, and nothing else is taken."""

from __future__ import annotations

import json
import struct

import pytest

from desktop_app.instance.messages import (
    Accepted,
    BadMessage,
    Command,
    Frames,
    Reply,
    Request,
    decode_reply,
    decode_request,
    encode,
)
from desktop_app.screen_wish import ScreenWish

REQUESTS = [
    Request(Command.OPEN),
    Request(Command.OPEN, ("/tmp/收据.png", "C:\\a b.png"), activation="token"),
    Request(Command.READ_SCREEN, wish=ScreenWish("quick", 1, (-1920, 0, 200, 100), True)),
]


def body(message: Request | Accepted | Reply) -> bytes:
    (whole,) = Frames(1 << 20).feed(encode(message))
    return whole


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_comes_back_as_it_was(request_: Request) -> None:
    assert decode_request(body(request_)) == request_


@pytest.mark.parametrize("reply", [Accepted(), Reply(0, "行\n1"), Reply(5, "", "No room.")])
def test_a_reply_comes_back_as_it_was(reply: Accepted | Reply) -> None:
    assert decode_reply(body(reply)) == reply


def test_messages_may_arrive_byte_by_byte() -> None:
    data = encode(REQUESTS[0]) + encode(REQUESTS[1])
    frames = Frames(1 << 20)
    came = [whole for byte in data for whole in frames.feed(bytes([byte]))]
    assert [decode_request(each) for each in came] == REQUESTS[:2]


def test_a_message_over_the_limit_is_refused_by_its_length_alone() -> None:
    with pytest.raises(BadMessage, match="101"):
        Frames(100).feed(struct.pack(">I", 101))


def changed(**what: object) -> bytes:
    whole = json.loads(body(REQUESTS[2]))
    for name, value in what.items():
        (whole["wish"] if name in whole["wish"] else whole)[name] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        body(Reply(0)),
        changed(protocol=2),
        changed(protocol=None),
        changed(command="delete everything"),
        changed(pictures=[1]),
        changed(pictures=None),
        changed(pictures=["x"] * 1001),
        changed(activation=7),
        changed(region=[1, 2, 3]),
        changed(region=[1, 2, 3, "4"]),
        changed(region=[0, 0, 1, 1 << 40]),
        changed(screen="first"),
        changed(screen=True),
        changed(reader="nobody"),
        changed(wish=None),
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_request(data)


@pytest.mark.parametrize("data", [b"{}", b'{"protocol": 1}', b'{"protocol": 1, "code": "0"}'])
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_reply(data)
