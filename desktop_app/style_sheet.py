"""The one style sheet. Widgets say what they are by a ``kind`` property or an object name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.theme import Colors

BODY, CHIP, SECONDARY, TITLE = 14, 13, 12, 20  # pixels
ROUND = 18  # half the height of Send
LINE, AROUND = 18, 6  # pixels of a prompt: the height of its text, and what is above and below


def style_sheet(colors: Colors, scale: int = 100) -> str:
    """Fill the colours into the rules; spacing follows a grid of 8 px, texts their scale."""
    return RULES.format(
        **{name: getattr(colors, name) for name in colors.__slots__},
        body=scaled(BODY, scale),
        chip=scaled(CHIP, scale),
        small=scaled(SECONDARY, scale),
        title=scaled(TITLE, scale),
        round=scaled(ROUND, scale),
        high=scaled(LINE, scale),
        pill=scaled(LINE, scale) // 2 + AROUND,
        accent_hover=mixed(colors.accent, colors.text),
    )


def scaled(pixels: int, scale: int) -> int:
    """A size at a scale in per cent."""
    return round(pixels * scale / 100)


def mixed(color: str, other: str, share: float = 0.12) -> str:
    """A colour with a little of another in it."""
    parts = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _channels(color: str) -> list[int]:
    return [int(color[place : place + 2], 16) for place in (1, 3, 5)]


RULES = """
* {{ font-size: {body}px; }}
QToolTip {{
    color: {text}; background: {card}; border: 1px solid {line}; padding: 4px 8px;
    font-size: {small}px;
}}
QMainWindow, QWidget#page {{ background: {window}; }}
QLabel {{ background: transparent; color: {text}; }}
QLabel[kind="quiet"] {{ color: {secondary}; }}
QLabel[kind="secondary"] {{ color: {secondary}; font-size: {small}px; }}
QLabel[kind="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[kind="strong"] {{ font-weight: 600; }}
QLabel[kind="alarm"] {{ color: {danger}; font-size: {small}px; }}
QLabel[kind="danger"] {{ color: {danger}; font-weight: 600; }}
QLabel[kind="speaker"] {{ color: {secondary}; font-size: {small}px; font-weight: 600; }}

QWidget#top_bar {{ background: {card}; border-bottom: 1px solid {line}; }}
QFrame[kind="card"] {{ background: {card}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[kind="said"] {{ background: {said}; border-radius: 8px; }}
QFrame[kind="info"] {{ background: {info_card}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[kind="error"] {{
    background: {danger_card}; border: 1px solid {danger}; border-radius: 8px;
}}
QFrame#composer {{ background: {card}; border: 1px solid {control}; border-radius: 12px; }}
QFrame#composer[active="true"] {{ border: 1px solid {accent}; }}
QFrame#panel {{ background: {card}; border: 1px solid {control}; border-radius: 8px; }}

QFrame#history {{ background: {card}; border-right: 1px solid {line}; }}
QFrame#history_foot {{ border-top: 1px solid {line}; }}
QFrame#history QListView {{ background: transparent; border: none; outline: none; }}
QFrame#history > QLineEdit {{
    background: {window}; border: 1px solid {control}; border-radius: 6px; padding: 0 6px;
    color: {text}; placeholder-text-color: {secondary};
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QFrame#history > QLineEdit:focus {{ border: 1px solid {accent}; }}
QLineEdit[kind="title_editor"] {{
    background: {card}; border: 1px solid {accent}; border-radius: 4px; padding: 0 4px;
    color: {text}; selection-background-color: {accent}; selection-color: {on_accent};
}}
QToolButton:checked {{ background: {hover}; }}

QAbstractButton {{ color: {text}; }}
QToolButton, QPushButton {{
    background: transparent; border: 1px solid transparent; border-radius: 6px;
    padding: 5px 10px; outline: none;
}}
QToolButton:hover, QPushButton:hover {{ background: {hover}; }}
QToolButton:pressed, QPushButton:pressed {{ background: {line}; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {accent}; }}
QToolButton:disabled, QPushButton:disabled {{ color: {secondary}; }}
QToolButton[kind="icon"] {{ padding: 5px; }}
QToolButton[kind="chip"] {{
    border: 1px solid {line}; border-radius: {pill}px; padding: 5px 12px; color: {text};
    min-height: {high}px;
    font-size: {chip}px;
}}
QToolButton[kind="chip"]:focus {{ border: 1px solid {accent}; }}
QToolButton[kind="chip"]:disabled {{ color: {secondary}; }}
QPushButton[kind="edged"], QToolButton[kind="edged"] {{
    border: 1px solid {control}; background: {card}; padding: 6px 14px;
}}
QPushButton[kind="edged"]:hover, QToolButton[kind="edged"]:hover {{ background: {hover}; }}
QPushButton[kind="edged"]:focus, QToolButton[kind="edged"]:focus {{ border: 1px solid {accent}; }}
QPushButton[kind="main"] {{
    background: {accent}; color: {on_accent}; border: 1px solid {accent}; font-weight: 600;
    padding: 7px 16px;
}}
QPushButton[kind="main"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[kind="main"]:focus {{ border: 1px solid {text}; }}
QPushButton[kind="main"]:disabled {{
    background: {hover}; color: {secondary}; border: 1px solid {line};
}}
QPushButton[kind="danger"] {{
    background: {card}; color: {danger}; border: 1px solid {danger}; font-weight: 600;
    padding: 6px 14px;
}}
QPushButton[kind="danger"]:focus {{ border: 2px solid {danger}; padding: 5px 13px; }}
QPushButton[kind="link"] {{ color: {accent}; padding: 3px 6px; }}
QPushButton[kind="link"]:disabled {{ color: {secondary}; }}
QToolButton#send {{
    background: {accent}; border: 1px solid {accent}; border-radius: {round}px; padding: 0;
}}
QToolButton#send:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QToolButton#send:focus {{ border: 2px solid {text}; }}
QToolButton#send:disabled {{ background: {hover}; border: 1px solid {line}; }}
QListWidget#prompts, QPlainTextEdit#prompt {{
    background: {card}; border: 1px solid {control}; border-radius: 6px; padding: 4px;
    color: {text}; outline: none;
}}
QListWidget#prompts:focus, QPlainTextEdit#prompt:focus {{ border: 1px solid {accent}; }}
QListWidget#prompts::item {{ padding: 6px 8px; border-radius: 4px; color: {text}; }}
QListWidget#prompts::item:selected {{ background: {hover}; color: {text}; }}
QToolButton[kind="thumbnail"] {{
    background: {window}; border: 2px solid {line}; border-radius: 6px; padding: 2px;
}}
QToolButton[kind="thumbnail"]:hover {{ border-color: {control}; }}
QToolButton[kind="thumbnail"]:checked {{ border-color: {accent}; background: {card}; }}
QToolButton[kind="thumbnail"]:focus {{ border-color: {text}; }}
QToolButton#copy_code {{ background: {code}; padding: 0; }}
QToolButton#copy_code:hover {{ background: {line}; }}
QToolButton[kind="round"] {{
    background: {card}; border: 1px solid {control}; border-radius: 16px; padding: 5px;
}}
QToolButton[kind="round"]:hover {{ background: {hover}; }}
QToolButton[kind="round"]:focus {{ border: 1px solid {accent}; }}
QWidget#zoom_bar {{ background: {card}; border: 1px solid {line}; border-radius: 8px; }}
QToolButton[kind="sample"] {{
    background: {card}; border: 1px solid {line}; border-radius: 8px; padding: 8px;
    color: {secondary}; font-size: {small}px;
}}
QToolButton[kind="sample"]:hover {{ border: 1px solid {control}; }}
QToolButton[kind="sample"]:focus {{ border: 1px solid {accent}; }}

QPlainTextEdit, QTextBrowser {{
    background: transparent; border: none; color: {text}; placeholder-text-color: {secondary};
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {control}; border-radius: 4px; min-height: 32px; }}
QFrame#history QScrollBar:vertical {{ width: 8px; margin: 2px 1px; }}
QFrame#history QScrollBar::handle:vertical {{ background: {line}; border-radius: 3px; }}
QFrame#history QScrollBar::handle:vertical:hover {{ background: {control}; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle:horizontal {{ background: {control}; border-radius: 4px; min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{
    background: {line}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QProgressBar[kind="large"] {{ border-radius: 4px; max-height: 8px; min-height: 8px; }}
QProgressBar[kind="large"]::chunk {{ border-radius: 4px; }}
QDialog {{ background: {window}; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 18px; height: 18px; }}
QComboBox {{
    background: {card}; color: {text}; border: 1px solid {control}; border-radius: 6px;
    padding: 6px 32px 6px 10px; combobox-popup: 0;
}}
QComboBox:focus {{ border: 1px solid {accent}; }}
QComboBox::drop-down {{ border: none; width: 0; }}
QComboBoxPrivateContainer {{ background: {card}; border: none; }}
QComboBox QAbstractItemView {{
    background: {card}; color: {text}; border: 1px solid {control}; outline: none; padding: 4px;
}}
QComboBox QAbstractItemView::item {{ padding: 6px; border-radius: 4px; color: {text}; }}
QComboBox QAbstractItemView::item:selected {{ background: {info_card}; color: {text}; }}
QDialog QLineEdit, QLineEdit[kind="field"] {{
    background: {card}; border: 1px solid {control}; border-radius: 6px; padding: 6px 8px;
    color: {text}; placeholder-text-color: {secondary};
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QDialog QLineEdit:focus, QLineEdit[kind="field"]:focus {{ border: 1px solid {accent}; }}
QDialog QPlainTextEdit {{
    background: {card}; border: 1px solid {control}; border-radius: 6px; padding: 6px 8px;
}}
QDialog QPlainTextEdit:focus {{ border: 1px solid {accent}; }}
QDialog QListWidget {{
    background: {card}; border: 1px solid {control}; border-radius: 6px; padding: 4px;
    outline: none;
}}
QDialog QListWidget:focus {{ border: 1px solid {accent}; }}
QDialog QListWidget::item {{ padding: 6px; border-radius: 4px; color: {text}; }}
QDialog QListWidget::item:hover {{ background: {hover}; }}
QDialog QListWidget::item:selected {{ background: {info_card}; color: {text}; }}
QFrame#rule {{ background: {line}; border: none; }}
QLineEdit[wrong="true"], QDialog QLineEdit[wrong="true"]:focus {{ border: 1px solid {danger}; }}
QLabel[kind="keys"], QLabel#command {{
    background: {code}; border: 1px solid {line}; border-radius: 4px; padding: 2px 8px;
    font-size: {chip}px;
}}
QDialog QListWidget#navigation {{
    background: {card}; border: none; border-right: 1px solid {line}; border-radius: 0;
    outline: none; padding: 12px 8px;
}}
QDialog QListWidget#navigation::item {{ border-radius: 6px; padding: 0 0 0 8px; color: {text}; }}
QDialog QListWidget#navigation::item:hover {{ background: {hover}; }}
QDialog QListWidget#navigation::item:selected {{ background: {info_card}; color: {text}; }}
QDialog QListWidget#navigation:focus {{ border: none; border-right: 1px solid {line}; }}
QDialog QListWidget#navigation::item:focus {{ border: 1px solid {accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QMenu {{ background: {card}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {hover}; }}
"""
