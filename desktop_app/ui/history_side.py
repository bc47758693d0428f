"""The history's place in the window: docked beside the page, over a narrow one, and its dialogs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, QTimer, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QVBoxLayout, QWidget

from desktop_app import history_notices
from desktop_app.history.export import as_json, as_markdown, as_text
from desktop_app.history.importing import from_json
from desktop_app.history.records import HistoryError, StoredConversation
from desktop_app.i18n import tr
from desktop_app.notices import Notice
from desktop_app.recorder import Recorder
from desktop_app.theme import Theme
from desktop_app.ui.history_panel import WIDTH, HistoryPanel
from desktop_app.ui.question_box import question_box, show_question
from desktop_app.ui.top_bar import TopBar

LOG = logging.getLogger(__name__)
NARROW = 800  # pixels: below it, the panel lies over the page and goes when it was used
UNSAFE = '<>:"/\\|?*'
LONGEST_NAME = 60


class HistorySide(QObject):
    """Owns the panel; the page makes room for it where there is enough."""

    def __init__(
        self,
        theme: Theme,
        recorder: Recorder,
        page: QWidget,
        bar: TopBar,
        body: QVBoxLayout,
        tell: Callable[[Notice], None],
    ) -> None:
        super().__init__(page)
        self._recorder = recorder
        self._page, self._bar, self._body, self._tell = page, bar, body, tell
        self._wished = False
        self._over = False
        self._folder = ""
        self.panel = HistoryPanel(theme, recorder)
        self.panel.setParent(page)
        page.installEventFilter(self)
        bar.history_button.clicked.connect(self.toggle)
        self.panel.opened.connect(self._used)
        self.panel.left.connect(self._used)
        self.panel.export_wished.connect(self.export)
        self.panel.import_wished.connect(self.bring_in)
        self.panel.delete_all_wished.connect(self.ask_to_delete_all)
        recorder.failed.connect(self._fail)
        recorder.keeping_changed.connect(self._show_keeping)
        self._show_keeping(recorder.keeping)
        self.place()

    # Where it is

    @property
    def wished(self) -> bool:
        """Whether the person wants to see the panel where there is room."""
        return self._wished

    def show_wished(self, wished: bool) -> None:
        """Show the panel, or do not."""
        self._wished = wished
        self._over = False
        self.place()

    @property
    def narrow(self) -> bool:
        """Whether the panel would leave too little of the page."""
        return self._page.width() < NARROW

    @Slot()
    def toggle(self) -> None:
        """Show or hide the panel."""
        if self.narrow:
            self._over = not self._over
        else:
            self._wished = not self._wished
        self.place()

    def begin_search(self) -> None:
        """Show the panel with the cursor in its search field."""
        if self.panel.isHidden():
            self.toggle()
        self.panel.begin_search()

    def place(self) -> None:
        """Lay the panel beside the page or over it."""
        docked = self._wished and not self.narrow
        shown = docked or (self._over and self.narrow)
        top = self._bar.height()
        self._body.setContentsMargins(WIDTH if docked else 0, 0, 0, 0)
        self.panel.setGeometry(QRect(0, top, WIDTH, self._page.height() - top))
        self.panel.setVisible(shown)
        self._bar.history_button.setChecked(shown)
        if shown and not docked:
            self.panel.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the page's size; a window that grew forgets that the panel lay over it."""
        if event.type() == QEvent.Type.Resize:
            if not self.narrow:
                self._over = False
            self.place()
        return super().eventFilter(watched, event)

    @Slot()
    def _used(self) -> None:
        if self._over:
            self._over = False
            self.place()

    # What happened

    @Slot(object)
    def _fail(self, error: HistoryError) -> None:
        self._tell(history_notices.explain(error))

    @Slot(bool)
    def _show_keeping(self, keeping: bool) -> None:
        self._bar.not_kept.setVisible(not keeping)

    # Files

    @Slot(object, str)
    def export(self, keys: list[str] | None, ending: str) -> None:
        """Write conversations to a file that the person chooses."""
        kept = self._recorder.kept(keys)
        if not kept:
            return
        name = tr("History") if keys is None else file_name(kept[0].summary.title)
        start = str(Path(self._folder) / f"{name}.{ending}")
        chosen, _ = QFileDialog.getSaveFileName(
            self._page, tr("Export"), start, f"{ending.upper()} (*.{ending})"
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(f".{ending}")
        self._folder = str(path.parent)
        try:
            path.write_text(written(kept, ending), encoding="utf-8")
        except OSError as error:
            self._tell(history_notices.not_written(path, error.strerror or str(error)))
            return
        self._tell(history_notices.exported(path))

    @Slot()
    def bring_in(self) -> None:
        """Read a file that was exported; it is taken whole or not at all."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._page, tr("Import"), self._folder, "JSON (*.json)"
        )
        if not chosen:
            return
        path = Path(chosen)
        self._folder = str(path.parent)
        try:
            conversations = from_json(path.read_text(encoding="utf-8"))
        except HistoryError as error:
            self._fail(error)
        except UnicodeDecodeError as error:
            self._tell(history_notices.not_written(path, error.reason))
        except OSError as error:
            self._tell(history_notices.not_written(path, error.strerror or str(error)))
        else:
            done = self._recorder.add(conversations)
            if done is not None:
                self._tell(history_notices.imported(done))

    @Slot()
    def ask_to_delete_all(self) -> None:
        """Delete everything after a question: this cannot be taken back."""
        box = question_box(
            QApplication.activeWindow() or self._page,  # the settings ask too
            tr("Delete all conversations"),
            tr("Delete all conversations and their pictures?"),
            tr("They are removed from this machine. It cannot be undone."),
        )
        remove = box.addButton(tr("Delete all"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        # Only once the box has gone: the list behind it is drawn anew.
        remove.clicked.connect(lambda: QTimer.singleShot(0, self, self._recorder.delete_all))
        box.finished.connect(box.deleteLater)
        show_question(box)


def written(kept: list[StoredConversation], ending: str) -> str:
    """Conversations in the format that a file's ending names."""
    if ending == "json":
        return as_json(kept)
    write = as_markdown if ending == "md" else as_text
    return "\n\n".join(write(conversation) for conversation in kept)


def file_name(title: str) -> str:
    """A title as every system takes it for a name."""
    kept = "".join(" " if c in UNSAFE or ord(c) < 32 else c for c in title)
    return " ".join(kept.split())[:LONGEST_NAME].strip(". ") or tr("Conversation")
