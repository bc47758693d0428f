"""The arithmetic of the report: medians, limits, and the costs behind them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.bench.costs import Costs
from engine.bench.figures import Figure, MachineLimits, Measure, Unit
from engine.bench.machine import QUICK, measure_machine
from engine.bench.random_weights import RandomTensors
from engine.configuration import MiniCPMVConfig
from engine.weights import empty_model
from tests.tiny import tiny_config


def test_the_share_of_the_limit_is_one_at_best() -> None:
    speed = Figure(Measure.DECODE, Unit.TOKENS_A_SECOND, "650", (2.0, 9.0, 4.0), limit=8.0)
    assert (speed.median, speed.fraction) == (4.0, 0.5)
    wait = Figure(Measure.FIRST_TOKEN, Unit.SECONDS, "448x448", (4.0, 2.0), limit=1.5)
    assert (wait.median, wait.fraction) == (3.0, 0.5)


def test_a_limit_is_the_slower_of_reading_and_computing() -> None:
    machine = MachineLimits(10.0, (("float32", 4.0), ("int8", 16.0)))
    assert machine.seconds(operations=8.0, byte_count=1.0, rate=4.0) == 2.0
    assert machine.seconds(operations=8.0, byte_count=50.0, rate=4.0) == 5.0
    assert machine.rate("float32") == 4.0
    assert machine.rate("float32", "int8") == 16.0
    assert machine.rate("float16") == 16.0, "what the device lacks runs as the best it has"


def test_the_published_shapes_cost_what_their_tensors_say() -> None:
    config = MiniCPMVConfig()
    model = empty_model(config)
    linear = sum(m.weight.numel() for m in model.llm.modules() if isinstance(m, nn.Linear))
    costs = Costs(config, decoder_bytes=2 * linear, cache_width=2)
    head = model.llm.lm_head.weight.numel()
    without_attention = 2 * (linear - head) + 2 * head
    assert costs.prefill(1) == pytest.approx(without_attention, rel=1e-4)
    assert costs.step_bytes(650) - costs.step_bytes(0) == 650 * 368_640
    tower = sum(m.weight.numel() for m in model.vpm.modules() if isinstance(m, nn.Linear))
    scores = 26 * 4 * 1024**2 * 1152
    assert costs.view(1024) == pytest.approx(2 * 1024 * tower + scores, rel=0.05)
    assert 0.9e12 < costs.view(1024) < 1.0e12


def test_a_longer_prompt_costs_the_sum_of_its_parts() -> None:
    costs = Costs(tiny_config(), 0, 4)
    head = 2 * tiny_config().hidden_size * tiny_config().vocab_size
    assert costs.prefill(30) + head == pytest.approx(costs.prefill(10) + costs.prefill(20, held=10))


def test_the_machine_is_measured_in_each_format_that_it_has() -> None:
    limits = measure_machine(torch.device("cpu"), QUICK)
    assert limits.read_bandwidth > 0
    assert {"float32", "bfloat16"} <= dict(limits.rates).keys()
    assert all(rate > 0 for _, rate in limits.rates)


def test_random_weights_have_the_shapes_and_overflow_nothing() -> None:
    shapes = {"a.norm.weight": (300,), "a.bias": (7,), "b.weight": (1500, 1000)}
    source = RandomTensors(shapes, torch.bfloat16)
    made = [source.get(name) for name in shapes]
    assert [tuple(tensor.shape) for tensor in made] == list(shapes.values())
    assert {tensor.dtype for tensor in made} == {torch.bfloat16}
    assert made[0].float().mean() == pytest.approx(1.0, abs=0.02)
    assert made[2].float().std() == pytest.approx(1000**-0.5, rel=0.02)
