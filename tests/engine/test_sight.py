"""Views that are encoded together come out as they do one by one."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from engine.clock import Clock
from engine.messages import Progress
from engine.runner import Runner
from engine.sight import Sight, alike
from engine.weights import load_model
from tests.engine.streams.kit import picture
from tests.tiny import tiny_folder


def test_neighbours_of_one_size_go_together() -> None:
    sizes = [(3, 2), (4, 4), (4, 4), (4, 4), (3, 2)]
    views = [Image.new("RGB", size) for size in sizes]
    assert [[view.size for view in batch] for batch in alike(views, 2)] == [
        [(3, 2)],
        [(4, 4), (4, 4)],
        [(4, 4)],
        [(3, 2)],
    ]
    assert [len(batch) for batch in alike(views, 1)] == [1] * 5
    assert list(alike([], 4)) == []


def seen(runner: Runner) -> tuple[list[Progress], torch.Tensor]:
    clock, sight = Clock(), Sight(runner)
    looked = sight.look(picture(), runner.model.config.slice_settings, clock)
    events = list(sight.encode(looked, clock))
    return events, torch.stack(looked.features)


def test_together_is_the_same_as_one_by_one(tmp_path: Path) -> None:
    tiny_folder(tmp_path)
    runner = Runner(load_model(tmp_path))
    assert runner.views_at_once == 1
    one_by_one, exact = seen(runner)
    runner.views_at_once = 4
    together, ours = seen(runner)
    assert [event.done for event in one_by_one] == [0, 1, 2, 3]
    assert [event.done for event in together] == [0, 1, 3]
    torch.testing.assert_close(ours, exact, rtol=0, atol=1e-5)
