"""A remote engine gives the stream of a local one, and asks what was meant."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from engine.engine import Engine
from engine.errors import ModelError, ModelFault, PictureError, QuestionError
from engine.messages import (
    AnswerEvent,
    ChoiceReason,
    Finished,
    Phase,
    Picture,
    Progress,
    Question,
    Ready,
    Sampling,
    Speaker,
    StopReason,
    TextDelta,
    Turn,
    TurnsDropped,
)
from engine.remote.engine import RemoteEngine, list_models
from engine.remote.errors import RemoteError, RemoteFault
from engine.remote.payload import EXTRAS
from tests.tiny import tiny_folder

from .conftest import SHORT, ask, opened
from .server import LONGEST, Hub, Script, delta, event, said, said_json, serving


def text_of(events: list[AnswerEvent]) -> str:
    return "".join(told.text for told in events if isinstance(told, TextDelta))


def last(events: Iterator[AnswerEvent]) -> Finished:
    finished = list(events)[-1]
    assert isinstance(finished, Finished)
    return finished


def picture(size: tuple[int, int] = (150, 90)) -> Picture:
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, "PNG")
    return Picture.from_bytes(file.getvalue(), "disc.png")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny_folder(folder)
    engine = Engine(folder, device="cpu", precision="float32")
    for _ in engine.load():
        pass
    return engine


# The same answers


@pytest.mark.parametrize("shown", [None, picture()], ids=["text", "picture"])
@pytest.mark.parametrize(
    "sampling",
    [Sampling.greedy(1.2, 24), Sampling(seed=7, top_k=0, max_new_tokens=24)],
    ids=["greedy", "sampled"],
)
def test_what_comes_over_the_line_is_the_engines_answer(
    local: Engine, shown: Picture | None, sampling: Sampling
) -> None:
    turns = (
        Turn(Speaker.USER, "你好, what is in the image?"),
        Turn(Speaker.ASSISTANT, "a red disc"),
        Turn(Speaker.USER, "and <image> what else?"),
    )
    question = Question(shown, turns, sampling)
    here = list(local.answer(question))
    with serving(engine=local) as hub:
        there = list(opened(hub).answer(question))
    assert here[-1].text == there[-1].text != ""  # type: ignore[union-attr]
    assert text_of(there) == text_of(here)
    assert there[-1].reason is StopReason.LENGTH  # type: ignore[union-attr]
    assert there[-1].statistics.tokens_written == 24  # type: ignore[union-attr]


def test_events_come_in_the_engines_order(hub: Hub) -> None:
    hub.scripts.append(Script(said(" Yes", ",", " it  ", "\n", "is. ", "\n")))
    events = list(opened(hub).answer(replace(ask(), picture=picture())))
    phases = [told.phase for told in events if isinstance(told, Progress)]
    assert phases == sorted(phases, key=list(Phase).index)
    assert set(phases) == {Phase.SEEING, Phase.READING, Phase.WRITING}
    assert [told.text for told in events if isinstance(told, TextDelta)] == [
        *("Yes", ",", " it", "", "  \nis.", "")
    ]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.text == "Yes, it  \nis."
    assert finished.reason is StopReason.END
    statistics = finished.statistics
    assert (statistics.prompt_tokens_computed, statistics.prompt_tokens_reused) == (20, 10)
    assert statistics.tokens_written == 9
    assert 0 < statistics.first_token_seconds < LONGEST
    assert [isinstance(told, Finished) for told in events].count(True) == 1


@pytest.mark.parametrize(
    ("reason", "written", "ends"),
    [
        ("stop", 3, StopReason.END),
        ("length", 8, StopReason.LENGTH),
        ("length", 3, StopReason.CONTEXT),
    ],
)
def test_why_an_answer_ended(hub: Hub, reason: str, written: int, ends: StopReason) -> None:
    usage = event(choices=[], usage={"completion_tokens": written})
    hub.scripts.append(Script((delta("a"), delta(reason=reason), usage)))
    assert last(opened(hub).answer(ask(sampling=Sampling.greedy(1, 8)))).reason is ends


def test_thoughts_are_not_the_answer(hub: Hub) -> None:
    thoughts = (delta(reasoning_content="hm"), delta(reasoning="so"), delta(None, role="assistant"))
    hub.scripts.append(Script((*thoughts, *said("Yes."))))
    events = list(opened(hub).answer(ask()))
    assert text_of(events) == "Yes."
    assert events.count(Progress(Phase.WRITING, 0, 0)) >= 2


def test_a_server_that_cannot_stream_answers_in_one(hub: Hub) -> None:
    choice = {"message": {"role": "assistant", "content": " Yes. "}, "finish_reason": "stop"}
    hub.scripts.append(said_json({"choices": [choice], "usage": {"completion_tokens": 2}}))
    finished = last(opened(hub).answer(ask()))
    assert finished.text == "Yes."
    assert finished.statistics.tokens_written == 2


# Loading


def test_loading_tells_what_the_server_tells(hub: Hub) -> None:
    meta = {"n_ctx_train": 4096, "n_params": 2_400_000_000, "size": 1_500_000_000}
    hub.models = said_json({"data": [{"id": "minicpm-v", "meta": meta}, {"id": "other"}]})
    engine = RemoteEngine(hub.address, "minicpm-v", patience=SHORT)
    assert engine.info is None
    events = list(engine.load())
    assert isinstance(events[0], Progress)
    ready = events[-1]
    assert isinstance(ready, Ready)
    assert ready.info == engine.info
    assert ready.info.name == "minicpm-v"
    assert ready.info.folder == hub.address
    assert (ready.info.context_length, ready.info.parameters) == (4096, 2_400_000_000)
    assert ready.info.choice.device == "remote"
    assert ready.info.choice.device_name in hub.address
    assert ready.info.choice.device_reason is ChoiceReason.REMOTE
    engine.close()
    assert engine.info is None
    with pytest.raises(ModelError) as caught:
        list(engine.answer(ask()))
    assert caught.value.fault is ModelFault.NOT_LOADED


def test_the_list_of_models_is_a_stream_with_a_value(hub: Hub) -> None:
    hub.models = said_json({"data": [{"id": "a"}, {"id": "b"}]})
    listing = list_models(RemoteEngine(hub.address).server, SHORT)
    names: tuple[str, ...] = ()
    while not names:
        try:
            next(listing)
        except StopIteration as end:
            names = tuple(model.name for model in end.value)
    assert names == ("a", "b")


@pytest.mark.parametrize(
    ("has", "wanted", "found"),
    [
        (["only"], "", "only"),
        (["minicpm-v:latest", "b"], "minicpm-v", "minicpm-v:latest"),
        (["a", "b"], "b", "b"),
        (["a", "b"], "", None),
        (["a"], "c", None),
        ([], "", None),
    ],
)
def test_the_model_is_found_by_name(
    hub: Hub, has: list[str], wanted: str, found: str | None
) -> None:
    hub.models = said_json({"data": [{"id": name} for name in has]})
    engine = RemoteEngine(hub.address, wanted, patience=SHORT)
    if found is None:
        with pytest.raises(RemoteError) as caught:
            list(engine.load())
        assert caught.value.fault is RemoteFault.NO_SUCH_MODEL
        assert caught.value.known == tuple(has)
        assert caught.value.model == wanted
    else:
        list(engine.load())
        assert engine.info is not None
        assert engine.info.name == found


# What is sent


def test_the_request_says_everything(hub: Hub) -> None:
    hub.scripts.append(Script(said("Yes.")))
    sampling = Sampling(seed=5, max_new_tokens=77)
    shown = picture()
    list(opened(hub, key="sk-1").answer(replace(ask("Où?", sampling), picture=shown)))
    sent = hub.questions[0]
    content = sent.pop("messages")[0]["content"]
    assert base64.b64decode(content[0]["image_url"]["url"].partition(",")[2]) == shown.data
    assert content[1] == {"type": "text", "text": "Où?"}
    assert sent == {
        "model": "tiny",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.7,
        "top_p": 0.8,
        "top_k": 100,
        "seed": 5,
        "max_tokens": 77,
        "repetition_penalty": 1.05,
        "repeat_penalty": 1.05,
    }
    assert [asked.path for asked in hub.asked] == ["/v1/models", "/v1/chat/completions"]
    assert all(asked.headers["authorization"] == "Bearer sk-1" for asked in hub.asked)


def test_without_a_key_none_is_sent(hub: Hub) -> None:
    opened(hub)
    assert "authorization" not in hub.asked[0].headers


def test_greedy_is_temperature_zero(hub: Hub) -> None:
    hub.scripts.append(Script(said("Yes.")))
    list(opened(hub).answer(ask(sampling=Sampling.greedy())))
    assert hub.questions[0]["temperature"] == 0
    assert not {"top_p", "top_k", "seed"} & hub.questions[0].keys()


def test_an_answer_can_be_continued(hub: Hub) -> None:
    hub.scripts.append(Script(said(" disc ")))
    turns = (*ask().turns, Turn(Speaker.ASSISTANT, "a red"))
    *_, last = opened(hub).answer(replace(ask(), turns=turns))
    assert isinstance(last, Finished)
    assert last.text == " disc"
    assert hub.questions[0]["continue_final_message"] is True
    assert hub.questions[0]["messages"][-1] == {"role": "assistant", "content": "a red"}


def test_beams_are_not_to_be_had(hub: Hub) -> None:
    with pytest.raises(RemoteError) as caught:
        list(opened(hub).answer(ask(sampling=Sampling.beam())))
    assert caught.value.fault is RemoteFault.BEAMS_UNSUPPORTED
    assert hub.questions == []


@pytest.mark.parametrize("turns", [(), (Turn(Speaker.USER, " "),)])
def test_a_question_is_judged_before_it_is_sent(hub: Hub, turns: tuple[Turn, ...]) -> None:
    with pytest.raises(QuestionError):
        list(opened(hub).answer(Question(None, turns)))
    assert hub.questions == []


def test_a_broken_picture_is_judged_before_it_is_sent(hub: Hub) -> None:
    broken = Picture.from_bytes(picture().data[:300], "broken.png")
    with pytest.raises(PictureError):
        list(opened(hub).answer(replace(ask(), picture=broken)))
    assert hub.questions == []


# What a server does not want


def bad(message: str, status: int = 400) -> Script:
    return said_json({"error": {"message": message, "code": status}}, status)


def test_extras_are_left_out_where_they_are_refused(hub: Hub) -> None:
    hub.scripts += [
        bad("Unrecognized request arguments supplied: top_k, repetition_penalty"),
        said_json({"detail": [{"loc": ["body", "repeat_penalty"], "msg": "not permitted"}]}, 422),
        Script(said("Yes.")),
        Script(said("No.")),
    ]
    engine = opened(hub)
    assert last(engine.answer(ask(sampling=Sampling()))).text == "Yes."
    assert last(engine.answer(ask(sampling=Sampling()))).text == "No."
    assert [len(EXTRAS & sent.keys()) for sent in hub.questions] == [4, 2, 1, 1]
    assert engine.left_out == EXTRAS - {"stream_options"}


def test_the_longest_answer_goes_by_its_newer_name(hub: Hub) -> None:
    hub.scripts += [
        bad("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        Script(said("Yes.")),
    ]
    assert last(opened(hub).answer(ask())).text == "Yes."
    assert hub.questions[1]["max_completion_tokens"] == 1024
    assert "max_tokens" not in hub.questions[1]


def test_too_long_an_answer_is_asked_for_without_a_length(hub: Hub) -> None:
    said_so = "This model's maximum context length is 512 tokens. However, you requested 1100."
    hub.scripts += [bad(said_so), Script(said("Ye", reason="length"))]
    finished = last(opened(hub).answer(ask()))
    assert finished.reason is StopReason.CONTEXT
    assert "max_tokens" not in hub.questions[1]


def test_too_long_a_conversation_loses_its_oldest_turns(hub: Hub) -> None:
    too_long = bad("request exceeds the available context size, try increasing it")
    hub.scripts += [too_long] * 4 + [Script(said("Yes."))]
    turns = ask("1").turns
    for number in (2, 3, 4, 5):
        turns += (Turn(Speaker.ASSISTANT, "a"), Turn(Speaker.USER, str(number)))
    events = list(opened(hub).answer(Question(picture(), turns, Sampling.greedy())))
    dropped = [told.count for told in events if isinstance(told, TurnsDropped)]
    messages = hub.questions[-1]["messages"]
    assert dropped == [len(turns) - len(messages)] == [8]
    assert messages[0]["content"][0]["type"] == "image_url"
    assert messages[0]["content"][1]["text"] == "5"
    assert hub.questions[-1]["max_tokens"] == 1024  # of an answer to all that is left


def test_a_question_that_never_fits_is_an_error(hub: Hub) -> None:
    hub.scripts += [bad("prompt too long; exceeded max context length")] * 2
    with pytest.raises(RemoteError) as caught:
        list(opened(hub).answer(ask()))
    assert caught.value.fault is RemoteFault.TOO_LONG


# To stop is to stop pulling


@pytest.mark.parametrize(
    "script",
    [
        Script(said("Yes."), pause_head=True),
        Script(said("Yes."), pause=0),
        Script(said("Yes.", " No."), pause=2),
    ],
    ids=["before the head", "before the first token", "within the answer"],
)
def test_a_stalled_answer_can_be_stopped(hub: Hub, script: Script) -> None:
    hub.scripts.append(script)
    with closing(opened(hub).answer(ask())) as stream:  # type: ignore[type-var]
        for _ in stream:
            if hub.pausing.is_set():
                break
        for _ in range(5):
            assert isinstance(next(stream), Progress | TextDelta)
        assert not hub.hung_up.is_set()
    assert hub.hung_up.wait(LONGEST)


def test_a_pause_is_waited_for(hub: Hub) -> None:
    hub.scripts.append(Script(said("Yes."), pause=1))
    seen = list[AnswerEvent]()
    for told in opened(hub).answer(ask()):
        seen.append(told)
        if hub.pausing.is_set() and len(seen) > 10:
            hub.go_on.set()
    assert text_of(seen) == "Yes."
    assert seen.count(Progress(Phase.READING, 0, 0)) > 8


def test_loading_can_be_stopped(hub: Hub) -> None:
    hub.models = replace(hub.models, pause_head=True)
    stream = RemoteEngine(hub.address, patience=SHORT).load()
    while not hub.pausing.is_set():
        next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert hub.hung_up.wait(LONGEST)


def test_no_thread_is_left_and_none_was_started(hub: Hub) -> None:
    hub.scripts.append(Script(said("Yes.")))
    engine, before = opened(hub), set(threading.enumerate())
    for _ in engine.answer(ask()):
        assert {t for t in threading.enumerate() if "process_request" not in t.name} <= before


def test_over_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving([Script(said("Yes."))], certificate=certificate) as hub:
        assert last(opened(hub).answer(replace(ask(), picture=picture((900, 700))))).text == "Yes."
