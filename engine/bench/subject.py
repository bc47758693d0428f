"""What the bench measures: a model's folder, or the published shapes made in memory."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psutil
import torch

from ..answering import Parts
from ..configuration import MiniCPMVConfig
from ..device import choose, dtype_of
from ..engine import Engine
from ..messages import DeviceChoice, Phase, Progress
from ..quantised.capability import QUANTISED
from ..quantised.loading import quantise_in_memory
from ..quantised.targets import EMBEDDING
from ..runner import Runner
from ..tokenizer import Tokenizer
from ..weights import empty_model, place_tensor
from .random_weights import RandomTensors

RANDOM_FULL = "random-full"


@dataclass(frozen=True, slots=True)
class Subject:
    """A loaded model, and what loading it cost. ``loading_peak`` is in bytes over what was."""

    name: str
    choice: DeviceChoice
    parts: Parts
    parameters: int
    load_seconds: float
    loading_peak: int

    @property
    def weight_bytes(self) -> int:
        """The bytes of its weights as they are held."""
        return held_bytes(self.parts.runner.model)


Loading = Generator[Progress, None, Subject]


def held_bytes(module: torch.nn.Module) -> int:
    """The bytes of a module's parameters and buffers, shared ones once."""
    tensors = {t.data_ptr(): t for t in [*module.parameters(), *module.buffers()]}
    return sum(t.numel() * t.element_size() for t in tensors.values())


class Peak:
    """The most memory held since it was made, over what was held then."""

    def __init__(self, device: str) -> None:
        self._device = device
        if device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(device)
        self._before = psutil.Process().memory_info().rss

    def bytes(self) -> int:
        """On a GPU its allocator's own count; elsewhere what the process holds."""
        if self._device.startswith("cuda"):
            return int(torch.cuda.max_memory_allocated(self._device))
        return max(0, _highest_resident() - self._before)


def _highest_resident() -> int:
    info = psutil.Process().memory_info()
    highest = getattr(info, "peak_wset", 0)  # Windows
    if not highest:
        try:
            import resource
        except ImportError:
            return int(info.rss)
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        highest *= 1 if psutil.MACOS else 1024
    return int(highest)


def load_folder(folder: Path, device: str, precision: str) -> Loading:
    """Load a model folder as everyone does. Raises EngineError."""
    import_module(
        "..model.minicpmv", __package__
    )  # its libraries take seconds, and are not the model
    engine = Engine(folder, device, precision)
    peak = Peak(choose(device, precision).device)
    started = time.perf_counter()
    for event in engine.load():
        if isinstance(event, Progress):
            yield event
    seconds = time.perf_counter() - started
    if engine.info is None:
        raise RuntimeError("a load stream ended without a model")
    info = engine.info
    return Subject(info.name, info.choice, engine._loaded(), info.parameters, seconds, peak.bytes())


def make_random(
    config: MiniCPMVConfig, tokenizer: Path, device: str, precision: str, name: str = RANDOM_FULL
) -> Loading:
    """A model of these shapes with random weights; ``tokenizer`` is a folder that has one."""
    choice = choose(device, precision)
    peak, started = Peak(choice.device), time.perf_counter()
    model = empty_model(config)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    parameters = sum(parameter.numel() for parameter in model.parameters())
    noise = RandomTensors(shapes, dtype_of(choice.precision))
    if choice.precision in QUANTISED:
        for target in quantise_in_memory(model, noise.get, choice.precision, choice.device):
            yield Progress(Phase.LOADING, 0, 0)
            for source in target.sources:
                shapes.pop(source)
        if config.tie_word_embeddings:
            shapes[EMBEDDING] = noise.shapes[EMBEDDING]
    for number, tensor_name in enumerate(shapes):
        place_tensor(model, tensor_name, noise.get(tensor_name).to(choice.device))
        yield Progress(Phase.LOADING, number + 1, len(shapes))
    if choice.precision not in QUANTISED:
        model.share_embeddings()
    parts = Parts(Runner(model), Tokenizer.from_folder(tokenizer))
    seconds = time.perf_counter() - started
    return Subject(name, choice, parts, parameters, seconds, peak.bytes())
