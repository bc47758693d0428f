"""The main window: lays out the parts, takes drops and keys, and passes wishes on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextCursor,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from desktop_app import notices
from desktop_app.conversation import Conversation
from desktop_app.exchange import Activity, Exchange
from desktop_app.notices import Help, Notice
from desktop_app.paths import STARTER, resource
from desktop_app.picture_reader import ShownPicture
from desktop_app.picture_set import PictureSet
from desktop_app.presets import PresetStore
from desktop_app.recorder import Recorder
from desktop_app.theme import Theme, pixels
from desktop_app.ui.chat_view import COLUMN, ChatView
from desktop_app.ui.composer import Composer
from desktop_app.ui.drop_zone import DropZone
from desktop_app.ui.empty_page import EmptyPage
from desktop_app.ui.history_side import HistorySide
from desktop_app.ui.incoming import incoming, may_hold_picture
from desktop_app.ui.limits_line import LimitsLine
from desktop_app.ui.notice_bar import NoticeBar
from desktop_app.ui.parts import column_of
from desktop_app.ui.picture_card import PictureCard, PictureStage
from desktop_app.ui.picture_strip import PictureStrip
from desktop_app.ui.picture_zoom import PictureZoom
from desktop_app.ui.pictures_in import PicturesIn
from desktop_app.ui.progress_strip import ProgressStrip
from desktop_app.ui.top_bar import TopBar
from desktop_app.ui.window_keys import WindowKeys

TITLE = "MiniCPM-V"
LOW = 560  # pixels


class MainWindow(QMainWindow):
    """Shows one conversation."""

    closed = Signal()
    folder_used = Signal(str)
    rebuilt = Signal()  # whoever spoke to a part speaks to the new one from now on
    models_wished = Signal()
    settings_wished = Signal()
    capture_wished = Signal()
    help_wished = Signal(object)  # Help that is not about the conversation

    def __init__(
        self,
        theme: Theme,
        conversation: Conversation,
        recorder: Recorder,
        picture_folder: str = "",
        presets: PresetStore | None = None,
    ) -> None:
        super().__init__()
        self._conversation = conversation
        self._recorder = recorder
        self.pictures = PictureSet(conversation, self)
        self.pictures_in = PicturesIn(self, conversation, self.pictures, picture_folder)
        self.pictures_in.folder_used.connect(self.folder_used)
        self.pictures_in.text_pasted.connect(self._paste_text)
        self.pictures_in.told.connect(self.show_notice)
        self._presets = presets or PresetStore(parent=self)
        self.setWindowTitle(TITLE)
        self.setMinimumSize(640, 480)
        self.resize(1100, 760)
        self.setAcceptDrops(True)
        self.keys = WindowKeys(self)
        self._build(theme)
        self._listen()
        self._add_keys()

    def _build(self, theme: Theme) -> None:
        """All parts, with their words in the language in use."""
        conversation, recorder = self._conversation, self._recorder
        self._theme = theme
        self.top_bar = TopBar(theme)
        self.empty = EmptyPage(theme, resource("samples"))
        self.stage = PictureStage(theme)
        self.card = PictureCard(theme)
        self.strip = PictureStrip(theme, self.pictures)
        self.chat = ChatView(theme, conversation)
        self.notice = NoticeBar(theme)
        self.progress = ProgressStrip()
        self.composer = Composer(theme, self._presets)
        self.limits = LimitsLine()
        self._page, body = self._lay_out()
        self.history = HistorySide(
            theme, recorder, self._page, self.top_bar, body, self.show_notice
        )
        self.drop_zone = DropZone(theme, self._page)
        self.zoom = PictureZoom(theme, self._page)
        self._join_parts()
        self.keys.show_on(
            open=[self.top_bar.open_button, self.composer.attach_button],
            new=[self.top_bar.new_button],
            history=[self.top_bar.history_button],
            capture=[self.top_bar.capture_button],
            settings=[self.top_bar.settings_button],
            remove=[self.card.remove_button, self.stage.remove_button],
            prompts=[self.composer.presets.menu_button],
        )
        self._show_pages()
        self._show_model(conversation.model)
        self.composer.edit.setFocus()

    @Slot()
    def rebuild(self) -> None:
        """Make all parts anew, for another language or size; what was typed stays."""
        draft, shown = self.composer.edit.toPlainText(), self.history.wished
        place = self.chat.place
        self._build(self._theme)
        self.history.show_wished(shown)
        self.chat.go_to(place)
        self._show_picture(self._conversation.picture)
        self._show_activity(self._conversation.activity)
        self.composer.edit.setPlainText(draft)
        self.composer.edit.moveCursor(QTextCursor.MoveOperation.End)
        self.rebuilt.emit()

    def _lay_out(self) -> tuple[QWidget, QVBoxLayout]:
        """The page, and what of it makes room for the history."""
        page = QWidget()
        page.setObjectName("page")
        whole, column = QVBoxLayout(page), QVBoxLayout()
        for layout in (whole, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self._card_row = column_of(COLUMN, [self.card], above=12)
        self._strip_row = column_of(COLUMN, [self.strip], above=12)
        whole.addWidget(self.top_bar)
        whole.addLayout(column, 1)
        column.addWidget(self._strip_row)
        column.addWidget(self._card_row)
        column.addWidget(self.empty, 1)
        column.addWidget(self.stage, 1)
        column.addWidget(self.chat, 1)
        below = [self.notice, self.progress, self.composer, self.limits]
        column.addWidget(column_of(COLUMN, below, below=12))
        self.setCentralWidget(page)
        return page, column

    def _listen(self) -> None:
        """To what outlives the parts."""
        talk = self._conversation
        talk.picture_changed.connect(self._show_picture)
        talk.picture_known.connect(self.card.show_picture)
        talk.picture_known.connect(self.stage.show_picture)
        talk.exchange_added.connect(self._exchanges_changed)
        talk.exchanges_replaced.connect(self._exchanges_changed)
        self.pictures.changed.connect(self._exchanges_changed)
        talk.activity_changed.connect(self._show_activity)
        talk.model_changed.connect(self._show_model)
        talk.failed.connect(self._show_error)
        talk.told.connect(self.show_notice)
        self._recorder.told.connect(self.show_notice)

    def _join_parts(self) -> None:
        """What the parts say to each other; it goes with them."""
        talk = self._conversation
        talk.reader.reading_changed.connect(self.progress.show_reading)
        for part in (self.progress, self.top_bar.model_chip):
            talk.progressed.connect(part.show_progress)
            talk.speed_changed.connect(part.show_speed)
        self.notice.help_wished.connect(self._help)
        self.limits.button.clicked.connect(self.models_wished)
        self.top_bar.model_chip.models_wished.connect(self.models_wished)
        self.composer.asked.connect(self._ask)
        self.composer.stop_wished.connect(talk.stop)
        self.composer.edit_wished.connect(self._edit_last)
        self.chat.edit_wished.connect(self._edit)
        for gone in (talk.exchanges_replaced, talk.exchange_hidden):
            gone.connect(self.composer.leave_question)
        self.composer.pasted.connect(self.pictures_in.take)
        for opener in (self.composer.open_wished, self.empty.open_wished):
            opener.connect(self.pictures_in.open_dialog)
        self.top_bar.open_button.clicked.connect(self.pictures_in.open_dialog)
        self.top_bar.capture_button.clicked.connect(self.capture_wished)
        self.top_bar.new_button.clicked.connect(self._begin_anew)
        self.top_bar.settings_button.clicked.connect(self.settings_wished)
        self.history.panel.opened.connect(self.composer.edit.setFocus)
        self.history.panel.left.connect(self.composer.edit.setFocus)
        self.empty.paste_wished.connect(self.paste)
        self.empty.sample_wished.connect(self._open_sample)
        for picture in (self.card, self.stage):
            picture.zoom_wished.connect(self._zoom)
            picture.remove_wished.connect(self._remove_by_key)

    def _add_keys(self) -> None:
        for name, slot in (
            ("open", self.pictures_in.open_dialog),
            ("new", self._begin_anew),
            ("paste", self.paste),
            ("search", self._search),
            ("history", self._toggle_history),
            ("capture", self.capture_wished),
            ("models", self.models_wished),
            ("settings", self.settings_wished),
            ("remove", self._remove_by_key),
        ):
            self.keys.bind(name, slot)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._escape)

    # What the conversation says

    @Slot(object)
    def _show_picture(self, shown: ShownPicture | None) -> None:
        self.zoom.hide()
        if shown is not None:
            self.card.show_picture(shown)
            self.stage.show_picture(shown)
            self.notice.pass_by()
        self.composer.show_picture(shown is not None)
        self.setWindowTitle(shown.picture.name if shown is not None else TITLE)
        self._show_pages()
        self.composer.edit.setFocus()

    @Slot()
    def _exchanges_changed(self) -> None:
        self._show_pages()

    def _show_pages(self) -> None:
        """Nothing yet, a picture, or a conversation."""
        talking = bool(self._conversation.exchanges)
        picture = self._conversation.picture is not None
        self.empty.setVisible(not talking and not picture)
        self.stage.setVisible(picture and not talking)
        several = bool(self.pictures.pictures)
        self._strip_row.setVisible(several)
        crowded = several and self.height() < pixels(LOW)
        self._card_row.setVisible(picture and talking and not crowded)
        choice = self._conversation.choice
        starter = choice is not None and choice.name == STARTER
        self.limits.setVisible(starter and not crowded)
        self.chat.setVisible(talking)
        self.top_bar.new_button.setEnabled(talking or picture)

    @Slot(object)
    def _show_activity(self, activity: Activity) -> None:
        self.top_bar.model_chip.show_activity(activity)
        self.progress.show_activity(activity)
        self.composer.show_activity(self._conversation.busy, activity is Activity.STOPPING)

    @Slot(object)
    def _show_model(self, info: object) -> None:
        choice = self._conversation.choice
        self.top_bar.model_chip.show_model(choice, self._conversation.model)
        self._show_pages()

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        self.notice.show_notice(notices.explain(error))

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show a notice that does not come from the conversation."""
        self.notice.show_notice(notice)

    # What the person wishes

    @Slot(str, int)
    def _ask(self, text: str, number: int) -> None:
        self.notice.pass_by()
        if number and self._conversation.edit(number, text):
            return
        if not (self.strip.all_wished and self.pictures.ask_all(text)):
            self._conversation.ask(text)

    @Slot()
    def _edit_last(self) -> None:
        if self._conversation.exchanges and not self._conversation.busy:
            self._edit(self._conversation.exchanges[-1])

    @Slot(object)
    def _edit(self, exchange: Exchange) -> None:
        self.composer.edit_question(exchange.number, exchange.question)

    @Slot()
    def paste(self) -> None:
        """A picture from the clipboard; text goes to the question."""
        self.pictures_in.paste()

    @Slot()
    def _paste_text(self) -> None:
        self.composer.edit.setFocus()
        self.composer.edit.paste()

    @Slot(Path)
    def _open_sample(self, path: Path) -> None:
        self.pictures.open([path])

    @Slot()
    def _begin_anew(self) -> None:
        self.notice.pass_by()
        self._conversation.begin_anew()
        self.composer.edit.setFocus()

    @Slot()
    def _search(self) -> None:
        self.history.begin_search()

    @Slot()
    def _toggle_history(self) -> None:
        self.history.toggle()

    @Slot()
    def _remove_by_key(self) -> None:
        if self.pictures.pictures:
            self.pictures.remove(self.pictures.current)
        elif self._conversation.picture is not None:
            self._conversation.begin_anew()

    @Slot()
    def _escape(self) -> None:
        """Close what lies on top, else stop the answer or leave an edited question."""
        if self.zoom.isVisible():
            self.zoom.hide()
        elif not self.history.panel.escape():
            self.composer.cancel()

    @Slot()
    def _zoom(self) -> None:
        shown = self._conversation.picture
        if shown is not None:
            self.zoom.show_image(shown.image)

    @Slot(object)
    def _help(self, help: Help) -> None:
        match help:
            case Help.OPEN_PICTURE:
                self.pictures_in.open_dialog()
            case Help.LOAD_AGAIN:
                self._conversation.load_again()
            case Help.LOAD_ANYWAY:
                self._conversation.load_again(anyway=True)
            case Help.USE_CPU:
                self._conversation.load_again("cpu")
            case Help.CHOOSE_DEVICE:
                self._conversation.load_again("auto")
            case Help.NEW_CONVERSATION:
                self._begin_anew()
            case Help.GO_BACK:
                self._conversation.go_back()
            case Help.UNDO:
                self._recorder.put_back()
            case _:
                self.help_wished.emit(help)

    # The window itself

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what dropping would do."""
        if may_hold_picture(event.mimeData()):
            event.acceptProposedAction()
            count = len(event.mimeData().urls())
            self.drop_zone.offer(bool(self._conversation.exchanges), count)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went elsewhere."""
        self.drop_zone.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.drop_zone.hide()
        event.acceptProposedAction()
        self.pictures_in.take(incoming(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The zone covers the window while it is shown."""
        super().resizeEvent(event)
        self._show_pages()
        self.drop_zone.setGeometry(self._page.rect())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Gone at once; the engine's last forward pass ends behind the scene."""
        self.hide()
        self.closed.emit()
        event.accept()

    def geometry_to_keep(self) -> QByteArray:
        """Where the window stands, for the next time."""
        return self.saveGeometry()
