"""Train the starter model from nothing on the processor: seeded, with checkpoints, resumable."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import distributed, nn
from torch.multiprocessing.spawn import spawn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from batches import Batch, BatchSource  # noqa: E402
from held_out import HeldOut  # noqa: E402
from losses import losses  # noqa: E402
from optimizers import HALVES, Optimizers, use_faster_ways  # noqa: E402
from shape import new_model  # noqa: E402

WARM_UP_STEPS, SHORT_WARM_UP = 150, 100  # the latter for trained weights
HEADS_FIRST, HEADS_RATE = 100, 4e-3  # steps in which new heads learn to read trained weights
FALLING = 0.8  # of the time, in which the learning rate falls to nothing
LONGEST_STEP = 30.0  # seconds
FRUGAL = {  # for the processes that train: read when they start
    # every batch has other shapes, and oneDNN would keep a thousand products' programs: gigabytes
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "60",
    # memory is kept and used again: new pages of the system cost more than what is done with them
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
    "MALLOC_ARENA_MAX": "1",
}


@dataclass(frozen=True)
class Plan:
    """What one run is asked to do."""

    folder: Path
    vocabulary: Path
    minutes: float
    seed: int
    rate: float
    tokens: int
    checkpoint_minutes: float
    processes: int
    accumulate: int
    start: Path | None
    begin: float = 0.0
    tower: float = 1.0


def share(model: nn.Module, heads: nn.Module, elapsed: float) -> float:
    """Average gradients and clocks over the processes; return the common clock."""
    gradients = [p.grad for m in (model, heads) for p in m.parameters() if p.grad is not None]
    flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor([elapsed])])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    offset = 0
    for gradient in gradients:
        gradient.copy_(flat[offset : offset + gradient.numel()].view_as(gradient))
        offset += gradient.numel()
    return float(flat[-1])


class Run:
    """One training run: its model, its optimiser, its clock and its files."""

    def __init__(self, plan: Plan, resume: bool) -> None:
        """Start fresh or from the folder's checkpoint."""
        self.plan = plan
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.model, self.heads = new_model(plan.seed)
        self.optimizer = Optimizers(self.model, self.heads, plan.rate, plan.tower)
        self.eyes = plan.tower > 0
        self.model.vpm.requires_grad_(self.eyes)
        self.model.resampler.requires_grad_(self.eyes)
        self.learned = [p for p in self.model.parameters() if p.requires_grad]
        self.step, self.elapsed, self.samples = 0, 0.0, 0
        self.heads_first = 0 if plan.start is None else HEADS_FIRST
        if resume:
            self.restore()
        elif plan.start is not None:
            self.begin_with(plan.start)

    @property
    def progress(self) -> float:
        """How much of the time has been used, 0 to 1."""
        return min(1.0, self.elapsed / (60 * self.plan.minutes))

    @property
    def lesson(self) -> float:
        """Where in the curriculum the run is, 0 to 1; trained weights may begin later in it."""
        return self.plan.begin + (1 - self.plan.begin) * self.progress

    def restore(self) -> None:
        """Continue from the last checkpoint."""
        state = torch.load(self.plan.folder / "checkpoint.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.heads.load_state_dict(state["heads"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.elapsed, self.samples = state["step"], state["elapsed"], state["samples"]

    def begin_with(self, start: Path) -> None:
        """Take what fits from the checkpoint of another run, or from a shipped model folder."""
        if start.is_dir():  # a shipped folder: no teaching heads, no optimiser
            state = {"model": load_file(start / "model.safetensors"), "heads": {}}
        else:
            state = torch.load(start, weights_only=True)
        for module, saved in ((self.model, state["model"]), (self.heads, state["heads"])):
            mine = module.state_dict()
            fitting = {n: t for n, t in saved.items() if n in mine and mine[n].shape == t.shape}
            module.load_state_dict(fitting, strict=False)

    def save(self) -> None:
        """Write a checkpoint so that an interrupted write never costs the one before."""
        state = {
            "model": self.model.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
            "samples": self.samples,
        }
        temporary = self.plan.folder / "checkpoint.new"
        torch.save(state, temporary)
        temporary.replace(self.plan.folder / "checkpoint.pt")

    def rate(self) -> float:
        """Return the learning rate: a warm-up, then constant, then falling to almost nothing.

        While it is high the errors show its noise, not what has been learned: they fall with it.
        """
        if self.step < self.heads_first:
            return HEADS_RATE * min(1.0, (self.step + 1) / 10, (self.heads_first - self.step) / 80)
        warm_up = WARM_UP_STEPS if self.plan.start is None else SHORT_WARM_UP
        left = max(0.02, min(1.0, (1 - self.progress) / FALLING))
        return self.plan.rate * min(1.0, (self.step - self.heads_first + 1) / warm_up) * left

    def update(self, batches: list[Batch]) -> dict[str, float]:
        """Take one optimiser step over some batches and return the mean parts of the loss."""
        total: dict[str, float] = {}
        for parameter in self.learned:
            parameter.requires_grad_(self.step >= self.heads_first)
        self.optimizer.set_rate(self.rate())
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16, enabled=HALVES):
                parts = losses(self.model, self.heads, batch, self.lesson, self.eyes)
                (torch.stack(list(parts.values())).sum() / len(batches)).backward()
            for name, value in parts.items():
                total[name] = total.get(name, 0.0) + value.item() / len(batches)
        if self.plan.processes > 1:
            self.elapsed = share(self.model, self.heads, self.elapsed)
        norm = nn.utils.clip_grad_norm_([*self.model.parameters(), *self.heads.parameters()], 1.0)
        self.optimizer.step()  # what got no gradient is left alone
        self.step += 1
        self.samples += self.plan.processes * sum(len(batch.pixels) for batch in batches)
        return total | {"norm": float(norm)}

    def log(self, entry: dict[str, Any]) -> None:
        """Append one line to the run's log."""
        entry = {
            "step": self.step,
            "minutes": round(self.elapsed / 60, 2),
            "samples": self.samples,
        } | entry
        with (self.plan.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def train(self, rank: int) -> None:
        """Work until the time is used up; rank 0 writes the files."""
        seed = self.plan.seed + 1000 * (rank + 1) + 7919 * self.step
        # equal plans in every process, so that none waits for another's larger batch
        plan_seed = self.plan.seed + self.step
        source = BatchSource(seed, self.plan.vocabulary, self.plan.tokens, plan_seed, self.eyes)
        held_out = HeldOut(self.plan.vocabulary) if rank == 0 else None
        sums: dict[str, list[float]] = {}
        counted, last, saved = 0, time.monotonic(), self.elapsed
        while self.progress < 1.0:
            parts = self.update([source.batch(self.lesson) for _ in range(self.plan.accumulate)])
            now = time.monotonic()
            # a run that was stopped for a while has not trained meanwhile
            self.elapsed, last = self.elapsed + min(now - last, LONGEST_STEP), now
            counted += 1
            for name, value in parts.items():
                sums.setdefault(name, []).append(value)
            if held_out is None:
                continue
            if counted == 50:
                self.log(
                    {name: round(sum(values) / len(values), 4) for name, values in sums.items()}
                )
                sums, counted = {}, 0
            if self.elapsed - saved > 60 * self.plan.checkpoint_minutes or self.progress >= 1.0:
                self.save()
                saved = self.elapsed
                self.log(held_out.measure(self.model, self.heads))


def work(rank: int, plan: Plan, resume: bool) -> None:
    """Be one of the processes that train together."""
    torch.set_num_threads(1)
    use_faster_ways()
    if plan.processes > 1:
        meeting = f"file://{plan.folder.resolve()}/meeting"
        distributed.init_process_group(
            "gloo", init_method=meeting, rank=rank, world_size=plan.processes
        )
    run = Run(plan, resume)
    if rank == 0:
        run.log(
            {"plan": {key: str(value) for key, value in asdict(plan).items()}, "resumed": resume}
        )
    run.train(rank)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "runs/starter")
    parser.add_argument(
        "--vocabulary", type=Path, default=ROOT / "resources/starter/tokenizer.model"
    )
    parser.add_argument("--minutes", type=float, default=95.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--tokens", type=int, default=5000)
    parser.add_argument("--checkpoint-minutes", type=float, default=3.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--start", type=Path, help="a checkpoint or a model folder to begin with")
    parser.add_argument("--begin", type=float, default=0.0, help="where in the curriculum, 0 to 1")
    parser.add_argument(
        "--tower",
        type=float,
        default=1.0,
        help="the tower's share of the rate; with 0 only the decoder learns",
    )
    parser.add_argument("--resume", action="store_true")
    options = vars(parser.parse_args())
    resume = options.pop("resume")
    plan = Plan(**options)
    plan.folder.mkdir(parents=True, exist_ok=True)
    (plan.folder / "meeting").unlink(missing_ok=True)
    for name, value in FRUGAL.items():
        os.environ.setdefault(name, value)
    spawn(work, args=(plan, resume), nprocs=plan.processes)


if __name__ == "__main__":
    main()
