"""Addresses as people type them."""

from __future__ import annotations

import pytest

from engine.remote.address import parse
from engine.remote.engine import RemoteEngine
from engine.remote.errors import RemoteError, RemoteFault


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        (" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("models.example.com", "https://models.example.com/v1"),
        ("https://models.example.com:443/v1", "https://models.example.com/v1"),
        (
            "http://10.0.0.7:8000/api/openai/v1/chat/completions",
            "http://10.0.0.7:8000/api/openai/v1",
        ),
        ("HTTP://Box.local:8000/v1/models", "http://box.local:8000/v1"),
    ],
)
def test_an_address_is_made_whole(typed: str, meant: str) -> None:
    assert parse(typed).address == meant
    assert parse(meant) == parse(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "http://",
        "ftp://box/v1",
        "http://box:99999/v1",
        "http://me:secret@box/v1",
        "http://box/v1?key=1",
        "http://box/v1#a",
        "http://a b/v1",
        "http://box/v 1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(RemoteError) as caught:
        RemoteEngine(typed)
    assert caught.value.fault is RemoteFault.BAD_ADDRESS


@pytest.mark.parametrize(
    ("typed", "here"),
    [
        ("localhost", True),
        ("app.localhost:1", True),
        ("127.0.0.1:1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("0.0.0.0:1", False),
        ("192.168.1.2", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_only_the_loopback_address_is_this_machine(typed: str, here: bool) -> None:
    assert parse(typed).on_this_machine is here


def test_the_key_is_in_no_representation() -> None:
    server = parse("box", " sk-secret ")
    assert server.key == "sk-secret"
    assert "secret" not in repr(server)
    with pytest.raises(RemoteError) as caught:
        parse("box", "two\nlines")
    assert caught.value.fault is RemoteFault.REFUSED
    assert "lines" not in str(caught.value)
