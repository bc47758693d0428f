"""The starter's recipe tells which text is a title, a value or a button, and numbers things."""

import numpy
import pytest
import torch
from PIL import Image

from batches import BatchSource, assemble
from cells import owners, stand_ins
from curriculum import ViewPlan
from layout import Layout
from roles import BUTTON, BUTTONS_MOST, OTHER, SHAPES_MOST, SIZES, TITLE, VALUE, role_targets, roles
from scenes import Fact, Glyph, Scene, Shape
from shape import new_model
from sizes import QUERIES
from wordings import CHINESE, ENGLISH

GRID = 16, 32
VOCABULARY = "resources/starter/tokenizer.model"


def glyphs_of(text: str) -> list[Glyph]:
    return [Glyph(character, 10.0 * place + 5.0, 5.0) for place, character in enumerate(text)]


def test_every_letter_has_its_role():
    scene = Scene(Image.new("RGB", (320, 160)), ["Hi", "Sum 12", "a OK"])
    scene.glyphs = glyphs_of("HiSum 12aOK")
    scene.title, scene.facts = "Hi", [Fact("Sum", "12", 6)]
    scene.buttons = [("a", 8), ("OK", 9)]
    first, second = BUTTON, BUTTON + 1
    assert roles(scene) == [TITLE] * 2 + [OTHER] * 4 + [VALUE] * 2 + [first] + [second] * 2


def test_buttons_behind_the_last_number_have_that_one():
    scene = Scene(Image.new("RGB", (320, 160)), glyphs=glyphs_of("abcdef"))
    scene.buttons = [(character, place) for place, character in enumerate("abcdef")]
    assert max(roles(scene)) == BUTTON + BUTTONS_MOST - 1 < SIZES["text"]


def test_shapes_are_numbered_among_all_and_among_their_kind():
    scene = Scene(Image.new("RGB", (320, 160)))
    kinds = ("star", "circle", "star", "star")
    scene.shapes = [Shape(kind, "red", 5.0 + 80 * place, 5.0) for place, kind in enumerate(kinds)]
    numbers = role_targets(scene, Layout(*GRID))
    found = [numbers[owners(*GRID)[8 * place]].tolist() for place in range(4)]
    assert found == [[-1, 0, 0], [-1, 1, 0], [-1, 2, 1], [-1, 3, 2]]
    assert numbers[:, 1:].max() < SHAPES_MOST
    twins = list(stand_ins(*GRID))
    assert numpy.array_equal(numbers, numbers[twins])
    assert set(numpy.unique(numbers[:, 0])) == {-1}


@pytest.mark.parametrize("parts", [1, 2])
def test_roles_are_told_in_every_slice_and_spaces_have_none(parts):
    scene = Scene(Image.new("RGB", (320, 160)), ["a b"], glyphs=glyphs_of("a b"))
    overview = (16, 16) if parts > 1 else None
    told = role_targets(scene, Layout(16, 32 // parts, (parts, 1), overview))
    assert told.shape == (parts * QUERIES, len(SIZES))
    assert set(numpy.unique(told[:, 0])) == {-1, OTHER}
    grid = 16, 32 // parts
    assert told[owners(*grid)[1], 0] == -1


def test_a_list_of_shapes_is_aimed_at_each_of_them(request):
    source = BatchSource(5, request.config.rootpath / VOCABULARY, tokens_per_batch=256)
    scene = Scene(Image.new("RGB", (320, 160)))
    scene.shapes = [Shape("star", "red", 5.0, 5.0), Shape("circle", "blue", 315.0, 155.0)]
    english, chinese = (source.asker.all_of_them(scene, one) for one in (ENGLISH, CHINESE))
    assert english.answer == "red star, blue circle"
    assert chinese.answer == "红色星形、蓝色圆形"
    batch = assemble(
        [scene], [scene.picture], [[english]], ViewPlan(Layout(*GRID), "shapes"), source.tokens
    )
    aims = batch.aims[0][batch.aims[0] >= 0].tolist()
    cells = owners(*GRID)
    assert aims == [cells[0]] * len("red star, ") + [cells[-1]] * len("blue circle")


def test_states_learn_roles_also_where_none_is_known():
    _, heads = new_model(1)
    states = torch.randn(1, 5, 256)
    told = heads.role_losses(states, torch.full((1, 5, len(SIZES)), -1))
    assert set(told) == set(SIZES)
    # processes that train together wait for each other's gradients
    torch.stack(list(told.values())).sum().backward()
    assert all(p.grad is not None for p in heads.roles.parameters())
    assert all(float(loss.detach()) == 0 for loss in told.values())
