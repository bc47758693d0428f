"""The models that a server has."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from .address import Server
from .errors import RemoteError, RemoteFault
from .exchange import Exchange
from .refusal import MOST_BODY, refusal
from .wire import Patience

MOST_LIST = 2**22


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model by the name that requests use; numbers are 0 where the server does not tell."""

    name: str
    context_length: int = 0
    parameters: int = 0
    weight_bytes: int = 0


def offered(server: Server, patience: Patience) -> Generator[None, None, tuple[OfferedModel, ...]]:
    """Ask for the list; the value is the list. Raises RemoteError."""
    with closing(Exchange(server, patience)) as exchange:
        exchange.silence = patience.silence_seconds
        reply = yield from exchange.ask("GET", "models")
        limit = MOST_LIST if reply.status == 200 else MOST_BODY
        body = yield from exchange.whole(limit)
    if reply.status != 200:
        raise refusal(server, reply, body)
    try:
        return tuple(_model(entry) for entry in json.loads(body)["data"] or ())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        fault = RemoteFault.NO_API
        raise RemoteError(fault, server.name, detail=reply.content_type, status=200) from error


def choose(models: tuple[OfferedModel, ...], name: str, server: Server) -> OfferedModel:
    """The model of that name, or the only one where no name is given. Raises RemoteError.

    Ollama lists a name with its tag, and takes it without.
    """
    for model in models:
        if model.name in (name, f"{name}:latest"):
            return model
    if not name and len(models) == 1:
        return models[0]
    known = tuple(model.name for model in models)
    raise RemoteError(RemoteFault.NO_SUCH_MODEL, server.name, model=name, known=known)


def _model(entry: dict[str, Any]) -> OfferedModel:
    meta = entry.get("meta") or {}  # llama.cpp
    length = entry.get("max_model_len") or meta.get("n_ctx") or meta.get("n_ctx_train")
    return OfferedModel(
        name=str(entry["id"]),
        context_length=int(length or 0),
        parameters=int(meta.get("n_params") or 0),
        weight_bytes=int(meta.get("size") or 0),
    )
