"""Markdown as a styled document, in which nothing is ever loaded."""

from __future__ import annotations

import re

from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from desktop_app.line_breaks import fence_after, with_breaks
from desktop_app.style_sheet import BODY
from desktop_app.theme import Colors, pixels

FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
LINE = "\u2028"  # ends a line, but not the paragraph
RULE = QTextFormat.Property.BlockTrailingHorizontalRulerWidth
QUOTATION = QTextFormat.Property.BlockQuoteLevel
LINE_HEIGHT = 122  # per cent of the font's own, which makes 1.45 of its size
# A program within a line comes first: in it a formula's signs are only signs.
FORMULA = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|\\\(.+?\\\)|\\\[.+?\\\]|\$\$.+?\$\$|\$(?!\s)[^$]+?(?<!\s)\$(?!\d)"
)
END_OF_FORMULA = {"\\[": "\\]", "$$": "$$"}  # of one that begins with a line of its own
MARKS = re.compile(r"([\\`*_{}\[\]()#+.!|<>~$-])")
HEADINGS = {1: 20, 2: 17, 3: 15}  # pixels
CODE = 13  # pixels


def with_formulas(text: str) -> str:
    """Formulas stay as they were written: what Markdown would take from them is marked as text."""
    fence, end, made = "", "", list[str]()
    for line in text.split("\n"):
        fence, was = fence_after(line, fence), fence
        begins = END_OF_FORMULA.get(line.strip(), "")
        if fence or was:
            made.append(line)
        elif end or begins:
            made.append(_as_text(line))
            end = "" if end and (end in line or not line.strip()) else end or begins
        else:
            made.append(FORMULA.sub(lambda it: it[0] if it["code"] else _as_text(it[0]), line))
    return "\n".join(made)


def _as_text(formula: str) -> str:
    return MARKS.sub(r"\\\1", formula)


def render(text: str, colors: Colors, font: QFont, *, first: bool = True) -> QTextDocument:
    """A document of its own from markdown, styled; one that is not ``first`` stands apart."""
    document = QTextDocument()
    document.setDefaultFont(font)
    document.setMarkdown(with_breaks(with_formulas(text), LINE), FEATURES)
    _begin_with_rule(document)
    style(document, colors)
    block = document.begin()
    if not first and block.textList() is None and not block.blockFormat().topMargin():
        shape = QTextBlockFormat()
        shape.setTopMargin(12 if block.blockFormat().headingLevel() else 4)
        QTextCursor(block).mergeBlockFormat(shape)
    return document


def _begin_with_rule(document: QTextDocument) -> None:
    """Qt puts an empty line before a rule that comes first."""
    first = document.begin()
    if not first.text() and is_rule(first.next()):
        shape, cursor = first.next().blockFormat(), QTextCursor(first)
        cursor.deleteChar()
        cursor.setBlockFormat(shape)


def style(document: QTextDocument, colors: Colors) -> None:
    """Give every block its spacing and colours."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    _name_images(document)
    block = document.begin()
    while block.isValid():
        _style_block(QTextCursor(block), block, colors)
        block = block.next()
    for start, end in reversed(_code_runs(document)):
        _frame_code(document, start, end, colors)
    _close_gaps(document)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _style_table(frame, colors)
    cursor.endEditBlock()


def _name_images(document: QTextDocument) -> None:
    """Words in place of images, which are never loaded."""
    block = document.begin()
    while block.isValid():
        for span in reversed(block.textFormats()):
            if span.format.isImageFormat():
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + span.start)
                keep = QTextCursor.MoveMode.KeepAnchor
                cursor.setPosition(block.position() + span.start + span.length, keep)
                words = span.format.stringProperty(QTextFormat.Property.ImageAltText)
                cursor.insertText(f"[{words}]" if words else "", QTextCharFormat())
        block = block.next()


def _style_block(cursor: QTextCursor, block: QTextBlock, colors: Colors) -> None:
    shape = QTextBlockFormat()
    shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if _is_code(block):
        _style_code(cursor, shape)
    elif cursor.currentTable() is not None:
        shape.setLineHeight(100, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    elif block.blockFormat().headingLevel():
        _style_heading(cursor, block, shape)
    elif is_rule(block):
        _style_rule(shape, colors)
    elif block.textList() is not None:
        shape.setTopMargin(2)
        shape.setBottomMargin(2)
    else:
        shape.setTopMargin(0 if block == block.document().begin() else 4)
        shape.setBottomMargin(4)
    if block.blockFormat().hasProperty(QUOTATION):
        _style_quotation(cursor, block, shape, colors)
    cursor.mergeBlockFormat(shape)
    _style_spans(block, colors)


def _style_rule(shape: QTextBlockFormat, colors: Colors) -> None:
    shape.setTopMargin(8)
    shape.setBottomMargin(8)
    shape.setBackground(QColor(colors.line))  # the colour that Qt draws the line with


def _style_quotation(
    cursor: QTextCursor, block: QTextBlock, shape: QTextBlockFormat, colors: Colors
) -> None:
    """Set in and quieter: another's words."""
    level = block.blockFormat().intProperty(QUOTATION)
    shape.setLeftMargin(pixels(20) * level)
    shape.setRightMargin(pixels(20))
    text = QTextCharFormat()
    text.setForeground(QColor(colors.secondary))
    _restyle_text(cursor, text)


