"""The model card's ``chat``, on transformers' own generation."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..messages import Speaker, Turn
from ..prompt import Prompt, build
from ..slicing import SlicePlan, cut, normalise, plan

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..tokenizer import Tokenizer
    from .minicpmv import MiniCPMV

SAMPLING = {
    "top_p": 0.8,
    "top_k": 100,
    "temperature": 0.7,
    "do_sample": True,
    "repetition_penalty": 1.05,
}
BEAMS = {"num_beams": 3, "repetition_penalty": 1.2, "do_sample": False}


class ChatMixin:
    """``chat`` for a model that can embed and generate."""

    @torch.inference_mode()
    def chat(
        self: Any,
        image: Image | None,
        msgs: Sequence[dict[str, str]] | str,
        context: object = None,
        tokenizer: Tokenizer | None = None,
        vision_hidden_states: Sequence[Tensor] | None = None,
        max_new_tokens: int = 1024,
        sampling: bool = True,
        max_inp_length: int = 2048,
        special_tokens: bool = False,
        **options: Any,
    ) -> tuple[str, list[dict[str, str]], dict[str, Any]]:
        """Answer the last of ``msgs`` about ``image``, or about nothing where it is None.

        Returns the answer, the messages with the answer appended, and the options used.
        ``msgs`` are {"role": "user" or "assistant", "content": text}, or their JSON; ``context``
        is ignored, as in the published code. ``vision_hidden_states`` are the views' features
        from ``encode_views``, if they are already known. All of ``options`` reach
        transformers' ``generate``, which refuses unknown ones. A prompt beyond
        ``max_inp_length`` loses its oldest turns, not its end.
        """
        if tokenizer is None:
            raise TypeError("chat() needs the tokenizer")
        messages = json.loads(msgs) if isinstance(msgs, str) else copy.deepcopy(list(msgs))
        turns = [Turn(Speaker(message["role"]), message["content"]) for message in messages]
        views, features = None, vision_hidden_states
        if image is not None:
            image = image.convert("RGB")
            views = plan(*image.size, self.config.slice_settings)
            features = features if features is not None else _encode(self, image, views)
        prompt = build(
            turns,
            views.grid if views is not None else None,
            tokenizer,
            has_picture=views is not None,
            query_num=self.config.query_num,
            special_tokens=special_tokens,
            limit=max_inp_length,
        )
        used = {**(SAMPLING if sampling else BEAMS), "max_new_tokens": max_new_tokens, **options}
        with warnings.catch_warnings():
            # that the penalty covers only new tokens is what the published model was tuned with
            warnings.filterwarnings("ignore", message="Passing `repetition_penalty`")
            written = self.llm.generate(
                inputs_embeds=_embed(self, prompt, features),
                pad_token_id=tokenizer.unk_id,
                bos_token_id=tokenizer.bos_id,
                eos_token_id=tokenizer.eos_id,
                **used,
            )
        answer = tokenizer.decode(written[0].tolist()).strip()
        return answer, [*messages, {"role": "assistant", "content": answer}], used


def _encode(model: MiniCPMV, image: Image, views: SlicePlan) -> list[Tensor]:
    """Each view's (queries, hidden)."""
    device = model.device
    return [
        model.encode_views(torch.from_numpy(normalise(view))[None].to(device))[0]
        for view in cut(image, views)
    ]


def _embed(model: MiniCPMV, prompt: Prompt, features: Sequence[Tensor] | None) -> Tensor:
    ids = torch.tensor([prompt.ids], device=model.device)
    return model.embed(ids, features, prompt.image_bounds)
