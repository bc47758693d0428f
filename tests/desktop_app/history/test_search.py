"""Finding text in any script, with the index and without it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desktop_app.exchange import AnswerState
from desktop_app.history import search
from desktop_app.history.records import Hit
from desktop_app.history.store import HistoryStore
from tests.desktop_app.history.conftest import Opener
from tests.desktop_app.history.samples import NOON, answer, conversation, question

TEXTS = {
    "receipt": ("What is the total?", "The total is **42.10** at Harbour Books."),
    "chinese": ("请读出图片里的文字", "收据:合计 42.10。谢谢惠顾,欢迎再来"),
    "signs": ("100% of a_b?", 'He said "yes" \\ maybe 50 percent, a-b, C++ or (x)*'),
    "accents": ("Über ÉCOLE", "Ångström ПРИВЕТ Straße"),
    "short": ("图", "字"),
    "tail": ("ends with", "the very last ab"),
}


@pytest.fixture(scope="module", params=["index", "scan"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HistoryStore]:
    """A history for all questions that change nothing."""
    path = tmp_path_factory.mktemp("asked") / "history.sqlite"
    store = HistoryStore(path, trigrams=None if request.param == "index" else False)
    store.add(conversation(key, texts) for key, texts in TEXTS.items())
    yield store
    store.abandon()


@pytest.fixture(params=["index", "scan"])
def filled(request: pytest.FixtureRequest, opened: Opener) -> HistoryStore:
    store = opened(None if request.param == "index" else False)
    store.add(conversation(key, texts) for key, texts in TEXTS.items())
    return store


def keys(hits: list[Hit]) -> set[str]:
    return {hit.summary.id for hit in hits}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("total", {"receipt"}),
        ("TOTAL is", {"receipt"}),
        ("arbou", {"receipt"}),
        ("42.10", {"receipt", "chinese"}),
        ("收据", {"chinese"}),
        ("收", {"chinese"}),
        ("谢谢惠顾", {"chinese"}),
        ("片里的文字", {"chinese"}),
        ("再来", {"chinese"}),
        ("来", {"chinese"}),
        ("图", {"chinese", "short"}),
        ("字", {"chinese", "short"}),
        ("文子", set()),
        ("100%", {"signs"}),
        ("%", {"signs"}),
        ("_", {"signs"}),
        ("a_b", {"signs"}),
        ("axb", set()),
        ("\\", {"signs"}),
        ('"yes"', {"signs"}),
        ('"', {"signs"}),
        ("'", set()),
        ("C++ or (x)*", {"signs"}),
        ("total OR 收据", set()),
        ("tot*", set()),
        ("école", {"accents"}),
        ("ÜBER", {"accents"}),
        ("ü", {"accents"}),
        ("ÅN", {"accents"}),
        ("привет", {"accents"}),
        ("ab", {"tail"}),
        ("AB", {"tail"}),
        ("b", {"tail", "signs", "receipt", "accents"}),
        ("  total  ", {"receipt"}),
        ("", set()),
        ("   ", set()),
        ("nowhere", set()),
    ],
)
def test_substrings_are_found(asked: HistoryStore, query: str, found: set[str]) -> None:
    assert keys(asked.search(query)) == found


def test_titles_are_found(filled: HistoryStore) -> None:
    filled.rename("receipt", "书店的收据")
    hits = filled.search("书店")
    assert keys(hits) == {"receipt"}
    assert (hits[0].snippet, hits[0].length) == ("", 0)
    assert keys(filled.search("收据")) == {"receipt", "chinese"}


def test_a_snippet_shows_the_match_in_its_place(filled: HistoryStore) -> None:
    (hit,) = filled.search("harbour")
    match = hit.snippet[hit.start : hit.start + hit.length]
    assert match == "Harbour"
    assert "\n" not in hit.snippet
    assert hit.snippet.endswith("Books.")


def test_a_snippet_of_a_long_text_is_short() -> None:
    text = "x" * 5000 + "\nhere it\nis" + "y" * 5000
    shown, start, length = search.snippet(text, "HERE IT")
    assert shown.startswith("…")
    assert shown[start : start + length] == "here it"
    assert len(shown) <= 1 + search.BEFORE + len("here it") + search.AFTER


def test_the_index_follows_changes(filled: HistoryStore) -> None:
    made = filled.begin("Q", question("Q"))
    filled.put_turn(made, answer("half a wombat", state=AnswerState.GROWING))
    filled.put_turn(made, answer("a platypus"))
    assert keys(filled.search("platypus")) == {made}
    assert filled.search("wombat") == []
    filled.put_turn(made, answer("an echidna"))
    assert filled.search("platypus") == []
    filled.put_turn(made, replace(answer("a numbat"), version=1))
    assert filled.search("echidna") == []  # it is no longer shown


def test_a_program_without_the_index_does_not_spoil_it(opened: Opener) -> None:
    opened().add([conversation("c1", ("first wombat", "a"))])
    plain = opened(False)
    plain.add([conversation("c2", ("second wombat", "b"))])
    plain.delete("c1")
    plain.close()
    again = opened()
    assert keys(again.search("wombat")) == {"c2"}
    again.delete("c2")
    assert again.search("wombat") == []
    again.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_index_and_scan_agree(opened: Opener) -> None:
    """Whatever is asked for: pieces of random texts in several scripts."""
    rng = random.Random(7)
    letters = "aAbBéÉ图片收据 .%_\"'\\\n"
    texts = ["".join(rng.choices(letters, k=rng.randint(1, 30))) for _ in range(80)]
    opened().add(conversation(f"{n}", (text,), updated=NOON + n) for n, text in enumerate(texts))
    index = opened()
    queries = {piece(rng, rng.choice(texts)) for _ in range(300)}
    by_index = {query: keys(index.search(query)) for query in queries}
    index.close()
    scan = opened(False)
    assert by_index == {query: keys(scan.search(query)) for query in queries}
    for query, found in by_index.items():
        wanted = query.strip().lower()
        assert found == {
            str(n) for n, text in enumerate(texts) if wanted and wanted in text.lower()
        }


def piece(rng: random.Random, text: str) -> str:
    start = rng.randrange(len(text))
    return text[start : start + rng.randint(1, 6)]
