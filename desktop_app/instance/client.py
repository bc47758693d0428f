"""The second process: it finds the running program, hands its wish over and waits for the reply."""

from __future__ import annotations

import getpass
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from PySide6.QtNetwork import QLocalSocket

from desktop_app.instance.messages import (
    LONGEST_REPLY,
    Accepted,
    Frames,
    Reply,
    Request,
    decode_reply,
    encode,
)
from desktop_app.paths import Paths

CONNECT_MS = 2000
ACCEPT_SECONDS = 10.0  # a program that says nothing for so long hangs
REPLY_SECONDS = 900.0  # a person may draw the region, a slow model may read it
START_SECONDS = 60.0
SLICE_MS = 100  # between them Python sees Ctrl+C


class NoReply(Exception):
    """A program runs, but it does not answer."""


def server_name(paths: Paths) -> str:
    """Where this person's program listens; one for each data folder, whatever its version."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid()) if hasattr(os, "getuid") else ""
    whose = f"{user}\0{paths.data}".encode()
    name = f"minicpmv-{hashlib.sha256(whose).hexdigest()[:16]}"
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if sys.platform.startswith("linux") and Path(folder).is_dir() and Path(folder).is_absolute():
        return str(Path(folder) / name)  # a folder that nobody else can enter
    return name


def activation_token() -> str:
    """What the desktop gave this process to let a window come to the front."""
    names = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def connect(name: str) -> QLocalSocket | None:
    """A line to the running program, or None where none runs."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    return socket if socket.waitForConnected(CONNECT_MS) else None


def send(name: str, request: Request) -> Reply | None:
    """The reply of the running program; None where none runs. Raises NoReply, BadMessage."""
    socket = connect(name)
    if socket is None:
        return None
    _let_it_come_to_the_front()
    socket.write(encode(request))
    frames = Frames(LONGEST_REPLY)
    until = time.monotonic() + ACCEPT_SECONDS
    while time.monotonic() < until:
        if socket.bytesToWrite():
            socket.waitForBytesWritten(SLICE_MS)
        gone = not socket.waitForReadyRead(SLICE_MS) and _is_closed(socket)
        for message in frames.feed(bytes(socket.readAll().data())):
            said = decode_reply(message)
            if not isinstance(said, Accepted):
                return said
            until = time.monotonic() + REPLY_SECONDS
        if gone:
            break
    raise NoReply


def _is_closed(socket: QLocalSocket) -> bool:
    return socket.state() == QLocalSocket.LocalSocketState.UnconnectedState


def start_and_send(name: str, request: Request, program: list[str]) -> Reply:
    """Start a program without a window and ask it. Raises NoReply, BadMessage, OSError."""
    process = subprocess.Popen(
        [*program, "--background", "--until-answered"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C here is not meant for it
    )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        reply = send(name, request)
        if reply is not None:
            process.returncode = 0  # it is meant to outlive this process: no leak to warn of
            return reply
        if process.poll():
            break
        time.sleep(SLICE_MS / 1000)
    raise NoReply


def _let_it_come_to_the_front() -> None:
    """Windows lets only the process that the person started give the front away."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)
