"""What the recipe asks about a picture has one true answer, in either language."""

import random
from collections import Counter

import pytest
from PIL import Image

import batches
import chinese
import fonts
from forms import sheet
from glyphs import glyphs
from layout import Layout
from questions import Asker
from scenes import Fact, Frame, Painter, Scene, Shape
from texts import TextSource
from wordings import BEYOND, BEYOND_UNSEEN, CHINESE, CHINESE_MORE, ENGLISH, ENGLISH_MORE

SHAPES = [
    Shape("circle", "red", 10, 10),
    Shape("star", "blue", 90, 10),
    Shape("star", "red", 90, 90),
]


def scene_of(**known):
    return Scene(Image.new("RGB", (100, 100)), **known)


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_questions_about_shapes_have_true_answers(wording):
    scene = scene_of(shapes=SHAPES)
    asked = {Asker(random.Random(seed)).shape(scene, wording) for seed in range(2000)}
    answers = {one.question: one.answer for one in asked}
    assert len(answers) == len({(one.question, one.answer) for one in asked})
    names = wording.shapes
    colour = wording.colour[0]
    assert answers[colour.format(names["circle"])] == wording.colours["red"]
    assert answers[colour.format(names["square"])] == wording.cannot_tell
    assert colour.format(names["star"]) not in answers  # there are two of them
    assert answers[wording.number[0].format(names["star"] + wording.plural)] == "2"
    assert answers[wording.number[0].format(names["square"] + wording.plural)] == "0"
    assert answers[wording.where.format(names["circle"])] == wording.places[0]
    assert answers[wording.which.format(wording.colours["blue"])] == names["star"]
    assert answers[wording.which.format(wording.colours["green"])] == wording.cannot_tell
    assert wording.which.format(wording.colours["red"]) not in answers  # two shapes are red


def test_a_picture_without_text_is_answered_with_saying_so():
    asker = Asker(random.Random(8))
    answers = {asker.question(scene_of()).answer for _ in range(60)}
    assert {ENGLISH.no_text, CHINESE.no_text} & answers
    assert all(
        a == "0" or any(part in a for part in ("no text", "no button", "cannot", "没有", "看不"))
        for a in answers
    )


def test_a_label_that_is_not_there_or_stands_twice_is_not_answered_with_a_value():
    facts = [Fact("Name", "Ada", 4), Fact("Date", "1.2.", 11), Fact("Date", "3.4.", 19)]
    scene = scene_of(facts=facts, lines=["Name Ada", "Date 1.2.", "Date 3.4."])
    asked = [Asker(random.Random(seed)).fact(scene, ENGLISH) for seed in range(80)]
    assert {one.answer for one in asked} == {"Ada", ENGLISH.cannot_tell}
    assert all(one.start == 4 for one in asked if one.answer == "Ada")


