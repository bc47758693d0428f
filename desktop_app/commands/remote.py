"""``--server``: a command's questions go to a model elsewhere."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desktop_app import remote_wording
from desktop_app.commands import exit_codes
from desktop_app.remote_settings import KEY_VARIABLE, Keys, RemoteSettings, open_remote
from engine.messages import Progress, Ready

if TYPE_CHECKING:
    from desktop_app.commands.session import Console
    from engine.remote.engine import RemoteEngine


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Which server, and which of its models."""
    parser.add_argument(
        "--server",
        metavar="ADDRESS",
        help="ask an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; its key is read "
        f"from {KEY_VARIABLE} or the system's keyring",
    )
    parser.add_argument("--server-model", metavar="NAME", help="needed where it has several")


def server_problem(options: argparse.Namespace) -> str:
    """What does not go together in a command's words, or an empty text."""
    if options.server is None:
        return "--server-model goes with --server" if options.server_model else ""
    if (options.model, options.device, options.precision) != ("auto", "auto", "auto"):
        return "--model, --device and --precision do not go with --server"
    return ""


def open_server(options: argparse.Namespace, console: Console) -> tuple[RemoteEngine, Ready]:
    """Find the model on the server, and say what leaves this machine. Raises RemoteError."""
    chosen = RemoteSettings(options.server, options.server_model or "")
    engine = open_remote(chosen, Keys())
    leaves = remote_wording.privacy(engine.server)
    if leaves:
        console.say(leaves)
    for event in engine.load():
        match event:
            case Ready():
                console.clear()
                return engine, event
            case Progress():
                console.progress(event)
    raise RuntimeError("a load stream ended without Ready")


def remote_exit_code(error: Exception) -> int | None:
    """The exit code of a fault with a server; None for other errors."""
    from engine.remote.errors import NETWORK_FAULTS, RemoteError, RemoteFault

    if not isinstance(error, RemoteError):
        return None
    if error.fault in NETWORK_FAULTS:
        return exit_codes.NETWORK
    return {
        RemoteFault.BAD_ADDRESS: exit_codes.USAGE,
        RemoteFault.BEAMS_UNSUPPORTED: exit_codes.USAGE,
        RemoteFault.TOO_LONG: exit_codes.USAGE,
        RemoteFault.NO_SUCH_MODEL: exit_codes.MODEL,
        RemoteFault.PICTURES_UNSUPPORTED: exit_codes.MODEL,
    }.get(error.fault, exit_codes.FAILED)
