"""Brings the screen to the program: captures, the choice of a region, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QTime, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QScreen

from desktop_app import notices
from desktop_app.camera import Camera, screens_now
from desktop_app.capture.choice import Action, Choice, LastRegion
from desktop_app.capture.errors import MonitorsChanged, NoSuchRegion
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Rect
from desktop_app.capture.macos_permission import SETTINGS_PAGE
from desktop_app.capture.windows_hdr import hdr_here
from desktop_app.conversation import Conversation
from desktop_app.hotkey_desk import HotkeyDesk
from desktop_app.hotkeys.hotkeys import Hotkeys
from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice
from desktop_app.picture_reader import PastedImage
from desktop_app.preferences import Preferences
from desktop_app.reading_desk import ReadingDesk
from desktop_app.screen_reading import ScreenReading
from desktop_app.screen_wish import ScreenWish
from desktop_app.theme import Theme
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.region_chooser import RegionChooser
from desktop_app.ui.toast import Toast
from desktop_app.wording import grouped


@dataclass(frozen=True, slots=True)
class _Wish:
    """One capture: what for, and where, unless the person draws it."""

    action: Action
    screen: ScreenWish


class CaptureDesk(QObject):
    """One capture at a time, from the wish to the region; a ScreenReader for second processes."""

    text_ready = Signal(str)
    failed = Signal(object)  # an error that notices.explain can word
    cancelled = Signal()
    window_wished = Signal()  # the window is to come to the front

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        conversation: Conversation,
        preferences: Preferences,
        reading: ScreenReading,
        camera: Camera | None = None,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._conversation = conversation
        self._preferences = preferences
        self._wish: _Wish | None = None
        self.chooser: RegionChooser | None = None
        self.hdr: Callable[[], bool] = hdr_here
        self.toast = Toast()
        self.camera = camera or Camera(parent=self)
        self.camera.taken.connect(self._show_frames)
        self.camera.failed.connect(self._fail)
        self.camera.counted.connect(self.toast.count_down)
        window.capture_wished.connect(self.capture_picture)
        window.help_wished.connect(self._help)
        self.listen_to_menu()
        self.results = ReadingDesk(theme, reading, self.toast)
        self.results.text_ready.connect(self.text_ready)
        self.results.failed.connect(self.failed)
        self.results.cancelled.connect(self.cancelled)
        self.results.chat_wished.connect(self.ask_about)
        self.keys = HotkeyDesk(preferences)
        self.keys.told.connect(window.show_notice)
        self.keys.hotkeys.pressed.connect(self._hotkey)
        self.keys.held_changed.connect(self.show_keys)
        window.rebuilt.connect(self.show_keys)

    @property
    def hotkeys(self) -> Hotkeys:
        """The keys that work everywhere on the desktop."""
        return self.keys.hotkeys

    def start(self) -> None:
        """Have the hotkeys from now on."""
        self.keys.start()

    @Slot(str)
    def _hotkey(self, name: str) -> None:
        if name == "ocr":
            self.read_screen()
        else:
            self.capture_picture()

    @Slot()
    def show_keys(self) -> None:
        """The first page names the keys that work everywhere."""
        self._window.empty.show_hotkeys(self.keys.held())

    @Slot()
    def listen_to_menu(self) -> None:
        """The window's menu, which is made anew with the window's parts."""
        menu = self._window.top_bar.capture_more
        menu.delay_wished.connect(self._capture_later)
        menu.reading_wished.connect(self.read_screen)
        menu.repeat_wished.connect(self.repeat_region)

    @property
    def busy(self) -> bool:
        """Whether a capture is under way."""
        return self._wish is not None

    # Wishes

    @Slot()
    def capture_picture(self) -> None:
        """Let the person choose a region, for the conversation."""
        self._begin(_Wish(Action.ASK, ScreenWish()))

    @Slot(int)
    def _capture_later(self, seconds: int) -> None:
        self._begin(_Wish(Action.ASK, ScreenWish()), seconds)

    @Slot()
    def read_screen(self, wish: ScreenWish | None = None) -> None:
        """Let the person choose a region, unless one is named, and read its text."""
        self._begin(_Wish(Action.READ, wish or ScreenWish()))

    @Slot()
    def repeat_region(self) -> None:
        """Read the region of the last time, as it looks now."""
        self._begin(_Wish(Action.READ, ScreenWish(repeat=True)))

    def shutdown(self) -> None:
        """Take everything away and wait for what runs."""
        self._close_chooser()
        self.keys.shutdown()
        self.camera.shutdown()
        self.results.shutdown()
        self.toast.hide()

    def _begin(self, wish: _Wish, delay: int | None = None) -> None:
        """One at a time: who presses a key twice gets one overlay."""
        if self.busy:
            return
        self._wish = wish
        self.toast.hide()
        if wish.action is Action.READ:
            self.results.reading.prepare()
        wait = self._preferences.settings.capture_delay if delay is None else delay
        self.camera.take(0 if wish.screen.region else wait)

    # The frames, and the region

    @Slot(object)
    def _show_frames(self, frames: Sequence[Frame]) -> None:
        assert self._wish is not None
        wanted = self._wish.screen
        if wanted.repeat or wanted.region or wanted.screen is not None:
            self._take_named(frames, wanted)
        else:
            self._let_choose(frames)

    def _take_named(self, frames: Sequence[Frame], wanted: ScreenWish) -> None:
        choice = self._named(frames, wanted)
        if choice is None:
            self.camera.show_windows()
            self._fail(NoSuchRegion())
        else:
            self._take(choice)

    def _named(self, frames: Sequence[Frame], wanted: ScreenWish) -> Choice | None:
        assert self._wish is not None
        last = self.last_region if wanted.repeat else None
        for number, frame in enumerate(frames):
            if wanted.repeat:
                here = last is not None and last.screen == frame.screen.name
                region = last.region if last is not None else None
            else:
                here = number == (wanted.screen or 0)
                region = Rect(*wanted.region) if wanted.region else frame.bounds
            if here and region is not None and region.common(frame.bounds).area:
                return Choice(frame, region.common(frame.bounds), self._wish.action)
        return None

    def _let_choose(self, frames: Sequence[Frame]) -> None:
        assert self._wish is not None
        now = dict(screens_now())
        pairs: list[tuple[Frame, QScreen]] = [
            (frame, now[frame.screen]) for frame in frames if frame.screen in now
        ]
        if not pairs:
            self._fail_without_monitors()
            return
        confirm = self._preferences.settings.capture_confirm
        self.chooser = RegionChooser(
            self._theme, pairs, self._wish.action, confirm, self.last_region
        )
        if self.hdr():
            self.chooser.warn(tr("A screen here shows HDR: bright parts may come out pale."))
        self.chooser.chosen.connect(self._take)
        self.chooser.cancelled.connect(self._give_up)
        self.chooser.monitors_changed.connect(self._fail_without_monitors)

    @Slot(object)
    def _take(self, choice: Choice) -> None:
        wanted = self._wish.screen if self._wish is not None else ScreenWish()
        self._close_chooser()
        self.camera.show_windows()
        self._wish = None
        self._preferences.set(last_region=LastRegion.of(choice).write())
        if choice.action is Action.ASK:
            self.ask_about(choice)
            self.cancelled.emit()
        elif choice.action is Action.COPY:
            self._copy(choice)
            self.cancelled.emit()
        else:
            quiet = wanted.region is not None or wanted.screen is not None
            self.results.read(choice, wanted.reader, quiet)

    @Slot()
    def _give_up(self) -> None:
        self._close_chooser()
        self.camera.show_windows()
        self._wish = None
        self.cancelled.emit()

    @Slot()
    def _fail_without_monitors(self) -> None:
        self._close_chooser()
        self.camera.show_windows()
        self._fail(MonitorsChanged())

    def _close_chooser(self) -> None:
        chooser, self.chooser = self.chooser, None
        if chooser is not None:
            chooser.cancel()
            chooser.deleteLater()

    @property
    def last_region(self) -> LastRegion | None:
        """Where the last region was."""
        return LastRegion.read(self._preferences.settings.last_region)

    # What becomes of a region

    @Slot(object)
    def ask_about(self, choice: Choice) -> None:
        """Hand the region to the conversation."""
        self._conversation.use_image(picture_of(choice))
        self.window_wished.emit()

    def _copy(self, choice: Choice) -> None:
        QGuiApplication.clipboard().setImage(choice.image)
        size = f"{grouped(choice.region.width)} × {grouped(choice.region.height)}"
        self.toast.say(tr("Picture copied"), size, middle_of(choice))

    @Slot(object)
    def _help(self, help: Help) -> None:
        if help is Help.SCREEN_PERMISSION:
            QDesktopServices.openUrl(QUrl(SETTINGS_PAGE))
        elif help is Help.FREE_KEYS:
            self.keys.use_alternative()
        elif help is Help.ALLOW_HOTKEYS:
            self.keys.allow()

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        """Said in the window where there is one to see, else at the corner of the screen."""
        self._wish = None
        notice = notices.explain(error)
        if self._window.isVisible():
            self._window.show_notice(notice)
        else:
            self.tell(notice)
        self.failed.emit(error)

    def tell(self, notice: Notice) -> None:
        """Say something at the corner of the screen."""
        self.toast.say(notice.title, notice.body)


def picture_of(choice: Choice) -> PastedImage:
    """The region as a picture for the conversation or a reader."""
    now = QTime.currentTime().toString("HH.mm.ss")
    return PastedImage(choice.image, tr("Screenshot {time}").format(time=now))


def middle_of(choice: Choice) -> QPoint:
    """A place on the monitor of a choice."""
    return QPoint(*_middle(choice.frame.screen.shown))


def _middle(rect: Rect) -> tuple[int, int]:
    return rect.x + rect.width // 2, rect.y + rect.height // 2
