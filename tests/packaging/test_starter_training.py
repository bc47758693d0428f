"""A run of two steps: every loss counts, it stops and goes on, and its export loads."""

import random
from dataclasses import replace

import numpy
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional
from torch.optim import _muon

import slips
from batches import Batch, BatchSource, assemble
from build_vocabulary import CLOSING_ID, NEWLINE_ID
from cells import owners
from curriculum import ViewPlan
from engine.messages import Speaker, Turn
from engine.model.language import rotary_tables
from engine.model.minicpmv import MiniCPMV
from engine.prompt import build
from engine.tokenizer import Tokenizer
from export import export
from layout import Layout
from losses import LAST_CONTROL, begins, last_layer, look, losses, misread, prune
from measures import edit_distance, folded
from optimizers import use_faster_ways
from pointing import pointing_loss
from questions import Asked
from scenes import Frame
from seeing import asked
from shape import new_model
from sizes import PATCH, QUERIES
from supervision import SLOTS, Aims, balanced, gather, looking_loss, seldom
from train import Plan, Run

ATTENTION, TURN = "scaled_dot_product_attention", "_zeropower_via_newtonschulz"
VOCABULARY = "resources/starter/tokenizer.model"


def drawn(source: BatchSource, layout: Layout, whole: bool = False) -> Batch:
    """Two pictures of lines, with a question about each."""
    plan = ViewPlan(layout, whole=whole)
    frame = Frame(layout.patches[1] * PATCH, layout.patches[0] * PATCH, 14)
    scenes = [source.painter.lines(frame) for _ in range(2)]
    talks = [[Asked("Read.", "\n".join(scene.lines), start=0)] for scene in scenes]
    return assemble(scenes, [scene.picture for scene in scenes], talks, plan, source.tokens)


@pytest.fixture
def run_plan(tmp_path, request, monkeypatch):
    for module, name in ((functional, ATTENTION), (_muon, TURN)):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back afterwards
    use_faster_ways()
    return Plan(
        folder=tmp_path / "run",
        vocabulary=request.config.rootpath / VOCABULARY,
        minutes=1.0,
        seed=3,
        rate=1e-3,
        tokens=300,
        checkpoint_minutes=1.0,
        processes=1,
        accumulate=1,
        start=None,
    )


def test_every_answer_of_a_prompt_begins_once():
    taught = torch.tensor([[0, 1, 1, 0, 1], [1, 1, 0, 0, 0]]).bool()
    assert begins(taught).int().tolist() == [[0, 1, 0, 0, 1], [1, 0, 0, 0, 0]]


def test_a_run_goes_on_from_its_checkpoint_and_exports(run_plan, tmp_path):
    first = Run(run_plan, resume=False)
    source = BatchSource(1, run_plan.vocabulary, 300)
    letters, batch = source.batch(0.0), drawn(source, Layout(4, 8))
    teaching = {"patch", "cell", "shape", "line", "foreign", "glyph", "looking", "position"}
    assert set(first.update([letters])) == teaching | {"norm"}
    reading = {"answer", "aiming", "slot", "copying", "line_shown", "line_written"}
    reading |= {"role_text", "role_shape", "role_kind"}
    assert reading | teaching <= set(first.update([batch]))
    first.elapsed = 30.0
    first.save()

    second = Run(run_plan, resume=True)
    assert (second.step, second.progress) == (2, 0.5)
    first.update([batch])
    second.update([batch])
    for one, other in zip(first.model.parameters(), second.model.parameters(), strict=True):
        torch.testing.assert_close(one, other)

    folder = tmp_path / "model"
    export(run_plan.folder / "checkpoint.pt", folder)
    loaded = MiniCPMV.from_pretrained(folder, dtype=torch.bfloat16)
    saved = torch.load(run_plan.folder / "checkpoint.pt", weights_only=True)["model"]
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, saved[name].to(torch.bfloat16)), name


def test_an_export_may_be_the_mean_of_runs(run_plan, tmp_path):
    for seed in (1, 2):
        Run(replace(run_plan, folder=tmp_path / f"run{seed}", seed=seed), resume=False).save()
    checkpoints = [tmp_path / f"run{seed}/checkpoint.pt" for seed in (1, 2)]
    export(checkpoints[0], tmp_path / "one")
    export(checkpoints[1], tmp_path / "mean", [tmp_path / "one"])
    one, mean = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "mean"))
    second = torch.load(checkpoints[1], weights_only=True)["model"]
    assert one.keys() == mean.keys()
    for name, value in mean.items():
        between = (one[name].float() + second[name]) / 2
        assert torch.equal(value, between.to(torch.bfloat16)), name