def test_buttons_are_counted_and_named_by_their_side():
    scene = scene_of(buttons=[("OK", 3), ("Cancel", 5)], lines=["Hi", "OK Cancel"])
    asked = {Asker(random.Random(seed)).button(scene, ENGLISH) for seed in range(60)}
    assert {one.answer for one in asked if "left" in one.question} == {"OK"}
    assert {one.answer for one in asked if "right" in one.question} == {"Cancel"}
    assert {one.answer for one in asked if "many" in one.question} == {"2"}


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_all_buttons_are_listed_in_lines_and_the_middle_one_of_three_is_named(wording):
    three = scene_of(buttons=[("OK", 3), ("Save as", 5), ("Cancel", 12)])
    asked = {Asker(random.Random(seed)).buttons(three, wording) for seed in range(60)}
    answers = {one.question: (one.answer, one.start) for one in asked}
    assert answers[wording.middle_button] == ("Save as", 5)
    assert answers[wording.all_buttons[0]] == ("OK\nSave as\nCancel", 3)
    two = scene_of(buttons=[("OK", 3), ("Cancel", 5)])
    asked = {Asker(random.Random(seed)).buttons(two, wording) for seed in range(60)}
    assert {one.answer for one in asked} == {"OK\nCancel"}


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_where_no_button_is_every_question_about_buttons_says_so(wording):
    scene = scene_of(lines=["Hi"])
    asked = {Asker(random.Random(seed)).buttons(scene, wording) for seed in range(200)}
    answers = {one.question: one.answer for one in asked}
    assert answers.pop(wording.buttons) == "0"
    assert set(answers.values()) == {wording.no_button}
    sides = {ask for _, ask in wording.button}
    assert set(answers) == {*wording.all_buttons, wording.middle_button, *sides}


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_shapes_of_all_kinds_are_counted_together(wording):
    for shapes in (SHAPES, []):
        asked = [Asker(random.Random(s)).shapes(scene_of(shapes=shapes), wording) for s in range(9)]
        assert {one.answer for one in asked} == {str(len(shapes))}
        assert {one.question for one in asked} <= set(wording.all_shapes)


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_what_is_shown_where_shapes_are_names_each_with_its_colour(wording):
    asked = [
        Asker(random.Random(s)).all_of_them(scene_of(shapes=SHAPES), wording) for s in range(9)
    ]
    names = [
        wording.coloured.format(wording.colours[s.colour], wording.shapes[s.kind]) for s in SHAPES
    ]
    assert {one.answer for one in asked} == {wording.between.join(names)}
    assert {wording.name[0], wording.which_shapes[0]} <= {one.question for one in asked}
    assert [at for _, at in asked[0].places] == [(s.x, s.y) for s in SHAPES]
    assert sum(count for count, _ in asked[0].places) == len(asked[0].answer)


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE])
def test_what_cannot_be_answered_is_answered_with_saying_so(wording):
    for scene in (scene_of(lines=["Hi"]), scene_of(shapes=SHAPES)):
        asked = {Asker(random.Random(seed)).beyond(scene, wording) for seed in range(300)}
        assert len(asked) > 80
        assert {one.answer for one in asked} == {wording.cannot_tell}
        questions = {one.question for one in asked}
        absent = wording.where.format(wording.shapes["square"])
        assert (absent in questions) == bool(scene.shapes)
        assert not questions & {wording.where.format(wording.shapes[s.kind]) for s in SHAPES}
        assert (wording.name[0] in questions) != bool(scene.shapes)


def test_what_measures_inventions_is_never_trained():
    for trained, measured in zip(BEYOND, BEYOND_UNSEEN, strict=True):
        assert not set(trained.asks) & set(measured.asks)
        assert not set(trained.things) & set(measured.things)


@pytest.mark.parametrize(("wording", "more"), [(ENGLISH, ENGLISH_MORE), (CHINESE, CHINESE_MORE)])
def test_some_questions_are_worded_otherwise_and_mean_the_same(wording, more):
    scene = scene_of(lines=["Hi", "Name Ada"], facts=[Fact("Name", "Ada", 6)], title="Hi")
    scene.chinese = wording.chinese
    asked = [Asker(random.Random(seed)).question(scene) for seed in range(600)]
    usual = sum(one.question in wording.read for one in asked)
    other = sum(one.question in more.read for one in asked)
    assert usual > 2 * other > 20
    assert {a.answer for a in asked if a.question in (*wording.read, *more.read)} == {
        "Hi\nName Ada"
    }
    assert {a.answer for a in asked if a.question in (*wording.title, *more.title)} == {"Hi"}
    values = {ask.format(label) for ask in more.fact for label in ("Name", "name")}
    assert {a.answer for a in asked if a.question in values} == {"Ada"}


