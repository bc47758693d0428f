"""Which device and precision are chosen, and why, on machines that this one is not."""

from __future__ import annotations

import pytest
import torch

from engine.device import as_out_of_memory, choose, dtype_of, free_memory, synchronize
from engine.errors import DeviceError
from engine.messages import ChoiceReason, Precision


class Machine:
    """A machine with so many CUDA cards of one capability, perhaps an Apple GPU, and a CPU."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.has()

    def has(
        self,
        cards: int = 0,
        capability: tuple[int, int] = (8, 0),
        mps: bool = False,
        bfloat16: bool = False,
        arm: bool = False,
    ) -> None:
        cuda, cpu = torch.cuda, torch.cpu
        self._patch.setattr(cuda, "is_available", lambda: cards > 0)
        self._patch.setattr(cuda, "device_count", lambda: cards)
        self._patch.setattr(cuda, "get_device_capability", lambda _: capability)
        self._patch.setattr(cuda, "get_device_name", lambda device: f"card of {device}")
        self._patch.setattr(torch.backends.mps, "is_available", lambda: mps)
        self._patch.setattr(cpu, "_is_avx512_bf16_supported", lambda: bfloat16, raising=False)
        self._patch.setattr(cpu, "_is_amx_tile_supported", lambda: False, raising=False)
        told = {"cpu_name": "a processor", "arm_bf16": arm}
        self._patch.setattr(cpu, "get_capabilities", lambda: told, raising=False)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def chosen(device: str = "auto", precision: str = "auto") -> tuple[object, ...]:
    choice = choose(device, precision)
    return choice.device, choice.precision, choice.device_reason, choice.precision_reason


def test_a_newer_card_gets_bfloat16(machine: Machine) -> None:
    machine.has(cards=1, mps=True, bfloat16=True)
    expected = (ChoiceReason.CUDA_FOUND, ChoiceReason.CUDA_HAS_BFLOAT16)
    assert chosen() == ("cuda", Precision.BFLOAT16, *expected)
    assert choose().device_name == "card of cuda"


def test_an_older_card_gets_float16(machine: Machine) -> None:
    machine.has(cards=1, capability=(7, 5), bfloat16=True)
    expected = (ChoiceReason.CUDA_FOUND, ChoiceReason.CUDA_LACKS_BFLOAT16)
    assert chosen() == ("cuda", Precision.FLOAT16, *expected)


def test_an_apple_gpu_gets_float16(machine: Machine) -> None:
    machine.has(mps=True, arm=True)
    expected = (ChoiceReason.MPS_FOUND, ChoiceReason.MPS_USES_FLOAT16)
    assert chosen() == ("mps", Precision.FLOAT16, *expected)


@pytest.mark.parametrize(("bfloat16", "arm"), [(True, False), (False, True)])
def test_a_processor_with_bfloat16_uses_it(machine: Machine, bfloat16: bool, arm: bool) -> None:
    machine.has(bfloat16=bfloat16, arm=arm)
    expected = (ChoiceReason.NO_ACCELERATOR, ChoiceReason.CPU_HAS_BFLOAT16)
    assert chosen() == ("cpu", Precision.BFLOAT16, *expected)
    assert choose().device_name == "a processor"


def test_any_other_processor_uses_float32(machine: Machine) -> None:
    expected = (ChoiceReason.NO_ACCELERATOR, ChoiceReason.CPU_LACKS_BFLOAT16)
    assert chosen() == ("cpu", Precision.FLOAT32, *expected)


def test_an_older_torch_knows_less_of_the_processor(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("get_capabilities", "_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name)
    assert chosen()[:2] == ("cpu", Precision.FLOAT32)
    assert choose().device_name == ""


def test_what_is_asked_for_is_used(machine: Machine) -> None:
    machine.has(cards=2, mps=True)
    asked = ChoiceReason.ASKED
    assert chosen("cpu", "float32") == ("cpu", Precision.FLOAT32, asked, asked)
    assert chosen("cuda:1", "float16") == ("cuda:1", Precision.FLOAT16, asked, asked)
    assert chosen("mps")[2:] == (asked, ChoiceReason.MPS_USES_FLOAT16)
    assert chosen("cuda:0")[1:3] == (Precision.BFLOAT16, asked)
    assert chosen("auto", "float32")[:3] == ("cuda", Precision.FLOAT32, ChoiceReason.CUDA_FOUND)
    assert choose("cpu", Precision.BFLOAT16).precision is Precision.BFLOAT16


@pytest.mark.parametrize(
    "device",
    ["cuda:2", "cuda:7", "cuda:x", "cuda:-1", "cuda:", "cuda:01", "cpu:0", "mps:0", "tpu", "", " "],
)
def test_a_device_that_is_not_there_is_named(machine: Machine, device: str) -> None:
    machine.has(cards=2, mps=True)
    with pytest.raises(DeviceError) as caught:
        choose(device)
    assert caught.value.device == device


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps"])
def test_no_accelerator_is_there(machine: Machine, device: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(device)
    assert caught.value.device == device


@pytest.mark.parametrize("precision", ["float16", "int3", "", "BFLOAT16"])
def test_a_precision_that_is_not_there_is_named(machine: Machine, precision: str) -> None:
    """The processor has no float16 arithmetic; the others do not exist."""
    with pytest.raises(DeviceError) as caught:
        choose("cpu", precision)
    assert (caught.value.device, caught.value.precision) == ("cpu", precision)


def test_every_precision_has_a_type() -> None:
    named = [precision for precision in Precision if precision is not Precision.AUTO]
    types = {precision.value: str(dtype_of(precision)) for precision in named}
    in_codes = dict.fromkeys(("int8", "int4"), "torch.bfloat16")  # of what is not in codes
    assert types == {p.value: f"torch.{p.value}" for p in named} | in_codes


@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_codes_need_a_device_that_multiplies_them(machine: Machine, precision: str) -> None:
    machine.has(cards=1, capability=(7, 5), mps=True)
    for device in ("cuda", "mps"):
        with pytest.raises(DeviceError) as caught:
            choose(device, precision)
        assert (caught.value.device, caught.value.precision) == (device, precision)
    machine.has(cards=1, capability=(9, 0))
    assert choose("cuda", precision).precision is Precision(precision)


def test_free_memory_is_asked_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (12, 34))
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 50)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 8)
    monkeypatch.setattr("engine.device.main_memory", lambda: (7, 9))
    assert [free_memory(device) for device in ("cuda:0", "mps", "cpu", "?")] == [12, 42, 7, 0]


def test_the_clock_waits_for_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: waited.append(str(device)))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append("mps"))
    for name in ("cpu", "cuda:1", "mps"):
        synchronize(torch.device(name))
    assert waited == ["cuda:1", "mps"]


def test_only_an_allocator_is_out_of_memory() -> None:
    told = as_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"), "cuda:1")
    assert told is not None
    assert told.device == "cuda:1"
    assert as_out_of_memory(MemoryError(), "cpu") is not None
    assert as_out_of_memory(RuntimeError("shapes differ"), "cpu") is None
    assert as_out_of_memory(ValueError("out of memory"), "cpu") is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_card_is_chosen() -> None:
    choice = choose()
    assert choice.device == "cuda"
    assert choice.device_name
    assert free_memory("cuda") > 0