def test_a_run_that_goes_on_with_another_pace_of_the_tower_keeps_to_it(run_plan):
    first = Run(run_plan, resume=False)
    batch = drawn(BatchSource(1, run_plan.vocabulary, 300), Layout(4, 8))
    first.update([batch])
    first.save()

    second = Run(replace(run_plan, tower=0.0), resume=True)
    before = {name: p.clone() for name, p in second.model.named_parameters()}
    second.update([batch])
    moved = {n for n, p in second.model.named_parameters() if not torch.equal(p, before[n])}
    assert moved
    assert not any(name.startswith("vpm.") for name in moved)


def test_without_a_tower_only_the_decoder_learns(run_plan):
    run = Run(replace(run_plan, tower=0.0), resume=False)
    batch = drawn(BatchSource(1, run_plan.vocabulary, 300), Layout(4, 8))
    before = {name: p.clone() for name, p in run.model.named_parameters()}
    run.update([batch])
    moved = {n for n, p in run.model.named_parameters() if not torch.equal(p, before[n])}
    assert {name.partition(".")[0] for name in moved} == {"llm"}


def test_the_resampler_of_the_training_is_that_of_the_engine():
    model, _ = new_model(1)
    features = torch.randn(2, 12, model.vpm.embed_dim)
    some = asked((3, 4), whole=False)
    assert len(some) == 12
    gathered, attention = gather(model.resampler, features, (3, 4), some)
    whole = model.resampler(features, (3, 4))
    torch.testing.assert_close(gathered, whole[:, some], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(attention.sum(-1), torch.ones(attention.shape[:-1]))


def test_the_last_layer_of_the_training_is_that_of_the_decoder():
    model, _ = new_model(1)
    decoder = model.llm.model
    hidden = torch.randn(2, 9, 256, generator=torch.Generator().manual_seed(3))
    rotary = rotary_tables(torch.arange(9), decoder.head_dim, decoder.rope_theta, hidden.dtype)
    layer = list(decoder.layers)[-1]
    last = last_layer(layer, hidden, layer.input_layernorm(hidden), rotary, first=5)
    torch.testing.assert_close(last, layer(hidden, rotary, None, None)[:, 5:])


def test_looking_into_the_own_cell_costs_nothing_and_elsewhere_much():
    grid, some = (20, 28), torch.tensor(owners(20, 28))
    here = torch.eye(560).view(1, 1, 560, 560)
    assert looking_loss(here, grid, some) < 0.01
    assert looking_loss(here.flip(-1), grid, some) > 5
    assert looking_loss(here[:, :, 7:9], grid, some[7:9]) < 0.01


def test_what_would_be_copied_comes_from_the_cell_of_the_next_character():
    model, _ = new_model(1)
    attention = list(model.llm.model.layers)[-1].self_attn
    hidden = torch.randn(1, 6, 256, generator=torch.Generator().manual_seed(5))
    cells = torch.tensor([[-1, -1, -1, -1, 3, 9, -1]])  # of the tokens, the last to come as well
    shows = torch.zeros(QUERIES, 2, dtype=torch.bool)  # two outputs stand in the prompt
    shows[3, 0] = shows[9, 1] = True
    aims = Aims(cells, shows, outputs=torch.tensor([1, 2]))
    wanted = torch.ones(1, 6, dtype=torch.bool)
    copied = aims.copied(hidden, attention, wanted)
    assert copied is not None
    places, carried = copied
    assert places.tolist() == [[0, 3], [0, 4]]
    width = 2 * attention.head_dim
    seen = hidden[0, 1:3] @ attention.v_proj.weight[:width].T
    torch.testing.assert_close(carried, seen @ attention.o_proj.weight[:, :width].T)
    assert aims.copied(hidden, attention, ~wanted) is None


SLICED = Layout(5, 6, slices=(2, 1), overview=(4, 9))


def test_a_picture_that_is_cut_teaches_in_the_prompt_that_the_engine_makes(run_plan):
    source = BatchSource(1, run_plan.vocabulary, 300)
    batch = drawn(source, SLICED, whole=True)
    tokenizer = Tokenizer.from_folder(run_plan.vocabulary.parent)
    made = build(
        (Turn(Speaker.USER, "Read."),),
        SLICED.slices,
        tokenizer,
        has_picture=True,
        limit=10_000,
        query_num=QUERIES,
    )
    assert tuple(batch.ids[0, : len(made.ids)]) == made.ids
    assert batch.taught[0].argmax() == len(made.ids)


def test_a_cut_pictures_outputs_stand_where_its_cells_are_aimed_at(run_plan):
    source = BatchSource(1, run_plan.vocabulary, 300)
    model, heads = new_model(1)
    for whole in (True, False):
        batch = drawn(source, SLICED, whole)
        some = asked(SLICED.grid, whole)
        numbered = torch.arange(4.0 * len(some)).view(4, -1, 1).expand(-1, -1, 256)
        seen = look(model, numbered, batch)
        prompt = prune(batch, seen)
        kept = [view.shape[1] for view in seen.views]
        assert kept == ([QUERIES] * 3 if whole else [36, 30, 30])
        assert (prompt.bare, len(prompt.outputs)) == (kept[0], sum(kept))
        assert torch.equal(seen.views[2][0], numbered[1])  # the second slice of the first picture
        aimed = torch.from_numpy(batch.aims)[0]
        for cell in aimed[aimed >= 0].unique().tolist():
            slice_, _ = divmod(cell, QUERIES)
            shown = prompt.same[cell].nonzero().flatten()
            assert len(shown)
            assert (prompt.slices[shown - prompt.bare, 1] == slice_).all()
            assert (batch.ids[0][prompt.places[prompt.outputs[shown]]] == 0).all()
    parts = losses(model, heads, batch, 0.8)
    assert {"answer_sliced", "aiming_sliced", "slice_sliced", "patch"} <= set(parts)
    torch.stack(list(parts.values())).sum().backward()
    taught = heads.slice.weight.grad
    assert taught is not None
    assert taught.any()


def test_jumps_of_the_reading_count_more_than_steps():
    cells = torch.tensor([[-1, 3, 3, 6, 13, 130, 131, 120, -1]])
    aims = Aims(cells, torch.zeros(1, 1, dtype=torch.bool), torch.zeros(1))
    assert aims.weights()[0].tolist() == [1, 1, 1, 1, 2, 10, 2, 10, 1]


def test_outputs_that_look_where_they_are_taught_to_cost_nothing():
    model, _ = new_model(1)
    attention = next(iter(model.llm.model.layers)).self_attn
    hidden = torch.zeros(1, 6, 256)
    hidden[0, :, :2] = torch.tensor([[0, 0], [0, 0], [0, 40.0], [0, 0], [40.0, 0], [0, 0]])
    half = attention.head_dim // 2
    with torch.no_grad():  # the one mark asks, the other answers, in the last heads
        for project, mark in ((attention.q_proj, 0), (attention.k_proj, 1)):
            project.weight.zero_()
            for head in (2, 3):  # in its slowest pair, which hardly turns with the place
                project.weight[head * attention.head_dim + half - 1, mark] = 1
    rotary = rotary_tables(torch.arange(6), attention.head_dim, 10000.0, hidden.dtype)
    told = [
        pointing_loss(hidden, attention, rotary, torch.tensor([[pair, (-1, -1)]]))
        for pair in ((4, 2), (4, 3), (2, 4))
    ]
    assert told[0] < 0.01
    assert told[1] > 5
    assert told[2] == 0  # nobody looks ahead


def test_cells_are_found_among_the_outputs_of_the_prompt():
    same = torch.tensor([[True, False, False], [True, True, False], [False, False, True]])
    aims = Aims(torch.zeros(1, 1), same, torch.tensor([5, 7, 9]))
    pairs = torch.tensor([[[2, 1], [-1, -1]]])
    assert aims.places(pairs).tolist() == [[[9, 5], [-1, -1]]]


def test_letters_of_one_cell_are_numbered_in_their_order():
    cells = torch.tensor([[-1, 3, 3, 4, 3, 3, 3, -1], [5] * 8])
    slots = Aims(cells, torch.zeros(1, 1, dtype=torch.bool), torch.zeros(1)).slots()
    assert slots[0].tolist() == [0, 0, 1, 0, 0, 1, 2, 0]
    assert slots[1].tolist() == [0, 1, 2, 3, *[SLOTS - 1] * 4]


def test_states_that_tell_the_places_of_letters_in_their_cells_cost_nothing():
    _, heads = new_model(1)
    aims = Aims(torch.tensor([[-1, 3, 3, 4]]), torch.zeros(1, 1, dtype=torch.bool), torch.zeros(1))
    slots = functional.one_hot(aims.slots(), 256).float() * 50
    for head in (heads.slot_written, heads.slot_next):
        nn.init.eye_(head.weight)
    assert heads.slot_loss(slots[:, :-1], slots[:, 1:], aims) < 0.1
    assert heads.slot_loss(slots[:, 1:], slots[:, :-1], aims) > 5
    unseen = Aims(torch.full((1, 4), -1), aims.same, aims.outputs)
    nothing = heads.slot_loss(slots[:, :-1], slots[:, 1:], unseen)
    nothing.backward()  # processes that train together wait for each other's gradients
    assert nothing == 0
    assert heads.slot_next.weight.grad is not None


def test_only_letters_that_are_seen_are_mistaken_and_each_for_its_like():
    ids = torch.randint(6, 90, (40, 200), generator=torch.Generator().manual_seed(1))
    ids[:, ::3], ids[:, ::7] = 2000, NEWLINE_ID
    seen = torch.zeros(ids.shape, dtype=torch.bool)
    seen[:, 50:] = True
    told = misread(ids, seen)
    wrong = told != ids
    assert not wrong[~seen].any()
    assert not wrong[ids == NEWLINE_ID].any()
    assert 0.02 < float(wrong[seen].float().mean()) < 0.15
    assert ((told > LAST_CONTROL) == (ids > LAST_CONTROL)).all()
    assert torch.equal(told, misread(ids, seen))  # the same again when a run is repeated


def test_characters_of_full_pages_count_less_each_but_their_pages_more():
    weights = seldom(torch.tensor([0] * 16 + [2] * 4))
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0] == pytest.approx(weights[-1] / 2)
    assert weights[:16].sum() == pytest.approx(2 * weights[16:].sum())
    assert not len(seldom(torch.zeros(0, dtype=torch.long)))


