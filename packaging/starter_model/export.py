"""Turn a training checkpoint into the model folder that ships, in bfloat16."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shape import configuration  # noqa: E402

GENERATION = {"do_sample": False, "repetition_penalty": 1.0, "max_new_tokens": 512}
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
TIED = "llm.lm_head.weight"


def export(checkpoint: Path, folder: Path) -> int:
    """Write everything but the vocabulary into the folder; return the number of parameters."""
    state = torch.load(checkpoint, weights_only=True)["model"]
    weights = {
        name: value.to(torch.bfloat16).contiguous() for name, value in state.items() if name != TIED
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # the library writes for the owner alone
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
    options = parser.parse_args()
    count = export(options.checkpoint, options.folder)
    print(f"{count:,} parameters in {options.folder}")


if __name__ == "__main__":
    main()
