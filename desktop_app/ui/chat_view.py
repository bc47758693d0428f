"""The conversation so far, one exchange below the other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.conversation import Conversation
from desktop_app.exchange import AnswerState, Exchange
from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.announce import announce
from desktop_app.ui.exchange_view import OPEN_STATES, ExchangeView
from desktop_app.ui.focus_order import in_order, stops_in
from desktop_app.ui.parts import IconButton

COLUMN = 760  # pixels, which leaves about 76 characters for a line of text
NEAR_END = 8  # pixels
EDGE = 16  # pixels


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at the upper edge, whatever the size of the text and of the window."""

    number: int  # the exchange's
    character: int  # of the answer; below 0 where the edge is above it
    below: int  # pixels from there to the edge


class ChatView(QScrollArea):
    """Follows the end while the person is at the end, and else leaves the page where it is."""

    edit_wished = Signal(object)  # Exchange

    def __init__(self, theme: Theme, conversation: Conversation) -> None:
        super().__init__()
        self._theme = theme
        self._conversation = conversation
        self._views: dict[int, ExchangeView] = {}
        self._following = True
        self._place: Place | None = None  # where the person reads
        self._moving = False
        self.setAccessibleName(tr("Conversation"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = self._make_page()
        self.to_end = IconButton(theme, "down", tr("Go to the end"))
        self.to_end.setParent(self)
        self.to_end.setProperty("kind", "round")
        self.to_end.clicked.connect(self.follow)
        self.to_end.hide()
        self._listen()
        self._replace()
        if conversation.exchanges and conversation.exchanges[-1].state is AnswerState.GROWING:
            self._grow(conversation.exchanges[-1].number, conversation.text_so_far)

    def _make_page(self) -> QVBoxLayout:
        page, inner = QWidget(), QWidget()
        inner.setMaximumWidth(COLUMN)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 16, 0, 16)
        column.setSpacing(24)
        column.addStretch(1)
        self._row = row = QHBoxLayout(page)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.addStretch(1)
        row.addWidget(inner, 1000)
        row.addStretch(1)
        self.setWidget(page)
        return column

    def _listen(self) -> None:
        self._conversation.exchange_added.connect(self._add)
        self._conversation.answer_grew.connect(self._grow)
        self._conversation.exchange_changed.connect(self._change)
        self._conversation.exchange_changed.connect(self._announce)
        self._conversation.exchange_hidden.connect(self._remove)
        self._conversation.exchange_shown.connect(self._add)
        self._conversation.version_added.connect(self._renew)
        self._conversation.version_shown.connect(self._change)
        self._conversation.exchanges_replaced.connect(self._replace)
        self._conversation.activity_changed.connect(self._show_places)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._range_changed)

    @property
    def following(self) -> bool:
        """Whether the page moves with the end of the answer."""
        return self._following

    @property
    def views(self) -> list[ExchangeView]:
        """The views of what is shown, the oldest first."""
        return [self._views[exchange.number] for exchange in self._conversation.exchanges]

    def view(self, number: int) -> ExchangeView:
        """The view of an exchange."""
        return self._views[number]

    @Slot()
    def follow(self) -> None:
        """Go to the end and stay there."""
        self._following, self._place = True, None
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self.to_end.hide()

    @property
    def place(self) -> Place | None:
        """Where the person reads; nothing at the end, which is followed."""
        return self._place

    def _find_place(self) -> Place | None:
        top = self.verticalScrollBar().value()
        for view in () if self._following else self.views:
            within = top - self._top_of(view)
            if within < view.height():
                character = view.character_at(within)
                below = within - view.height_at(character)
                return Place(view.exchange.number, character, below)
        return None

    def go_to(self, place: Place | None) -> None:
        """Show a place again, also while the page is still being laid out."""
        if place is not None:
            self._place, self._following = place, False
            self._move_to(place)

    def _move_to(self, place: Place) -> None:
        view = self._views.get(place.number)
        if view is None:
            return
        self._moving = True
        top = self._top_of(view) + view.height_at(place.character) + place.below
        self.verticalScrollBar().setValue(top)
        self._moving = False
        self._show_way_to_end()

    def _top_of(self, view: ExchangeView) -> int:
        return view.mapTo(self.viewport(), QPoint(0, 0)).y() + self.verticalScrollBar().value()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button over the lower edge."""
        super().resizeEvent(event)
        button = self.to_end
        button.adjustSize()
        button.move((self.width() - button.width()) // 2, self.height() - button.height() - 8)

    @Slot(object)
    def _add(self, exchange: Exchange) -> None:
        view = ExchangeView(self._theme, exchange)
        view.regenerate_wished.connect(self._conversation.regenerate)
        view.continue_wished.connect(self._conversation.continue_answer)
        view.version_wished.connect(self._conversation.show_version)
        view.edit_wished.connect(self._edit)
        view.copy_all_wished.connect(self._copy_all)
        before = next((stops_in(each) for each in reversed(self._views.values())), [])
        self._views[exchange.number] = view
        self._column.insertWidget(self._column.count() - 1, view)
        in_order([*(before[-1:] or [self.to_end]), *stops_in(view)])
        self._show_places()
        self.follow()

    @Slot(int, str)
    def _grow(self, number: int, piece: str) -> None:
        self._views[number].grow(piece)

    @Slot(object)
    def _change(self, exchange: Exchange) -> None:
        self._views[exchange.number].show_exchange(exchange)

    @Slot(object)
    def _announce(self, exchange: Exchange) -> None:
        """An answer is said once, when it has ended; pieces would interrupt each other."""
        if exchange.state not in OPEN_STATES:
            announce(self, self._views[exchange.number].spoken())

    @Slot(object)
    def _renew(self, exchange: Exchange) -> None:
        self._change(exchange)
        self.follow()

    @Slot(int)
    def _remove(self, number: int) -> None:
        view = self._views.pop(number)
        self._column.removeWidget(view)
        view.hide()
        view.deleteLater()
        self._show_places()

    @Slot()
    def _show_places(self) -> None:
        """What can be done with an answer depends on where it stands and on what goes on."""
        free = not self._conversation.busy
        numbers = [exchange.number for exchange in self._conversation.exchanges]
        for number, view in self._views.items():
            view.show_place(free, numbers[-1:] == [number])

    @Slot(int)
    def _edit(self, number: int) -> None:
        self.edit_wished.emit(self._views[number].exchange)

    @Slot()
    def _copy_all(self) -> None:
        said = (
            f"{tr('You')}:\n{each.question}\n\n{tr('Answer')}:\n{each.answer}"
            for each in self._conversation.exchanges
        )
        QGuiApplication.clipboard().setText("\n\n".join(said) + "\n")

    @Slot()
    def _replace(self) -> None:
        for number in list(self._views):
            self._remove(number)
        for exchange in self._conversation.exchanges:
            self._add(exchange)

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        if self._moving:
            return
        self._following = value >= self.verticalScrollBar().maximum() - NEAR_END
        self._place = self._find_place()
        self._show_way_to_end()

    def _show_way_to_end(self) -> None:
        self.to_end.setVisible(not self._following)
        self.to_end.raise_()

    @Slot(int, int)
    def _range_changed(self, low: int, high: int) -> None:
        beside = self.verticalScrollBar().sizeHint().width() if high > low else 0
        self._row.setContentsMargins(EDGE + beside, 0, EDGE, 0)  # in line with what is below
        if self._place is not None:
            self._move_to(self._place)
        elif self._following:
            self.verticalScrollBar().setValue(high)
        else:
            self._scrolled(self.verticalScrollBar().value())
