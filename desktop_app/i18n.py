"""Every sentence that a person sees goes through ``tr``; English is the source language."""

from __future__ import annotations

from pathlib import Path


class Catalog:
    """The translations in use; empty for English."""

    def __init__(self) -> None:
        self.language = "en"
        self._texts: dict[str, str] = {}

    def use(self, language: str, folder: Path) -> bool:
        """Read ``folder/<language>.po``; False, and English, where there is none."""
        path = folder / f"{language}.po"
        self.language, self._texts = "en", {}
        if not path.is_file():
            return language == "en"
        self.language, self._texts = language, read_catalog(path)
        return True

    def text(self, source: str) -> str:
        """The translation, or the source where it is missing."""
        return self._texts.get(source, source)


def read_catalog(path: Path) -> dict[str, str]:
    """Read the finished translations of a ``.po`` file."""
    import polib

    entries = polib.pofile(str(path), encoding="utf-8")
    return {entry.msgid: entry.msgstr for entry in entries if entry.translated()}


# The one thing that is shared: a language belongs to the process, as the clock does.
CATALOG = Catalog()


def tr(text: str) -> str:
    """Say ``text`` in the language in use."""
    return CATALOG.text(text)


def noted(text: str) -> str:
    """A text of a table, which is said by ``tr`` when it is shown; here it can be collected."""
    return text


def sentences(*parts: str) -> str:
    """Put sentences one behind the other; behind a full-width mark there is no space."""
    text = ""
    for part in filter(None, parts):
        text += part if not text or text[-1] in "。！？；" else f" {part}"
    return text
