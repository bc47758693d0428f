"""Every fault that the engine knows has a sentence, and so has everything else it says."""

from __future__ import annotations

import pytest

from desktop_app import notices, wording
from desktop_app.jobs import UnexpectedError, UnreadableFile
from desktop_app.notices import Help, explain, help_label
from engine.errors import (
    DeviceError,
    ModelError,
    ModelFault,
    OutOfMemory,
    PictureError,
    PictureFault,
    QuestionError,
    QuestionFault,
)
from engine.messages import (
    ChoiceReason,
    DeviceChoice,
    Phase,
    PictureSeen,
    Precision,
    Progress,
    StopReason,
    TurnsDropped,
)

ERRORS: list[Exception] = [
    *(
        PictureError(fault, "a.png", width=9000, height=9, limit=120_000_000, detail="HEIC")
        for fault in PictureFault
    ),
    *(PictureError(fault, "a.png") for fault in PictureFault),
    *(ModelError(fault, "folder", "config.json", "why") for fault in ModelFault),
    *(QuestionError(fault, tokens=5000, limit=4096) for fault in QuestionFault),
    OutOfMemory("cuda", needed=3_000_000_000, free=1_000_000),
    OutOfMemory("cpu"),
    DeviceError("cuda"),
    DeviceError("cpu", "float16", "why"),
    UnreadableFile("a.png", "No such file or directory"),
    UnexpectedError("KeyError: 'x'", "Traceback"),
]


@pytest.mark.parametrize("error", ERRORS, ids=[str(error) for error in ERRORS])
def test_every_error_has_a_title_and_a_reason(error: Exception) -> None:
    notice = explain(error)
    assert notice.title
    assert notice.reason.endswith(".")
    assert "{" not in notice.title + notice.body
    assert "!" not in notice.title + notice.body
    assert help_label(notice.help) or notice.help is Help.NOTHING


def test_an_exception_of_any_kind_is_explained_with_details() -> None:
    notice = explain(UnexpectedError.of(ZeroDivisionError("no views\nsecond line")))
    assert "no views" in notice.reason
    assert "second line" not in notice.reason
    assert "ZeroDivisionError" in notice.details


def test_too_many_pixels_says_how_many_and_how_many_may_be() -> None:
    error = PictureError(
        PictureFault.TOO_MANY_PIXELS, "big.png", width=30000, height=30000, limit=120_000_000
    )
    assert "30\u202f000 × 30\u202f000" in explain(error).reason
    assert "120 megapixels" in explain(error).reason


def test_unknown_sizes_are_not_named() -> None:
    for fault in (PictureFault.TOO_MANY_PIXELS, PictureFault.TOO_NARROW):
        assert "0 ×" not in explain(PictureError(fault, "a.ico", limit=10**8)).reason


def test_memory_on_the_processor_is_not_helped_by_the_processor() -> None:
    assert explain(OutOfMemory("cuda:1")).help is Help.USE_CPU
    assert explain(OutOfMemory("cpu")).help is Help.LOAD_AGAIN


@pytest.mark.parametrize("help", Help)
def test_every_help_but_nothing_has_a_label(help: Help) -> None:
    assert bool(help_label(help)) is (help is not Help.NOTHING)


@pytest.mark.parametrize("reason", ChoiceReason)
def test_every_reason_for_a_choice_has_words(reason: ChoiceReason) -> None:
    assert wording.choice_reason(reason)


@pytest.mark.parametrize("reason", StopReason)
def test_an_answer_that_did_not_end_by_itself_says_so(reason: StopReason) -> None:
    assert bool(wording.ended(reason)) is (reason is not StopReason.END)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(Phase.LOADING, 0, 0), "Loading the model"),
        (Progress(Phase.LOADING, 31, 50), "Loading the model 62 %"),
        (Progress(Phase.SEEING, 0, 0), "Seeing the picture"),
        (Progress(Phase.SEEING, 0, 9), "Seeing 1 of 9"),
        (Progress(Phase.SEEING, 8, 9), "Seeing 9 of 9"),
        (Progress(Phase.SEEING, 9, 9), "Seeing 9 of 9"),
        (Progress(Phase.READING, 0, 0), "Reading the question"),
        (Progress(Phase.READING, 1, 4), "Reading the question 25 %"),
        (Progress(Phase.WRITING, 7, 0), "Writing"),
    ],
)
def test_phases_are_named_with_what_is_known(progress: Progress, words: str) -> None:
    assert wording.phase(progress) == words


def test_a_picture_says_what_the_model_does_not_see() -> None:
    seen = PictureSeen(4000, 3000, (3, 3), ((448, 448),) * 10, (1344, 1344), frames=12)
    assert wording.picture_notes(seen) == ["seen at 1344 × 1344", "first of 12 frames"]
    assert wording.picture_notes(PictureSeen(90, 90, None, ((448, 448),), (448, 448))) == []


def test_numbers_and_names() -> None:
    assert [wording.size_of(n) for n in (12, 4200, 36_800_000, 6_869_931_584)] == [
        "12 B",
        "4 KB",
        "37 MB",
        "6.9 GB",
    ]
    assert wording.size_of(999_999) == "1 MB"
    assert wording.model_name("starter") == "Starter model"
    assert wording.model_name("C:\\models\\mine\\") == "mine"
    assert wording.views(1) == "1 view"
    choice = DeviceChoice(
        "cuda:1", Precision.FLOAT16, ChoiceReason.CUDA_FOUND, ChoiceReason.CUDA_LACKS_BFLOAT16
    )
    assert wording.choice(choice) == "GPU float16"
    assert "3" in notices.turns_dropped(TurnsDropped(3)).body
