"""The starter model's shape and the weights it starts from."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.configuration import MiniCPMVConfig
from engine.model.minicpmv import MiniCPMV
from sizes import QUERIES, SIDE_SHIPPED, SLICES_SHIPPED
from supervision import TeachingHeads


def configuration() -> MiniCPMVConfig:
    """Return the starter's shape: the published keys with small numbers."""
    return MiniCPMVConfig(
        architectures=["MiniCPMV"],
        vocab_size=4226,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        initializer_range=0.06,
        dim_model_base=256,
        query_num=QUERIES,
        scale_resolution=SIDE_SHIPPED,
        max_slice_nums=SLICES_SHIPPED,
        tie_word_embeddings=True,
        vision_config={"embed_dim": 288, "depth": 9, "num_heads": 4},
        dtype="bfloat16",
    )


def new_model(seed: int) -> tuple[MiniCPMV, TeachingHeads]:
    """Make the model and its teaching heads with weights drawn from a seed."""
    torch.manual_seed(seed)
    config = configuration()
    model = MiniCPMV(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2 and (
                "vpm.blocks" in name or "resampler.attn" in name or "kv_proj" in name
            ):
                nn.init.xavier_uniform_(parameter)
            elif parameter.dim() == 2 and ".layers." in name:
                nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5)
            elif name.endswith("embed_tokens.weight"):
                nn.init.normal_(parameter, std=0.08)
        model.vpm.pos_embed.copy_(waves(model.vpm.embed_dim))
        nn.init.normal_(model.resampler.query, std=0.5)
        nn.init.normal_(model.resampler.proj, std=config.hidden_size**-0.5)
    return model, TeachingHeads(model.vpm.embed_dim, config.hidden_size)


def waves(width: int, side: int = 27) -> Tensor:
    """Return smooth positions to start from, (1, side * side, width): up to ten turns a side."""
    count = width // 4
    turns = torch.logspace(math.log10(0.4), 1.0, count) * 2 * math.pi
    angles = torch.outer((torch.arange(side) + 0.5) / side, turns)
    one = torch.cat((angles.sin(), angles.cos()), dim=1)  # (side, width / 2)
    rows, columns = one[:, None].expand(-1, side, -1), one[None].expand(side, -1, -1)
    return 0.5 * torch.cat((rows, columns), dim=-1).reshape(1, side * side, width)
