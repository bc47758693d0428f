"""MiniCPM-V 2.0 as a library.

The names below are resolved on first use: importing this package loads no torch. ``AutoModel``
and ``AutoTokenizer`` stand in for those of transformers in the model card's snippet.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .auto import AutoModel, AutoTokenizer
    from .configuration import MiniCPMVConfig
    from .engine import Engine
    from .messages import Picture, Question, Sampling, Speaker, Turn
    from .model.minicpmv import MiniCPMV
    from .tokenizer import Tokenizer

_PLACES = {
    "AutoModel": ".auto",
    "AutoTokenizer": ".auto",
    "Engine": ".engine",
    "MiniCPMV": ".model.minicpmv",
    "MiniCPMVConfig": ".configuration",
    "Picture": ".messages",
    "Question": ".messages",
    "Sampling": ".messages",
    "Speaker": ".messages",
    "Tokenizer": ".tokenizer",
    "Turn": ".messages",
}

__all__ = [
    "AutoModel",
    "AutoTokenizer",
    "Engine",
    "MiniCPMV",
    "MiniCPMVConfig",
    "Picture",
    "Question",
    "Sampling",
    "Speaker",
    "Tokenizer",
    "Turn",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name], __name__), name)