def _is_code(block: QTextBlock) -> bool:
    shape = block.blockFormat()
    return shape.hasProperty(QTextFormat.Property.BlockCodeFence) or shape.hasProperty(
        QTextFormat.Property.BlockCodeLanguage
    )


def _style_code(cursor: QTextCursor, shape: QTextBlockFormat) -> None:
    shape.setNonBreakableLines(False)
    shape.clearBackground()
    _restyle_text(cursor, _fixed_font())


def _code_runs(document: QTextDocument) -> list[tuple[int, int]]:
    """First and last position of each run of code lines."""
    runs: list[tuple[int, int]] = []
    block = document.begin()
    while block.isValid():
        if _is_code(block):
            end = block.position() + block.length() - 1
            joined = bool(runs) and runs[-1][1] == block.position() - 1
            runs[-1:] = [(runs[-1][0], end)] if joined else [*runs[-1:], (block.position(), end)]
        block = block.next()
    return runs


def _frame_code(document: QTextDocument, start: int, end: int, colors: Colors) -> None:
    """A card around the lines of a program; a block alone has no inner margin."""
    shape = QTextFrameFormat()
    shape.setBackground(QColor(colors.code))
    shape.setBorder(0)
    shape.setPadding(10)
    shape.setTopMargin(4)
    shape.setBottomMargin(4)
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertFrame(shape)


def _close_gaps(document: QTextDocument) -> None:
    """Qt needs a line before and after each frame; an empty one takes no room."""
    flat = QTextBlockFormat()
    flat.setLineHeight(4, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        if block.text() or is_rule(block):
            pass
        elif cursor.currentFrame() == document.rootFrame():
            cursor.setBlockFormat(flat)
        block = block.next()


def is_rule(block: QTextBlock) -> bool:
    """Whether it is a line from side to side."""
    return block.blockFormat().hasProperty(RULE)


def _style_heading(cursor: QTextCursor, block: QTextBlock, shape: QTextBlockFormat) -> None:
    level = block.blockFormat().headingLevel()
    shape.setTopMargin(0 if block == block.document().begin() else 12)
    shape.setBottomMargin(4)
    for span in block.textFormats():
        text = span.format
        text.clearProperty(QTextFormat.Property.FontSizeAdjustment)  # it would win over the size
        text.setProperty(QTextFormat.Property.FontPixelSize, pixels(HEADINGS.get(level, BODY)))
        text.setFontWeight(QFont.Weight.DemiBold)
        cursor.setPosition(block.position() + span.start)
        cursor.setPosition(
            block.position() + span.start + span.length, QTextCursor.MoveMode.KeepAnchor
        )
        cursor.setCharFormat(text)


def _style_spans(block: QTextBlock, colors: Colors) -> None:
    for span in block.textFormats():
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + span.start)
        cursor.setPosition(
            block.position() + span.start + span.length, QTextCursor.MoveMode.KeepAnchor
        )
        if span.format.isAnchor():
            link = QTextCharFormat()
            link.setForeground(QColor(colors.accent))
            cursor.mergeCharFormat(link)
        elif span.format.fontFixedPitch() and not _is_code(block):
            inline = _fixed_font()
            inline.setBackground(QColor(colors.code))
            cursor.mergeCharFormat(inline)


def _fixed_font() -> QTextCharFormat:
    text = QTextCharFormat()
    families = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families()
    text.setFontFamilies(families)
    text.setProperty(QTextFormat.Property.FontPixelSize, pixels(CODE))
    return text


def _restyle_text(cursor: QTextCursor, text: QTextCharFormat) -> None:
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeCharFormat(text)
    cursor.mergeBlockCharFormat(text)


def _style_table(table: QTextTable, colors: Colors) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderBrush(QColor(colors.line))
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderCollapse(True)
    shape.setCellPadding(6)
    shape.setCellSpacing(0)
    shape.setTopMargin(4)
    shape.setBottomMargin(4)
    shape.setWidth(QTextLength())
    table.setFormat(shape)
