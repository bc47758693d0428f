"""Which ends of lines in Markdown are meant: those of a paragraph, as it was read from a page."""

from __future__ import annotations

import re

FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
# Neither a heading nor part of a table; and no mark of a list, a quotation or a line below.
ENDS_LINE = re.compile(r"(?!\s*#)(?!\s*(?:=+|-+|[-*_ ]{3,})$)[^|]*\S[^|]*$")
BEGINS = r" {0,3}(?:[#>=~`]|[-*+]\s|[-*_ ]{3,}$|-+$|\d{1,9}[.)]\s)| {4}|\t"
GOES_ON = re.compile(rf"(?!{BEGINS})[^|]*\S[^|]*$")


def with_breaks(text: str, mark: str) -> str:
    """Lines of a paragraph are parted by a mark that keeps them lines."""
    fence, made, before = "", list[str](), ""
    for line in text.split("\n"):
        fence, was = fence_after(line, fence), fence
        if not (fence or was) and ENDS_LINE.match(before) and GOES_ON.match(line):
            made[-1] += mark + line.strip()
        else:
            made.append(line)
        before = "" if fence or was else line
    return "\n".join(made)


def fence_after(line: str, fence: str) -> str:
    """The fence that is open after a line: one is closed by its own kind, at least as long."""
    mark = FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark.group(1)
    closes = mark.group(1).startswith(fence) and not mark.group(2).strip()
    return "" if closes else fence
