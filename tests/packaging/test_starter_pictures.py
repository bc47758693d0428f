"""The renderer says what it drew, the same again from the same seed, and targets follow from it."""

import random
from collections import Counter
from dataclasses import replace

import numpy
import pytest
from PIL import Image

import fonts
import photographs
import targets
from batches import BatchSource, assemble, slices_of
from cells import candidates, distinct, lefts, owned, owners, stand_ins
from curriculum import CUT, Curriculum, ViewPlan
from engine.slicing import SliceSettings, cut, plan
from layout import Layout, fit, fit_slices
from pages import page
from questions import Asked
from scenes import Frame, Glyph, Painter, Scene
from sizes import PATCH, QUERIES, SLICES_AT_MOST, VIEW_SIDE
from texts import TextSource, is_held_out
from wordings import CHINESE, ENGLISH

REFUSALS = ("cannot_tell", "no_text", "no_title", "no_button")
VOCABULARY = "resources/starter/tokenizer.model"


@pytest.fixture
def source(request):
    return BatchSource(5, request.config.rootpath / VOCABULARY, tokens_per_batch=256)


def test_a_seed_decides_the_picture_and_the_text():
    one, two = (Painter(4).window(Frame(400, 240, 16)) for _ in range(2))
    assert one.picture.tobytes() == two.picture.tobytes()
    assert one.lines == two.lines


def test_every_written_character_has_a_centre_inside_the_picture():
    scene = Painter(11).lines(Frame(420, 90, 16))
    assert [glyph.character for glyph in scene.glyphs] == list("".join(scene.lines))
    assert all(0 < glyph.x < 420 and 0 < glyph.y < 90 for glyph in scene.glyphs)


def test_ink_stands_where_the_centres_are():
    scene = Painter(11).lines(Frame(420, 90, 16))
    pixels = numpy.asarray(scene.picture.convert("L")).astype(int)
    ground = pixels[0, -1]
    xs, ys = [g.x for g in scene.glyphs], [g.y for g in scene.glyphs]
    columns = numpy.nonzero(abs(pixels - ground).max(axis=0) > 40)[0]
    assert min(xs) - 16 < columns[0] <= max(xs)
    assert min(xs) <= columns[-1] < max(xs) + 16
    assert abs(pixels[int(min(ys)) - 8 : int(max(ys)) + 8] - ground).max() > 40


def test_a_crowded_window_has_three_or_four_buttons_where_they_fit():
    painter = Painter(4)
    painter.crowded = True
    counts = Counter(len(painter.window(Frame(600, 160, 14)).buttons) for _ in range(60))
    assert counts[3] > 15
    assert counts[4] > 15
    assert counts[3] + counts[4] > 54


def test_lines_that_echo_begin_as_the_one_before():
    def alike(echo: float) -> int:
        painter = Painter(4)
        painter.echo = echo
        scenes = [painter.lines(Frame(420, 200, 16)) for _ in range(20)]
        pairs = [pair for s in scenes for pair in zip(s.lines, s.lines[1:], strict=False)]
        return sum(one[0] == other[0] for one, other in pairs)

    assert alike(0.8) > 3 * alike(0.0) + 5


def test_letters_of_a_whole_screen_are_too_small_and_nothing_is_told_of_them(source):
    screen = ViewPlan(fit(1600, 1000, 112), "screen")
    frame = source.curriculum.frame(screen)
    assert frame.font_size * screen.layout.columns * PATCH / frame.width < 6
    scene = source.curriculum.scene(frame, screen)
    assert len(scene.picture.getcolors(maxcolors=10**6)) > 10  # letters' edges, not only grounds
    assert (scene.lines, scene.glyphs, scene.buttons) == ([], [], [])
    asked = source.asker.talk(scene)
    assert {one.answer for one in asked} == {ENGLISH.cannot_tell, CHINESE.cannot_tell}


def test_imitated_photographs_have_many_colours_and_nothing_is_told_of_them(source, monkeypatch):
    monkeypatch.setattr(photographs, "REAL", 0.0)
    plan = ViewPlan(fit(300, 200, 112), "photograph")
    frame = source.curriculum.frame(plan)
    first, second = (source.curriculum.scene(frame, plan) for _ in range(2))
    assert first.picture.size == (plan.layout.columns * PATCH, plan.layout.rows * PATCH)
    assert len(first.picture.getcolors(maxcolors=10**6)) > 500
    assert first.picture.tobytes() != second.picture.tobytes()
    asked = [one for _ in range(40) for one in source.asker.talk(first)]
    said = {one.answer for one in asked}
    assert said >= {ENGLISH.cannot_tell, ENGLISH.no_text}
    assert ENGLISH.cannot_tell in {a.answer for a in asked if a.question == ENGLISH.name[0]}
    assert said <= {"0", *(getattr(w, n) for w in (ENGLISH, CHINESE) for n in REFUSALS)}


