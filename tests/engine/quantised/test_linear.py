"""Codes of eight and four bits, and every product with them, against plain arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.errors import DeviceError
from engine.messages import Precision
from engine.quantised import capability as capabilities
from engine.quantised.capability import (
    BLOCKS,
    PLAIN,
    Capability,
    capability_of,
    pack_for_cpu,
    pack_plain,
    unpack_plain,
)
from engine.quantised.linear import (
    FEW_ROWS,
    FEW_ROWS_ON_CUDA,
    Int4Linear,
    Int8Linear,
)
from engine.quantised.schemes import (
    GROUP,
    EightBits,
    codes_of_rows,
    dequantise,
    eight_bits,
    eight_bits_of,
    four_bits,
)
from engine.quantised.targets import Target

ROWS, COLUMNS = 192, 320
TARGETS = {
    precision: Target("a.layer", ("a.layer.weight",), ROWS, COLUMNS, precision)
    for precision in (Precision.INT8, Precision.INT4)
}


@pytest.fixture
def weight() -> Tensor:
    torch.manual_seed(0)
    noise = 0.02 * torch.randn(ROWS, COLUMNS)
    noise[3] *= 40  # rows differ, and one weight stands out
    noise[5, 7] = 2.0
    noise[9] = 0.0
    return noise


def distance(ours: Tensor, exact: Tensor) -> float:
    return float((ours.float() - exact).norm() / exact.norm())


# Codes


def test_eight_bits_are_within_half_a_step(weight: Tensor) -> None:
    eight = eight_bits(weight)
    assert (eight.codes.dtype, eight.scales.dtype) == (torch.int8, torch.bfloat16)
    error = (dequantise(eight) - weight).abs()
    assert (error <= 0.5001 * eight.scales.float()[:, None]).all()
    assert distance(dequantise(eight), weight) < 0.01


def test_four_bits_are_no_worse_than_a_float_grid(weight: Tensor) -> None:
    four = four_bits(weight)
    assert int(four.codes.max()) <= 15
    eight = eight_bits_of(four)
    wide = (four.codes.int().unflatten(1, (-1, GROUP)) - 8) * four.multipliers[..., None].int()
    assert torch.equal(eight.codes.int(), (wide + four.offsets[..., None]).flatten(1)), (
        "no overflow"
    )
    groups = weight.unflatten(1, (-1, GROUP))
    low, high = groups.aminmax(dim=-1, keepdim=True)
    step = ((high - low) / 15).clamp_min(1e-12)
    plain = ((groups - low) / step).round() * step + low
    assert distance(dequantise(eight), weight) < 1.1 * distance(plain.flatten(1), weight)


def test_a_step_of_a_group_is_a_bfloat16(weight: Tensor) -> None:
    four = four_bits(weight)
    steps = four.multipliers.float() * four.scales.float()[:, None]
    assert torch.equal(steps.to(torch.bfloat16).float(), steps)


def test_many_rows_of_weights_are_the_same_as_few(weight: Tensor) -> None:
    tall = weight.repeat(7, 1)
    assert torch.equal(eight_bits(tall).codes[-ROWS:], eight_bits(weight).codes)
    assert torch.equal(four_bits(tall).codes[-ROWS:], four_bits(weight).codes)


def test_activations_are_quantised_row_by_row() -> None:
    rows = torch.tensor([[1.0, -2.0], [100.0, 50.0], [0.0, 0.0]])
    codes, scales = codes_of_rows(rows)
    assert codes.tolist() == [[64, -127], [127, 64], [0, 0]]
    assert torch.allclose(codes * scales, rows, atol=0.4)


def test_packed_codes_come_back() -> None:
    codes = torch.randint(0, 16, (128, 192), dtype=torch.uint8)
    assert torch.equal(unpack_plain(pack_plain(codes)), codes)
    block = capabilities.packed_block()
    assert block in (*BLOCKS, 0)
    if block:
        packed = pack_for_cpu(codes)
        assert torch.equal(capabilities.unpack_for_cpu(packed, block).t(), codes)


# Products


def here(precision: Precision, *, in_codes: bool, widened: bool = False) -> Capability:
    try:
        found = capability_of("cpu", precision)
    except DeviceError as error:
        pytest.skip(f"this processor cannot: {error}")
    return replace(found, eight_bit_rows=1 if in_codes else None, widened=widened)


@pytest.mark.parametrize("rows", [1, 3, FEW_ROWS, FEW_ROWS + 1, 200])
@pytest.mark.parametrize("way", ["in codes", "unpacked", "widened"])
@pytest.mark.parametrize("precision", TARGETS)
@torch.inference_mode()
def test_products(weight: Tensor, precision: Precision, way: str, rows: int) -> None:
    in_codes = way == "in codes"
    able = here(precision, in_codes=in_codes, widened=way == "widened")
    target = TARGETS[precision]
    layer = target.layer(target.quantise(weight, able), able)
    four = precision is Precision.INT4
    stood_for = dequantise(eight_bits_of(four_bits(weight)) if four else eight_bits(weight))
    torch.manual_seed(rows)
    hidden = torch.randn(1, rows, COLUMNS).to(torch.bfloat16)
    out = layer(hidden)
    assert (out.shape, out.dtype) == ((1, rows, ROWS), torch.bfloat16)
    assert distance(out, hidden.float() @ stood_for.t()) < (0.015 if in_codes else 0.006)
    layer.bias = torch.nn.Parameter(torch.ones(ROWS, dtype=torch.bfloat16), requires_grad=False)
    assert distance(layer(hidden) - 1, out.float()) < 0.02


def test_tensors_are_kept_as_declared(weight: Tensor) -> None:
    for precision, target in TARGETS.items():
        able = here(precision, in_codes=True)
        made = target.quantise(weight, able)
        declared = target.parts(able)
        assert {n: (t.dtype, tuple(t.shape)) for n, t in made.items()} == declared
        assert list(made) == list(declared)
        assert all(tensor.is_contiguous() for tensor in made.values())


# Devices


def test_an_apple_gpu_is_refused() -> None:
    for precision in TARGETS:
        with pytest.raises(DeviceError) as caught:
            capability_of("mps", precision)
        assert (caught.value.device, caught.value.precision) == ("mps", precision.value)


def test_an_unknown_packing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "pack_for_cpu", lambda codes: codes[:, ::2].to(torch.uint8))
    with pytest.raises(DeviceError):
        capability_of("cpu", Precision.INT4)
    assert capability_of("cpu", Precision.INT8).block == 0


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        ({"amx_int8": True, "avx512_vnni": True, "avx_vnni": False}, 5),
        ({"amx_int8": False, "avx512_vnni": True, "avx_vnni": False}, 1),
        ({"amx_int8": False, "avx512_vnni": False, "avx_vnni": True}, 1),
        ({"amx_int8": False, "avx512_vnni": False, "avx_vnni": False}, None),
    ],
)
def test_eight_bit_arithmetic_is_used_where_it_is_fast(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, bool], rows: int | None
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert capability_of("cpu", Precision.INT8).eight_bit_rows == rows


@pytest.mark.parametrize("columns", [100, 113, 119, 120])
@torch.inference_mode()
def test_any_number_of_columns_is_multiplied(columns: int) -> None:
    able = here(Precision.INT8, in_codes=False)
    eight = eight_bits(torch.randn(32, columns, generator=torch.Generator().manual_seed(5)))
    hidden = torch.randn(16, columns).to(torch.bfloat16)
    out = Int8Linear(eight.codes, eight.scales, able)(hidden)
    assert distance(out, hidden.float() @ dequantise(eight).t()) < 0.006


@pytest.mark.parametrize("hardware", [True, False])
def test_many_rows_are_multiplied_in_float32_where_bfloat16_is_imitated(
    monkeypatch: pytest.MonkeyPatch, weight: Tensor, hardware: bool
) -> None:
    monkeypatch.setattr(capabilities, "cpu_has_bfloat16", lambda: hardware)
    monkeypatch.setattr(capabilities, "_eight_bit_rows", lambda: None)
    able, eight = capability_of("cpu", Precision.INT8), TARGETS[Precision.INT8]
    assert able.widened is not hardware
    layer = eight.layer(eight.quantise(weight, able), able)
    with OnlyTypes() as met:
        layer(torch.randn(FEW_ROWS + 1, COLUMNS).to(torch.bfloat16))
    assert met.types == {torch.bfloat16 if hardware else torch.float32}


class OnlyTypes(TorchDispatchMode):
    """Notes of which types the products are that torch is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.types: set[torch.dtype] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func is torch.ops.aten.mm.default:
            self.types |= {tensor.dtype for tensor in args}
        return func(*args, **(kwargs or {}))


