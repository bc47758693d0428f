"""Checkpoint shards to a model: strict about names and shapes, memory-mapped, no second copy."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch.overrides import TorchFunctionMode

from .configuration import MiniCPMVConfig
from .errors import ModelError, ModelFault
from .folder import CONFIG, INDEX, weight_files

if TYPE_CHECKING:
    from torch import nn

    from .model.vision_language import VisionLanguageBase, VisionLanguageModel

OUTPUT_LAYER = "llm.lm_head.weight"
Made = TypeVar("Made", bound=torch.nn.Module)


@dataclass(frozen=True, slots=True)
class Loaded:
    """So many bytes of the checkpoint are in place."""

    done: int
    total: int


def read_config(folder: Path) -> MiniCPMVConfig:
    """The folder's config.json. Raises ModelError."""
    if not folder.is_dir():
        raise ModelError(ModelFault.NO_FOLDER, str(folder))
    path = folder / CONFIG
    if not path.is_file():
        raise ModelError(ModelFault.NO_FILE, str(folder), path.name)
    try:
        return MiniCPMVConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except Exception as error:  # whatever a wrong value makes of itself, the file is at fault
        raise ModelError(ModelFault.BAD_CONFIG, str(folder), path.name, str(error)) from error


def shard_files(folder: Path) -> tuple[Path, ...]:
    """The checkpoint's files, by the index where there is one. Raises ModelError."""
    try:
        names = weight_files(folder)
    except ValueError as error:
        raise ModelError(ModelFault.DAMAGED_FILE, str(folder), INDEX, str(error)) from error
    for name in names:
        if not (folder / name).is_file():
            raise ModelError(ModelFault.NO_FILE, str(folder), name)
    return tuple(folder / name for name in names)


def empty_model(config: MiniCPMVConfig) -> VisionLanguageModel:
    """The engine's network on the meta device: shapes, no memory. Raises ValueError."""
    from .model.vision_language import VisionLanguageModel

    return on_meta(VisionLanguageModel, config)


def on_meta(make: Callable[[MiniCPMVConfig], Made], config: MiniCPMVConfig) -> Made:
    """A network of some class on the meta device."""
    with torch.device("meta"), WithoutValues():
        return make(config).eval().requires_grad_(False)


class WithoutValues(TorchFunctionMode):
    """Leaves out the first values of weights.

    On the meta device they are nothing, and drawing them loads torch's compiler: seconds.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:  # the signature is torch's
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def empty_model_of(folder: Path) -> VisionLanguageModel:
    """The network that a folder's config.json describes, without weights. Raises ModelError."""
    return described(folder, empty_model)


def described(folder: Path, make: Callable[[MiniCPMVConfig], Made]) -> Made:
    """What is made of a folder's config.json. Raises ModelError."""
    config = read_config(folder)
    try:
        return make(config)
    except Exception as error:  # a tower that cannot be made, in whatever way timm says so
        raise ModelError(ModelFault.BAD_CONFIG, str(folder), CONFIG, str(error)) from error


class Checkpoint:
    """The tensors of a folder, mapped, by name; checked against a model's."""

    def __init__(self, places: dict[str, Any]) -> None:
        self._places = places
        self.names = tuple(places)
        self.total = sum(map(self.size, places))

    def get(self, name: str) -> torch.Tensor:
        """A view of the mapped file."""
        tensor: torch.Tensor = self._places[name].get_tensor(name)
        return tensor

    def size(self, name: str) -> int:
        """The bytes of a tensor in its file."""
        return _bytes(self._places[name], name)


def open_checkpoint(stack: ExitStack, model: VisionLanguageBase, folder: Path) -> Checkpoint:
    """A folder's tensors for an empty model.

    Raises ModelError that names the first missing, spare or misshaped one.
    """
    shards = [stack.enter_context(_open(path)) for path in shard_files(folder)]
    places = {name: shard for shard in shards for name in shard.keys()}  # noqa: SIM118 - not a dict
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del wanted[OUTPUT_LAYER]
    check_tensors(places, wanted, folder)
    return Checkpoint(places)


def load_weights(
    model: VisionLanguageBase,
    folder: Path,
    *,
    dtype: torch.dtype,
    device: torch.device | str = "cpu",
) -> Iterator[Loaded]:
    """Give every parameter of an empty model its tensor, yielding after each one.

    A tensor that already has the wanted type and stays on the CPU is a view of the mapped
    file. Raises ModelError before anything is assigned.
    """
    with ExitStack() as stack:
        checkpoint = open_checkpoint(stack, model, folder)
        done = 0
        for name in checkpoint.names:
            done += checkpoint.size(name)
            place_tensor(model, name, checkpoint.get(name).to(device=device, dtype=dtype))
            yield Loaded(done, checkpoint.total)
    model.share_embeddings()


def check_tensors(places: dict[str, Any], wanted: dict[str, tuple[int, ...]], folder: Path) -> None:
    """Compare the checkpoint's names and shapes with the model's. Raises ModelError."""
    for name in sorted(wanted.keys() - places.keys()):
        raise ModelError(ModelFault.MISSING_TENSOR, str(folder), name)
    for name in sorted(places.keys() - wanted.keys()):
        raise ModelError(ModelFault.SPARE_TENSOR, str(folder), name)
    for name, shape in sorted(wanted.items()):
        found = tuple(places[name].get_slice(name).get_shape())
        if found != shape:
            detail = f"{list(found)}, not {list(shape)}"
            raise ModelError(ModelFault.WRONG_SHAPE, str(folder), name, detail)


def load_model(
    folder: Path, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> VisionLanguageModel:
    """A model folder, loaded in one go. Raises ModelError."""
    model = empty_model_of(folder)
    for _ in load_weights(model, folder, dtype=dtype, device=device):
        pass
    return model


def stored_dtype(folder: Path) -> torch.dtype:
    """The type of the checkpoint's first tensor. Raises ModelError."""
    with ExitStack() as stack:
        for shard in (stack.enter_context(_open(path)) for path in shard_files(folder)):
            for name in shard.keys():  # noqa: SIM118 - not a dict
                found: torch.dtype = shard.get_tensor(name).dtype
                return found
    return torch.float32


def _open(path: Path) -> Any:
    try:
        return safe_open(str(path), framework="pt", device="cpu")
    except (SafetensorError, OSError) as error:
        raise ModelError(
            ModelFault.DAMAGED_FILE, str(path.parent), path.name, str(error)
        ) from error


def _bytes(shard: Any, name: str) -> int:
    part = shard.get_slice(name)
    bits = re.search(r"\d+", part.get_dtype())  # "F32", "F8_E4M3"; "BOOL" has none
    return math.prod(part.get_shape()) * int(bits[0] if bits else 8) // 8


def place_tensor(model: nn.Module, name: str, tensor: torch.Tensor) -> None:
    """Make a tensor the parameter of that name."""
    parent_name, _, leaf = name.rpartition(".")
    parent = model.get_submodule(parent_name)
    setattr(parent, leaf, torch.nn.Parameter(tensor, requires_grad=False))