def test_values_of_forms_and_receipts_stand_where_they_are_said_to_begin():
    painter = Painter(5)
    counted: Counter[str] = Counter()
    for _ in range(40):
        scene = sheet(painter, Frame(420, 240, 16))
        assert scene.lines
        for fact in scene.facts:
            drawn = "".join(g.character for g in scene.glyphs[fact.start :][: len(fact.value)])
            assert drawn == fact.value
            counted[fact.label] += 1
    assert counted["total"]


def test_chinese_strings_use_the_vocabularys_characters_and_keep_to_a_width():
    source = TextSource(3)
    source.chinese = True
    texts = [source.phrase(24) for _ in range(50)]
    assert all(chinese.half_widths(text) <= 24 for text in texts)
    known = set(chinese.characters())
    han = [c for text in texts for c in text if "一" <= c <= "鿿"]
    assert len(han) > 200
    assert set(han) <= known


def test_words_of_the_chinese_evaluation_are_never_drawn_in_training():
    training, evaluation = chinese.words(False)[0], chinese.words(True)[0]
    assert training
    assert not set(training) & set(evaluation) or training == evaluation == chinese.characters()


@pytest.mark.skipif(not fonts.present(fonts.CHINESE), reason="no Chinese font is installed")
def test_chinese_characters_are_taught_by_patch_cell_and_token(request):
    painter = Painter(2)
    painter.speak(chinese=True)
    scene = painter.lines(Frame(300, 60, 20), at_most=1)
    tokens = batches.Tokens(request.config.rootpath / "resources/starter/tokenizer.model")
    rows = batches.all_foreign([scene, scene], Layout(8, 32), tokens)
    drawn = [g.character for g in scene.glyphs if not g.character.isascii()]
    assert [tokens.processor.decode([int(token)]) for token in rows[: len(drawn), 3]] == drawn
    assert rows[:, 0].tolist() == [0] * len(drawn) + [1] * len(drawn)


def test_without_a_chinese_font_english_is_written(monkeypatch):
    monkeypatch.setattr(fonts, "CHINESE", [])
    monkeypatch.setattr(fonts, "CHINESE_MORE", [])
    painter = Painter(2)
    painter.speak(chinese=True)
    assert painter.lines(Frame(300, 60, 20)).lines[0].isascii()


def test_a_picture_is_asked_about_several_times_but_read_once():
    facts = [Fact("Name", "Ada", 4), Fact("Date", "1.2.", 11)]
    scene = scene_of(facts=facts, lines=["Name Ada", "Date 1.2."], title="Name Ada")
    talks = [Asker(random.Random(seed)).talk(scene) for seed in range(300)]
    text = "Name Ada\nDate 1.2."
    assert Counter(len(talk) for talk in talks)[1] > 60
    assert max(map(len, talks)) > 2
    read = [[one.answer for one in talk].count(text) for talk in talks]
    assert set(read) == {0, 1}
    places = {
        [one.answer for one in talk].index(text)
        for talk in talks
        if len(talk) > 1 and text in [one.answer for one in talk]
    }
    assert len(places) > 1
    assert all(len(set(talk)) == len(talk) for talk in talks)


def test_a_drawn_thing_is_named_in_both_languages():
    scene = scene_of(names=("rat", "耗子"))
    talks = [[one.answer for one in Asker(random.Random(seed)).talk(scene)] for seed in range(20)]
    assert ["rat", "耗子"] in talks
    assert ["耗子", "rat"] in talks


@pytest.mark.skipif(not fonts.present(fonts.CHINESE), reason="no Chinese font is installed")
def test_only_characters_beyond_ascii_have_looks_and_like_ones_look_alike():
    table = glyphs(("a", "\u2581", "你好", "土", "士", "鹰", "<0x00>"))
    assert not table[[0, 1, 2, 6]].any()
    assert table[3:6].mean(1) == pytest.approx(0, abs=1e-5)
    assert table[3:6].std(1) == pytest.approx(1, abs=1e-3)
    likeness = table[3] @ table[4], table[3] @ table[5]
    assert likeness[0] > 2 * likeness[1]
