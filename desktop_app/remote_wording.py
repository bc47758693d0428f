"""The words for a model on a server: what leaves this machine, keys, faults. Without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.i18n import sentences, tr
from desktop_app.notices import Help, Notice, Tone

if TYPE_CHECKING:
    from desktop_app.remote_settings import KeyPlace
    from engine.remote.address import Server
    from engine.remote.errors import RemoteError


def privacy(server: Server) -> str:
    """What a person must know before the first question; empty where nothing leaves."""
    if server.on_this_machine:
        return ""
    leaves = tr("Pictures and questions leave this machine: they go to {server}.").format(
        server=server.name
    )
    if server.encrypted:
        return leaves
    return sentences(leaves, tr("The line is not encrypted: others on the network can read along."))


def privacy_notice(server: Server) -> Notice | None:
    """The same for the window."""
    said = privacy(server)
    return Notice(tr("The model runs elsewhere"), said, tone=Tone.INFO) if said else None


def key_place(place: KeyPlace) -> str:
    """Where the key is, in one sentence."""
    return {
        "nowhere": tr("No key is set."),
        "run": tr(
            "This system has no keyring that can be used, so the key is kept until the program "
            "is closed, and no longer."
        ),
        "keyring": tr("The key is in the system's keyring."),
        "environment": tr("The key comes from the environment variable MINICPMV_API_KEY."),
    }[place.value]


def explain(error: RemoteError) -> Notice:
    """Title, reason and advice for a fault."""
    reason, advice = _told(error)
    help = Help.LOAD_AGAIN if error.fault.value in _PASSING else Help.NOTHING
    return Notice(_title(error.fault.value), reason, advice, help, details=str(error))


def _title(fault: str) -> str:
    if fault in ("interrupted", "filtered"):
        return tr("The answer broke off")
    if fault in _ABOUT_SERVER:
        return tr("The server cannot be used")
    return tr("The server cannot answer this")


_PASSING = frozenset({"name", "unreachable", "proxy", "timeout", "busy", "server"})
_ABOUT_SERVER = _PASSING | {
    *("bad_address", "tls", "refused", "moved", "no_api", "no_such_model", "bad_answer"),
}


def _told(error: RemoteError) -> tuple[str, str]:
    server, detail = error.server, error.detail.rstrip(". ")
    if error.fault.value == "no_such_model":
        return _no_such_model(error)
    if error.fault.value == "busy":
        return _busy(error)
    reason = _reasons()[error.fault.value].format(server=server, detail=detail)
    if detail and error.fault.value in ("rejected", "server"):
        reason += " " + tr("It says: {detail}.").format(detail=detail)
    return reason, _advice().get(error.fault.value, "")


def _no_such_model(error: RemoteError) -> tuple[str, str]:
    shown = ", ".join(error.known[:8])
    known = tr("It has: {models}.").format(models=shown) if shown else ""
    if error.model:
        reason = tr("{server} has no model {model}.").format(server=error.server, model=error.model)
    elif shown:
        reason = tr("{server} has several models, and none is chosen.").format(server=error.server)
    else:
        reason = tr("{server} has no model to offer.").format(server=error.server)
    return reason, known


def _busy(error: RemoteError) -> tuple[str, str]:
    reason = tr("{server} is busy, or still loading its model.").format(server=error.server)
    if error.retry_after:
        return reason, tr("It asks to be tried again in {count} s.").format(
            count=round(error.retry_after)
        )
    return reason, tr("Try again in a moment.")


def _reasons() -> dict[str, str]:
    return {
        "bad_address": tr("{server} is not the address of a server."),
        "name": tr("No machine named {server} is known."),
        "unreachable": tr("{server} does not take the connection."),
        "proxy": tr("The proxy {server} does not let the question through."),
        "tls": tr("The identity of {server} cannot be confirmed."),
        "timeout": tr("{server} has said nothing for too long."),
        "interrupted": tr("The line to {server} broke before the answer had ended."),
        "refused": tr("{server} does not accept the key, or wants one."),
        "moved": tr("{server} points to another address: {detail}."),
        "no_api": tr("{server} answers, but not as a server of models at this address."),
        "pictures_unsupported": tr("The model on {server} cannot look at pictures."),
        "beams_unsupported": tr("Servers cannot search with beams."),
        "too_long": tr("The question is too long for the model on {server}."),
        "too_large": tr("The picture is too large for {server}."),
        "rejected": tr("{server} does not take the question."),
        "server": tr("{server} has trouble at the moment."),
        "filtered": tr("{server} stopped the answer on purpose: its filter objects."),
        "bad_answer": tr("What {server} sends cannot be understood."),
    }


def _advice() -> dict[str, str]:
    address = tr("Check the address; it usually ends in /v1.")
    return {
        "bad_address": tr("It looks like http://127.0.0.1:8000/v1, without name and password."),
        "name": address,
        "unreachable": tr("Check the address, and that the server is running."),
        "proxy": tr("Check the proxy settings of this computer."),
        "tls": tr("The check is never left out. Does the server speak https at this address?"),
        "timeout": tr("Check that the server is running, and try again."),
        "interrupted": tr("Ask once more."),
        "refused": tr("Set the key again."),
        "moved": tr("Nothing was sent there. If you trust it, enter that address."),
        "no_api": address,
        "pictures_unsupported": tr("Choose a model that sees, such as MiniCPM-V."),
        "beams_unsupported": tr("Choose another way of writing."),
        "too_long": tr("Begin a new conversation, or ask with fewer words."),
        "too_large": tr("Crop it, or make it smaller."),
        "server": tr("Try again later."),
        "bad_answer": address,
    }
