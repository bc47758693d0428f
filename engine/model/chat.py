"""The model card's ``chat``, on transformers' own generation."""
from __future__ import annotations
class ChatMixin:
    """Placeholder until the prompt code is there."""
