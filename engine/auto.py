"""The two names of the model card's snippet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .hub import local_folder
from .model.minicpmv import MiniCPMV
from .tokenizer import Tokenizer


class AutoModel:
    """``AutoModel.from_pretrained`` as on the model card; no remote code is ever run."""

    @staticmethod
    def from_pretrained(
        name: str | Path, trust_remote_code: bool = False, **options: Any
    ) -> MiniCPMV:
        """A folder, or a repository by name; ``trust_remote_code`` is accepted and ignored."""
        return MiniCPMV.from_pretrained(name, **options)


class AutoTokenizer:
    """``AutoTokenizer.from_pretrained`` as on the model card."""

    @staticmethod
    def from_pretrained(
        name: str | Path, trust_remote_code: bool = False, *, revision: str | None = None
    ) -> Tokenizer:
        """A folder, or a repository by name; ``trust_remote_code`` is accepted and ignored."""
        return Tokenizer.from_folder(local_folder(name, revision))