def cuda() -> Capability:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device: the products in codes on a GPU are not run here")
    return capability_of("cuda", Precision.INT4)


@pytest.mark.parametrize("rows", [1, FEW_ROWS_ON_CUDA, 40, 700])
@torch.inference_mode()
def test_products_on_cuda(weight: Tensor, rows: int) -> None:
    able = cuda()
    assert able.layout == PLAIN
    hidden = torch.randn(rows, COLUMNS).to(torch.bfloat16)
    for precision, target in TARGETS.items():
        made = {name: part.cuda() for name, part in target.quantise(weight, able).items()}
        out = target.layer(made, able)(hidden.cuda()).cpu()
        four = precision is Precision.INT4
        stood_for = dequantise(eight_bits_of(four_bits(weight)) if four else eight_bits(weight))
        assert distance(out, hidden.float() @ stood_for.t()) < 0.015
    odd = eight_bits(weight[:101])  # as the output layer's rows are no multiple of eight
    layer = Int8Linear(odd.codes.cuda(), odd.scales.cuda(), able)
    assert distance(layer(hidden.cuda()).cpu(), hidden.float() @ dequantise(odd).t()) < 0.015


def test_layers_tell_their_shapes(weight: Tensor) -> None:
    able = here(Precision.INT4, in_codes=True)
    four = TARGETS[Precision.INT4]
    layer = four.layer(four.quantise(weight, able), able)
    assert isinstance(layer, Int4Linear)
    assert repr(layer) == f"Int4Linear(in_features={COLUMNS}, out_features={ROWS})"
    eight: EightBits = eight_bits(weight)
    assert eight.codes.shape == (ROWS, COLUMNS)
