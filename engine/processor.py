"""What this computer's processor multiplies in hardware."""

from __future__ import annotations

from typing import Any

import torch


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16, AMX, or Arm's own)."""
    if cpu_has_tiles() or getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)():
        return True
    capabilities = cpu_capabilities()
    return bool(capabilities.get("arm_bf16", capabilities.get("bf16", False)))


def cpu_has_tiles() -> bool:
    """Whether the processor has matrix tiles (AMX)."""
    return bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())


def cpu_capabilities() -> dict[str, Any]:
    """What torch knows of the processor; older ones know nothing."""
    ask = getattr(torch.cpu, "get_capabilities", None)
    return dict(ask()) if ask is not None else {}
