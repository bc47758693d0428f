"""Turn a training checkpoint into the model folder that ships, in bfloat16."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shape import configuration  # noqa: E402

GENERATION = {  # few beams, of which most steps need one: README has what they gain
    "do_sample": False,
    "num_beams": 3,
    "beam_threshold": 2.0,
    "length_penalty": 1.0,
    "repetition_penalty": 1.0,
    "max_new_tokens": 512,
}
# what transformers adds to every configuration
HOUSEKEEPING = frozenset(
    {
        "_name_or_path",
        "chunk_size_feed_forward",
        "id2label",
        "is_encoder_decoder",
        "label2id",
        "output_attentions",
        "problem_type",
        "return_dict",
        "transformers_version",
    }
)
TIED, WEIGHTS = "llm.lm_head.weight", "model.safetensors"


def averaged(state: dict[str, Tensor], folders: Sequence[Path]) -> dict[str, Tensor]:
    """Return the means of weights and of those that model folders have, each counting alike.

    Runs that began with the same weights end in different places around a better one, since
    batches are small (M. Wortsman et al., Model soups, 2022; P. Izmailov et al., 2018).
    """
    all_weights = [state, *(load_file(folder / WEIGHTS) for folder in folders)]
    return {
        name: torch.stack([weights[name].float() for weights in all_weights]).mean(0)
        for name in state
    }


def export(checkpoint: Path, folder: Path, average: Sequence[Path] = ()) -> int:
    """Write everything but the vocabulary into the folder; return the number of parameters.

    The weights are the means of the checkpoint's and of those in the folders to `average` with.
    """
    state = torch.load(checkpoint, weights_only=True)["model"]
    known = {name: value for name, value in state.items() if name != TIED}
    weights = {
        name: value.to(torch.bfloat16).contiguous()
        for name, value in averaged(known, average).items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)  # the library writes for the owner alone
    config = {k: v for k, v in configuration().to_dict().items() if k not in HOUSEKEEPING}
    (folder / "config.json").write_text(
        json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
    (folder / "generation_config.json").write_text(
        json.dumps(GENERATION, indent=2) + "\n", encoding="utf-8"
    )
    return sum(value.numel() for value in weights.values())


def main() -> None:
    """Export a run's last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "runs/starter/checkpoint.pt")
    parser.add_argument("--folder", type=Path, default=ROOT / "resources/starter")
    parser.add_argument(
        "--average", type=Path, nargs="*", default=[], help="model folders to take the mean with"
    )
    options = parser.parse_args()
    count = export(options.checkpoint, options.folder, options.average)
    print(f"{count:,} parameters in {options.folder}")


if __name__ == "__main__":
    main()