def test_photographs_that_measure_are_not_trained(tmp_path, monkeypatch):
    for name, colour in (("rocket", "red"), (photographs.UNSEEN[0], "blue")):
        Image.new("RGB", (64, 48), colour).save(tmp_path / f"{name}.png")
    monkeypatch.setattr(photographs, "FOLDER", tmp_path)
    monkeypatch.setattr(photographs, "REAL", 1.0)
    photographs.photographs.cache_clear()
    painter, frame = Painter(3), Frame(40, 20, 14)
    try:
        trained = {
            photographs.photograph(painter, frame).picture.getpixel((5, 5)) for _ in range(9)
        }
        kept = photographs.photograph(painter, frame, unseen=True).picture
    finally:
        photographs.photographs.cache_clear()
    assert trained == {(255, 0, 0)}
    assert kept.getpixel((5, 5)) == (0, 0, 255)
    assert kept.size == (40, 20)


def test_words_of_the_evaluation_are_never_drawn_in_training():
    training, evaluation = TextSource(1), TextSource(1, held_out=True)
    assert not set(training.words) & set(evaluation.words) or not evaluation.words[0].isalpha()
    if len(evaluation.words) > 1000:
        assert all(is_held_out(word) for word in evaluation.words)


@pytest.mark.parametrize(
    ("width", "height"), [(300, 40), (600, 200), (448, 448), (90, 333), (1600, 90)]
)
def test_views_follow_the_engines_own_rule_for_small_pictures(width, height):
    wide, tall = plan(width, height, SliceSettings(max_slices=1)).overview
    assert fit(width, height, 448) == Layout(tall // PATCH, wide // PATCH)


@pytest.mark.parametrize(("width", "height"), [(300, 60), (60, 300), (199, 173), (400, 130)])
def test_slices_are_those_that_the_engine_cuts(width, height):
    picture = Painter(6).lines(Frame(width, height, 12)).picture
    made = plan(width, height, SliceSettings(scale_resolution=112, max_slices=SLICES_AT_MOST))
    layout = fit(width, height, 112, SLICES_AT_MOST)
    assert layout.slices == made.grid
    overview, *views = (numpy.asarray(view) for view in cut(picture, made))
    assert overview.shape[:2] == tuple(PATCH * patches for patches in layout.grids[0])
    for ours, theirs in zip(slices_of(picture, layout), views, strict=True):
        assert numpy.array_equal(ours, theirs)


def test_pictures_are_cut_into_all_the_numbers_of_slices_there_are():
    source = random.Random(3)
    layouts = [fit_slices(source, 112) for _ in range(60)]
    assert {len(layout.grids) for layout in layouts} == {3, 4, 5}
    assert len({layout.slices for layout in layouts}) > 4


def test_a_character_stands_in_one_slice_only():
    layout = Layout(4, 5, slices=(3, 2), overview=(4, 6))
    scene = Scene(Image.new("RGB", (300, 160)), ["文"])
    scene.glyphs = [Glyph("文", 299.0, 159.0)]
    patches, cells = targets.character_targets(scene, layout)
    assert patches.shape == (6, 20, targets.PATCH_SLOTS)
    assert [index for index, part in enumerate(patches) if part.any()] == [5]
    assert [index for index, part in enumerate(cells) if part.any()] == [5]
    ((part, patch, cell, character),) = targets.foreign_targets(scene, layout)
    assert (part, patch, character) == (5, 19, "文")
    assert cell == owners(4, 5)[3 * 5 + 4]
    assert targets.written(scene, "文", 0, layout) == [5 * QUERIES + cell]


def test_character_targets_name_the_patch_and_every_cell_that_owns_it():
    scene = Scene(Image.new("RGB", (160, 80)), ["A b"])
    scene.glyphs = [Glyph("A", 5.0, 5.0), Glyph(" ", 150.0, 75.0), Glyph("b", 155.0, 75.0)]
    (patches,), (cells,) = targets.character_targets(scene, Layout(8, 16))
    assert patches[0].tolist() == [ord("A") - 32, 0, 0]
    assert patches[-1].tolist() == [ord("b") - 32, 0, 0]
    assert numpy.count_nonzero(patches) == 2
    assert targets.character_class("文") == targets.FOREIGN
    first, last = cells[0], cells[QUERIES - 1]
    assert first[first > 0].tolist() == [ord("A") - 32]
    assert last[last > 0].tolist() == [ord("b") - 32]


def test_a_batch_is_laid_out_as_the_prompt_of_one_view(source):
    scene = Painter(4).window(Frame(280, 140, 13))
    plan = ViewPlan(Layout(10, 20), "window")
    talk = source.asker.talk(scene)
    batch = assemble([scene] * 2, [scene.picture] * 2, [talk] * 2, plan, source.tokens)
    row = batch.ids[0]
    start, end = (int(place) for place in batch.taught[0].nonzero()[0][[0, -1]])
    views = row == 101, row == 102
    assert views[1].argmax() - views[0].argmax() == QUERIES + 1
    assert source.tokens.processor.decode(row[1 : views[0].argmax()].tolist()) == "<用户>"
    assert source.tokens.processor.decode(row[:start].tolist()).endswith("<AI>")
    assert row[end] == 2
    assert batch.pixels.shape == (2, 10 * PATCH, 20 * PATCH, 3)


def test_questions_follow_each_other_as_in_a_conversation(source):
    first, second = Asked("What is it?", "A"), Asked("And this?", "bc")
    row, answers = source.tokens.talk([first, second], Layout(1, 1))
    assert source.tokens.talk([first], Layout(1, 1))[0][:-1] == row[: answers[0].stop]
    decode = source.tokens.processor.decode
    assert [decode(row[answer]) for answer in answers] == ["A", "bc"]
    assert decode(row[answers[0].stop : answers[1].start]) == "<用户>And this?<AI>"
    assert row[answers[1].stop :] == [2]


def test_a_page_is_full_of_rows_that_are_told_line_by_line():
    scene = page(Painter(3), Frame(224, 224, 14), fonts_per_page=4)
    assert len(scene.lines) >= 8
    assert [glyph.character for glyph in scene.glyphs] == list("".join(scene.lines))
    assert all(0 < glyph.y < 224 for glyph in scene.glyphs)


def test_pages_of_a_batch_have_letters_and_answers_of_about_one_length(source):
    curriculum: Curriculum = source.curriculum
    plans = [plan for plan in (curriculum.plan(0.6) for _ in range(500)) if plan.kind == "page"]
    assert len(plans) > 50
    dense = min((plan for plan in plans if not plan.chinese), key=lambda plan: plan.large or 0.0)
    sizes = []
    for _ in range(8):
        frame = curriculum.frame(dense)
        sizes.append(frame.font_size * dense.layout.columns * PATCH / frame.width)
        assert len(curriculum.scene(frame, dense).lines) > 1
    assert max(sizes) < 1.4 * min(sizes)
    assert source.cost(dense) > source.cost(replace(dense, large=1.0))


def test_the_training_begins_with_pages_of_letters_and_ends_with_whole_prompts(source):
    curriculum: Curriculum = source.curriculum
    early = [curriculum.plan(0.0) for _ in range(40)]
    late = [curriculum.plan(1.0) for _ in range(200)]
    assert {plan.kind for plan in early} == {"letters"}
    assert not any(plan.whole for plan in early)
    assert {"page", "lines", "window", "shapes"} <= {plan.kind for plan in late}
    assert any(plan.whole for plan in late)
    assert {plan.chinese for plan in late} == {True, False}
    assert source.batch(0.0).letters_only


def test_pictures_are_cut_late_and_only_where_the_recipe_asks_for_it(source, monkeypatch):
    curriculum: Curriculum = source.curriculum
    asked = {}
    for share in (0.0, 0.5):
        monkeypatch.setattr("curriculum.SLICED_SHARE", share)
        asked[share] = [curriculum.plan(1.0) for _ in range(100)]
    assert all(plan.layout.overview is None for plan in asked[0.0])
    cut = [plan for plan in asked[0.5] if plan.layout.overview is not None]
    assert cut
    assert {plan.kind for plan in cut} <= set(CUT)
    assert all(curriculum.plan(0.5).layout.overview is None for _ in range(50))


def test_a_character_is_aimed_at_where_it_stands_and_a_break_at_the_end_of_its_line():
    scene = Scene(Image.new("RGB", (160, 160)), ["ab", "c"])
    scene.glyphs = [Glyph("a", 2.0, 5.0), Glyph("b", 15.0, 5.0), Glyph("c", 2.0, 155.0)]
    grid = Layout(16, 32)
    first, b, last_row = (owners(16, 32)[patch] for patch in (0, 3, 15 * 32))
    assert targets.written(scene, "ab\nc", 0, grid) == [first, b, b, last_row]
    assert targets.written(scene, "c", 2, grid) == [last_row]
    assert targets.written(scene, "nowhere", 0, grid) == [-1] * 7


def test_text_goes_on_where_another_ended_if_the_decoder_has_seen_that_before():
    scene = Scene(Image.new("RGB", (160, 160)), ["a b", "c", "d"])
    spots = (("a", 2, 5), (" ", 20, 5), ("b", 155, 5), ("c", 2, 85), ("d", 2, 95), ("e", 2, 95))
    scene.glyphs = [Glyph(character, float(x), float(y)) for character, x, y in spots]
    first = owners(16, 32)
    a, b, c, d = (first[patch] for patch in (0, 31, 8 * 32, 9 * 32))
    assert d < c  # a row of the second nine: its text goes on from a cell that comes later
    order = targets.reading_order([scene, Scene(scene.picture)], Layout(16, 32))
    assert order.tolist() == [[[b, a], [c, b]], [[-1, -1]] * 2]


GRIDS = [
    (1, 1),
    (3, 50),
    (7, 82),
    (8, 72),
    (9, 67),
    (11, 36),
    (17, 34),
    (24, 24),
    (34, 17),
    (40, 9),
]


@pytest.mark.parametrize("grid", GRIDS)
def test_every_patch_has_a_cell_that_owns_it_and_every_cell_a_patch(grid):
    cells, first = owned(*grid), owners(*grid)
    assert len(cells) == QUERIES
    assert all(cells)
    assert len(first) == grid[0] * grid[1]
    for patch, cell in enumerate(first):
        assert patch in cells[cell]
    for cell, other in enumerate(stand_ins(*grid)):
        assert cells[other] == cells[cell]
        assert other in distinct(*grid)


def grids_of_views() -> set[tuple[int, int]]:
    """What the published slicing makes of pictures from three times as high to 12 times as wide."""
    return {fit(round(1000 / 3 * 1.02**n), 1000, VIEW_SIDE).grid for n in range(182)}


def test_patches_side_by_side_lie_in_cells_side_by_side_in_every_view():
    for rows, columns in grids_of_views():
        first = owners(rows, columns)
        beside = [
            first[row * columns + column] - first[row * columns]
            for row in range(rows)
            for column in range(columns)
        ]
        told = [step - place % columns for place, step in enumerate(beside)]
        assert sum(step != 0 for step in told) <= 2  # the last patches, where rounding adds a row
        assert len(lefts(rows, columns)) >= rows * (columns - 1) - 2


def test_a_cell_may_show_few_patches_and_no_view_has_two_of_them():
    for grid in grids_of_views():
        first = owners(*grid)
        assert len(set(first)) >= len(first) - 2
    assert max(map(len, candidates())) == 4


@pytest.mark.parametrize("grid", [(3, 50), (20, 20), (40, 9)])
def test_the_patches_of_a_cell_are_those_it_owns(grid):
    table, cells = targets.owned_patches(*grid), owned(*grid)
    for cell in (0, 272, QUERIES - 1):
        found = table[cell]
        assert tuple(found[found < grid[0] * grid[1]].tolist()) == cells[cell]


@pytest.mark.skipif(not fonts.present(fonts.CHINESE), reason="no Chinese font is installed")
def test_chinese_characters_stand_where_the_font_puts_them():
    painter, scene = Painter(1), Scene(Image.new("RGB", (300, 60)))
    name = fonts.present(fonts.CHINESE)[0]
    text = "土a鹰，文"
    painter.write(scene, (10, 30), text, name, 24, (255, 255, 255))
    font = fonts.load(name, 24)
    for place, glyph in enumerate(scene.glyphs):
        before, behind = font.getlength(text[:place]), font.getlength(text[: place + 1])
        assert glyph.x == pytest.approx(10 + (before + behind) / 2, abs=0.7)
