"""What the trainer does in torch's place: processes that share a step, attention, Muon."""

import pytest
import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing.spawn import spawn
from torch.optim import _muon

from optimizers import Optimizers, orthogonal, plain_attention


def second(_: int, folder: str) -> None:
    """Be the other of two processes that move the same weights by the same gradients."""
    torch.save(together(1, folder), f"{folder}/second")


def together(rank: int, folder: str) -> dict[str, Tensor]:
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
    )
    try:
        return moved()
    finally:
        distributed.destroy_process_group()


def moved() -> dict[str, Tensor]:
    """The weights of a small model after three steps."""
    torch.manual_seed(4)
    layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))
    model = nn.ModuleDict({"llm": nn.ModuleDict({"layers": layers})})
    optimizers = Optimizers(model, nn.Module(), 0.01)
    for _ in range(3):
        sum(layer(torch.ones(1, 6)).square().sum() for layer in layers).backward()
        optimizers.step()
    return model.state_dict()


def test_two_processes_share_the_work_of_a_step_and_agree(tmp_path):
    other = spawn(second, args=(str(tmp_path),), nprocs=1, join=False)
    ours = together(0, str(tmp_path))
    while not other.join():
        pass
    theirs = torch.load(tmp_path / "second", weights_only=True)
    for name, value in moved().items():
        torch.testing.assert_close(ours[name], value)
        torch.testing.assert_close(theirs[name], value)


@pytest.mark.parametrize("length", [3, 40])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_in_plain_products_is_torchs(length, causal):
    q, k, v = torch.randn(3, 2, 4, length, 16, generator=torch.Generator().manual_seed(2))
    ours = plain_attention(q, k, v, is_causal=causal)
    expected = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize("shape", [(12, 40), (40, 12), (24, 24)])
def test_muon_in_float32_turns_as_its_bfloat16_does(shape):
    gradient = torch.randn(*shape, generator=torch.Generator().manual_seed(4))
    coefficients = _muon.DEFAULT_A, _muon.DEFAULT_B, _muon.DEFAULT_C
    ours = orthogonal(gradient, coefficients, 5, 1e-7)
    assert ours.dtype == torch.float32
    values = torch.linalg.svdvals(ours)
    assert 0.6 < float(values.median()) <= float(values.max()) < 1.3
    theirs = _muon._zeropower_via_newtonschulz(gradient, coefficients, 5, 1e-7).float()
    assert float((ours - theirs).norm() / ours.norm()) < 0.05
