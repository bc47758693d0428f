"""Linear layers whose weights are codes; each picks its product by the rows that come in."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .capability import Capability, unpack_for_cpu, unpack_plain
from .schemes import GROUP, codes_of_rows, padded_rows

# Rows up to which torch's four-bit product is faster than unpacking the weights first.
FEW_ROWS = 32
FEW_ROWS_ON_CUDA = 16
KERNEL_MULTIPLE = 8  # of columns: with others the eight-bit product of torch 2.15 crashes on AVX2
CUDA_ROWS, CUDA_MULTIPLE = 32, 8  # what torch's eight-bit product asks for on CUDA


class QuantisedLinear(nn.Module):
    """What both have in common: shapes, an optional bias, and rows made of any shape."""

    bias: nn.Parameter | None

    def __init__(self, rows: int, columns: int, capability: Capability) -> None:
        super().__init__()
        self.out_features, self.in_features = rows, columns
        self.capability = capability
        self.bias = None

    def forward(self, hidden: Tensor) -> Tensor:
        out = self.product(hidden.reshape(-1, self.in_features))
        if self.bias is not None:
            out += self.bias
        return out.view(*hidden.shape[:-1], self.out_features)

    def product(self, rows: Tensor) -> Tensor:
        """(rows, in) -> (rows, out), without the bias."""
        raise NotImplementedError

    def in_codes(self, rows: Tensor) -> bool:
        """Whether so many rows are quantised as well."""
        least = self.capability.eight_bit_rows
        return least is not None and rows.shape[0] >= least

    def unpacked(self, rows: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
        """(rows, in) by (in, out) codes, both as numbers of the type that is fastest."""
        dtype = torch.float32 if self.capability.widened else rows.dtype
        return (rows.to(dtype) @ codes.to(dtype)).mul_(scales).to(rows.dtype)

    def extra_repr(self) -> str:
        """Shapes, as torch prints them."""
        return f"in_features={self.in_features}, out_features={self.out_features}"


class Int8Linear(QuantisedLinear):
    """Weights of eight bits, ``codes`` (out, in) and ``scales`` (out,)."""

    def __init__(self, codes: Tensor, scales: Tensor, capability: Capability) -> None:
        super().__init__(codes.shape[0], codes.shape[1], capability)
        if codes.is_cuda:
            codes = padded_rows(codes, CUDA_MULTIPLE)
        self.codes, self.scales = _fixed(codes), _fixed(scales)

    def product(self, rows: Tensor) -> Tensor:
        if self.in_codes(rows):
            return product_in_codes(rows, self.codes.t(), self.scales)
        fits = self.in_features % KERNEL_MULTIPLE == 0
        if fits and rows.shape[0] <= FEW_ROWS and rows.dtype is torch.bfloat16:
            return torch._weight_int8pack_mm(rows, self.codes, self.scales)
        return self.unpacked(rows, self.codes.t(), self.scales)


class Int4Linear(QuantisedLinear):
    """Weights of four bits: ``packed`` codes, and per group what turns them into eight bits.

    ``grouped`` (groups, out, 2) holds scale and zero of each group for torch's own product.
    """

    def __init__(
        self,
        packed: Tensor,
        multipliers: Tensor,
        offsets: Tensor,
        scales: Tensor,
        capability: Capability,
    ) -> None:
        super().__init__(scales.shape[0], multipliers.shape[0] * GROUP, capability)
        self.packed, self.scales = _fixed(packed), _fixed(scales)
        self.multipliers, self.offsets = _fixed(multipliers), _fixed(offsets)
        wide = torch.stack((multipliers, offsets), dim=-1).float() * scales.float()[:, None]
        self.grouped = _fixed(wide.to(torch.bfloat16))
        if capability.device == "cuda":
            self.tiled = _fixed(torch.ops.aten._convert_weight_to_int4pack(packed, 8))

    def product(self, rows: Tensor) -> Tensor:
        if self.capability.device == "cuda":
            return self._on_cuda(rows)
        if rows.shape[0] <= FEW_ROWS:
            few = torch.ops.aten._weight_int4pack_mm_for_cpu
            return few(rows.contiguous(), self.packed, GROUP, self.grouped)
        codes = self._eight_bits(unpack_for_cpu(self.packed, self.capability.block))
        if self.in_codes(rows):
            return product_in_codes(rows, codes, self.scales)
        return self.unpacked(rows, codes, self.scales)

    def _on_cuda(self, rows: Tensor) -> Tensor:
        if rows.shape[0] <= FEW_ROWS_ON_CUDA:
            few = torch.ops.aten._weight_int4pack_mm
            return few(rows.contiguous(), self.tiled, GROUP, self.grouped)
        codes = self._eight_bits(unpack_plain(self.packed).t().contiguous())
        return self.unpacked(rows, codes, self.scales)

    def _eight_bits(self, codes: Tensor) -> Tensor:
        """(in, out) codes 0..15 -> eight-bit codes, in place."""
        groups = codes.view(torch.int8).view(-1, GROUP, self.out_features)
        groups.sub_(8).mul_(self.multipliers[:, None]).add_(self.offsets[:, None])
        return groups.view(self.in_features, self.out_features)


def product_in_codes(rows: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
    """(rows, in) activations by (in, out) codes, both in eight bits and summed in whole numbers."""
    activations, row_scales = codes_of_rows(rows)
    count = rows.shape[0]
    if rows.is_cuda:
        activations = padded_rows(activations, CUDA_MULTIPLE, CUDA_ROWS)
    sums = torch._int_mm(activations, codes)[:count, : scales.shape[0]]
    return sums.to(rows.dtype).mul_(scales.to(rows.dtype)).mul_(row_scales)


def _fixed(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)
