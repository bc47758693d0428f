"""The starter's recipe numbers the lines of texts, and writes texts in which words recur."""

from collections import Counter

import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from cells import owners, stand_ins
from layout import Layout
from line_numbers import line_targets, lines_written
from repeats import has_double
from scenes import Glyph, Scene
from sizes import LINES, QUERIES
from supervision import known_loss
from texts import TextSource

GRID = 16, 32


def test_every_cell_knows_the_line_that_it_shows_and_its_twins_do():
    scene = Scene(Image.new("RGB", (320, 160)), ["a b", "c"])
    spots = (("a", 2, 5), (" ", 100, 5), ("b", 315, 5), ("c", 2, 155))
    scene.glyphs = [Glyph(character, float(x), float(y)) for character, x, y in spots]
    lines = line_targets(scene, Layout(*GRID))
    first = owners(*GRID)
    a, space, b, c = (first[patch] for patch in (0, 10, 31, 15 * 32))
    assert [lines[cell] for cell in (a, space, b, c)] == [0, -1, 0, 1]
    assert all(lines[cell] == lines[other] for cell, other in enumerate(stand_ins(*GRID)))
    assert (lines >= 0).sum() >= 3


def test_lines_of_slices_are_counted_through_and_the_last_number_is_for_all_behind():
    texts = [chr(ord("a") + row % 26) for row in range(LINES + 3)]
    scene = Scene(Image.new("RGB", (100, 100)), texts)
    scene.glyphs = [
        Glyph(text, 10.0, 100 * (row + 0.5) / len(texts)) for row, text in enumerate(texts)
    ]
    lines = line_targets(scene, Layout(20, 20, slices=(1, 2), overview=(20, 20)))
    assert lines.shape == (2 * QUERIES,)
    upper, lower = (half[half >= 0] for half in lines.reshape(2, QUERIES))
    assert upper.max() < lower.max() == LINES - 1
    assert upper.min() == 0


def test_what_is_written_stands_in_the_line_of_its_cell():
    lines = torch.tensor([[4, -1, 7], [0, 1, -1]])
    aims = torch.tensor([[-1, 0, 2, 1], [1, 1, 0, -1]])
    assert lines_written(lines, aims).tolist() == [[-1, 4, 7, -1], [1, 1, 0, -1]]


def test_states_that_tell_their_lines_cost_nothing():
    head = nn.Linear(64, LINES)
    with torch.no_grad():
        head.weight.copy_(50 * torch.eye(LINES, 64))
    lines = torch.tensor([[3, -1, 9]])
    states = functional.one_hot(lines.clamp(min=0), 64).float()
    assert known_loss(head, states, lines) < 0.1
    assert known_loss(head, states.roll(1, dims=1), lines) > 5
    nothing = known_loss(head, states, torch.full((1, 3), -1))
    nothing.backward()  # processes that train together wait for each other's gradients
    assert nothing == 0
    assert head.weight.grad is not None


@pytest.mark.parametrize("chinese", [False, True], ids=["English", "Chinese"])
def test_strings_recur_where_that_is_wanted(chinese):
    def most_often(share: float) -> int:
        source = TextSource(3)
        source.chinese = chinese
        source.repeats.begin(share)
        said = Counter(source.item() for _ in range(40))
        return max(said.values())

    assert most_often(0.6) >= 4
    assert most_often(0.0) <= 3


def test_a_text_in_which_nothing_recurs_is_as_it_was():
    plain, begun = TextSource(5), TextSource(5)
    begun.repeats.begin(0.5)
    begun.repeats.begin(0.0)
    assert [plain.phrase(30) for _ in range(20)] == [begun.phrase(30) for _ in range(20)]


def test_letters_stand_twice_more_often_where_words_recur():
    def doubled(share: float) -> int:
        source = TextSource(6)
        source.repeats.begin(share)
        return sum(has_double(source.word().lower()) for _ in range(300))

    assert doubled(0.1) > 1.2 * doubled(0.0)
    assert has_double("book")
    assert not has_double("abab")
