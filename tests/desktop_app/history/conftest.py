"""A history in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.history.store import HistoryStore
from tests.desktop_app.history.samples import Clock

Opener = Callable[..., HistoryStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Opener]:
    """Opens the history, once or several times; all are closed at the end."""
    stores = []

    def open_store(trigrams: bool | None = None) -> HistoryStore:
        stores.append(HistoryStore(path, Clock(), trigrams))
        return stores[-1]

    yield open_store
    for store in stores:
        store.abandon()


@pytest.fixture
def store(opened: Opener) -> HistoryStore:
    return opened()
