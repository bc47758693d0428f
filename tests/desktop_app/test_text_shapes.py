"""Joined lines, one line, and tables, in English and Chinese."""

from __future__ import annotations

import csv
import io

import pytest

from desktop_app.text_shapes import Table, joined, single_line, table_in

ENGLISH = (("Name", "Price", "Left"), ("Apple", "1.20", "7"), ("Pear tree", "0.80", "12"))
CHINESE = (("名称", "价格", "数量"), ("苹果", "1.20", "7"), ("大鸭梨", "0.80", "12"))


# Lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("one", "one"),
        ("The quick brown\nfox jumps.", "The quick brown fox jumps."),
        ("  two   spaces \n and more", "two spaces and more"),
        ("一个很长的句\n子在这里。", "一个很长的句子在这里。"),
        ("使用 Python\n编程", "使用 Python编程"),
        ("an inter-\nesting word", "an interesting word"),
        ("pages 10-\n20", "pages 10- 20"),
        ("New-\nYork", "New- York"),
        ("first\nparagraph\n\nsecond\none", "first paragraph\n\nsecond one"),
        ("第一段\n\n\n第二段", "第一段\n\n第二段"),
        ("- apples\n- pears and\nplums", "- apples\n- pears and plums"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("about pi:\n3.14 or\n-5 degrees", "about pi: 3.14 or -5 degrees"),
        ("（一）甲\n（二）乙", "（一）甲\n（二）乙"),
        (
            "This paragraph is long enough\nand ends.\nThis one begins anew here",
            "This paragraph is long enough and ends.\nThis one begins anew here",
        ),
    ],
)
def test_joined(text: str, expected: str) -> None:
    assert joined(text) == expected


def test_joining_twice_changes_nothing() -> None:
    text = "A line that\ngoes on.\n\n- item\n- other\n\n中文的一\n行"
    assert joined(joined(text)) == joined(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\n\n b\tc \n", "a b c"),
        ("中文\n\n字", "中文字"),
        ("exam-\nple", "example"),
    ],
)
def test_single_line(text: str, expected: str) -> None:
    assert single_line(text) == expected


# Tables


def spaced(rows: tuple[tuple[str, ...], ...], width: int = 14) -> str:
    """Columns as a terminal shows them, where a Chinese character takes two places."""

    def padded(cell: str) -> str:
        return cell + " " * (width - len(cell) - sum(ord(mark) > 0x2E80 for mark in cell))

    return "\n".join("".join(map(padded, row)).rstrip() for row in rows)


def drawn(rows: tuple[tuple[str, ...], ...]) -> str:
    ruled = "+-----+-----+----+"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([ruled, lines[0], ruled, *lines[1:], ruled])


@pytest.mark.parametrize("rows", [ENGLISH, CHINESE], ids=["English", "Chinese"])
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: "\n".join("\t".join(row) for row in rows),
        lambda rows: Table(rows).as_markdown(),
        lambda rows: "\n".join(" | ".join(row) for row in rows),
        lambda rows: drawn(rows).replace("|", "│").replace("-", "─").replace("+", "┼"),
        drawn,
        spaced,
        lambda rows: "\n".join("   ".join(row) for row in rows),
    ],
    ids=["tabs", "markdown", "pipes", "box", "ascii box", "aligned", "wide gaps"],
)
def test_a_table_is_found(write: object, rows: tuple[tuple[str, ...], ...]) -> None:
    assert callable(write)
    text = f"Stock of today:\n\n{write(rows)}\n\nThat is all."
    found = table_in(text)
    assert found is not None
    assert found.rows == rows


@pytest.mark.parametrize("rows", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_empty_cells_are_kept(rows: tuple[tuple[str, ...], ...]) -> None:
    holes = (rows[0], (rows[1][0], "", "7"), ("", *rows[2][1:]))
    for text in (spaced(holes), "\n".join("\t".join(row) for row in holes)):
        found = table_in(text)
        assert found is not None
        assert found.rows == holes


def test_short_rows_are_filled() -> None:
    found = table_in("a\tb\tc\nd\te")
    assert found == Table((("a", "b", "c"), ("d", "e", "")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        "a\tb",
        "| a | b |",
        "prose that\nhas two lines",
        "a  b",
        "中文\n两行",
        "---\n---",
    ],
)
def test_no_table(text: str) -> None:
    assert table_in(text) is None


def test_the_largest_table_is_taken() -> None:
    small, large = "a\tb\nc\td", "1|2|3\n4|5|6\n7|8|9"
    found = table_in(f"{small}\n\nand\n\n{large}")
    assert found is not None
    assert found.rows[0] == ("1", "2", "3")


@pytest.mark.parametrize("rows", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_tables_are_written(rows: tuple[tuple[str, ...], ...]) -> None:
    table = Table(rows)
    assert table.as_tsv().split("\n")[1] == "\t".join(rows[1])
    assert list(csv.reader(io.StringIO(table.as_csv()))) == [list(row) for row in rows]
    assert table.as_markdown().split("\n")[1] == "| --- | --- | --- |"


def test_awkward_cells_survive() -> None:
    table = Table((('say "hi"', "a,b"), ("x|y", "two\nlines\tand more")))
    assert list(csv.reader(io.StringIO(table.as_csv(), newline=""))) == [
        list(r) for r in table.rows
    ]
    assert table.as_tsv() == 'say "hi"\ta,b\nx|y\ttwo lines and more'
    again = table_in(table.as_markdown())
    assert again is not None
    assert again.rows[1] == ("x|y", "two lines and more")


def test_rows_of_a_table_stay_rows_when_lines_are_joined() -> None:
    text = "Thank you for\nyour order.\nItem\tAmount\nAtlas\t31.40\nPaid in\nfull."
    rows = "Thank you for your order.\nItem\tAmount\nAtlas\t31.40\nPaid in full."
    assert joined(text) == rows
    assert single_line(text) == rows.replace("\n", " ").replace("\t", " ")