def test_an_empty_target_still_teaches():
    logits = torch.zeros(1, 4, 3, requires_grad=True)
    balanced(logits, torch.zeros(1, 4, dtype=torch.long)).backward()
    assert logits.grad is not None
    assert logits.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)],
)
def test_edit_distance(one, other, distance):
    assert edit_distance(one, other) == distance


def test_folding_joins_lines_and_compatibility_forms():
    assert folded(" a\n\nＢ  c ") == "a B c"
    assert folded("你 好 ok 吗") == "你好 ok 吗"


def test_slips_are_written_and_not_taught(monkeypatch):
    monkeypatch.setattr(slips, "SLIPS_MOST", 1.0)
    ids = numpy.arange(100, 180)[None].repeat(8, 0)
    taught = ids >= 110
    aims = numpy.where(taught & (ids < 179), ids - 100, -1)  # the last one closes the answer
    ids[4:, 60:], taught[4:, 60:], aims[4:, 59:] = CLOSING_ID, False, -1
    told, learned, seen = slips.with_slips(ids, taught, aims, random.Random(5))
    step = numpy.diff(told, axis=1)
    assert {0, 2} <= set(step[told[:, 1:] != CLOSING_ID].tolist())  # written twice, left out
    assert (step[learned[:, 1:]] == 1).all()
    assert (learned[:, 10] & (told[:, :11] == ids[:, :11]).all(1)).all()  # an answer's beginning
    assert (seen[seen >= 0] == told[seen >= 0] - 100).all()
    assert (told.max(1) == ids.max(1)).all()  # and the end of each is there


def test_answers_without_slips_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(slips, "SLIPS_MOST", 0.0)
    row = numpy.arange(100, 120)[None]
    told, learned, seen = slips.with_slips(row, row > 105, row - 100, random.Random(5))
    assert told.tolist() == row.tolist()
    assert learned.tolist() == (row > 105).tolist()
    assert seen.tolist() == (row - 100).tolist()
