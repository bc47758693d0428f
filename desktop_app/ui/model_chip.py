"""Which model answers, on what: a chip in the bar, and the small panel that it opens."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from desktop_app import memory_wording, wording
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.i18n import tr
from desktop_app.theme import Theme, pixels
from desktop_app.ui.parts import ToolButton, label, push_button
from engine.messages import ModelInfo, Phase, Progress


class ModelPanel(QFrame):
    """What there is to know about the model in use; closes when one clicks elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("panel")
        self.setAccessibleName(tr("About the model"))
        self._title = label(kind="strong")
        self._note = label(kind="secondary", wrap=True)
        self.models_button = push_button(tr("Models…"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addLayout(self._grid)
        column.addWidget(self._note)
        column.addWidget(self.models_button, 0, Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(pixels(360))

    def show_facts(self, title: str, facts: list[tuple[str, str]], note: str) -> None:
        """Lay out the facts in two columns."""
        self._title.setText(title)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for row, (name, value) in enumerate(facts):
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(label(name, "secondary"), row, 0, top)
            self._grid.addWidget(label(value, wrap=True), row, 1, top)


class ModelChip(ToolButton):
    """Names the model; while it loads, how far it is."""

    models_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._choice: ModelChoice | None = None
        self._info: ModelInfo | None = None
        self._activity = Activity.NO_MODEL
        self._speed = 0.0
        self.setProperty("kind", "chip")
        self.setIconSize(QSize(pixels(16), pixels(16)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.panel = ModelPanel(self)
        self.clicked.connect(self.open_panel)
        self.panel.models_button.clicked.connect(self._show_models)
        theme.changed.connect(self._tint)
        self._tint()
        self._say("")

    def show_model(self, choice: ModelChoice | None, info: ModelInfo | None) -> None:
        """Name the model that was asked for, or the one that is there."""
        self._choice, self._info = choice, info
        self._say(wording.choice(info.choice) if info else "")

    def show_activity(self, activity: Activity) -> None:
        """Say so where there is no model."""
        self._activity = activity
        if activity is Activity.NO_MODEL and self._choice is not None:
            self._say(tr("not loaded"))
        elif activity is Activity.RESTING:
            self._say(tr("resting"))

    def show_progress(self, progress: Progress | None) -> None:
        """Say how far loading is."""
        if progress is None or progress.phase is not Phase.LOADING:
            return
        if progress.total:
            percent = 100 * progress.done // progress.total
            self._say(tr("loading {percent} %").format(percent=percent))
        else:
            self._say(tr("loading"))

    def show_speed(self, tokens_per_second: float) -> None:
        """Keep the speed of the last answer for the panel."""
        self._speed = tokens_per_second

    @Slot()
    def open_panel(self) -> None:
        """Open the panel below the chip."""
        self.panel.show_facts(self._name(), self.facts(), self._note())
        self.panel.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - self.panel.width(), self.height() + 4))
        self.panel.move(corner)
        self.panel.show()

    @Slot()
    def _show_models(self) -> None:
        self.panel.hide()
        self.models_wished.emit()

    def facts(self) -> list[tuple[str, str]]:
        """Name and value of each thing to know."""
        if self._info is None:
            return self._facts_unloaded()
        info, chosen = self._info, self._info.choice
        if self._choice is not None and self._choice.server:
            return self._facts_of_server(info)
        device = chosen.device_name or wording.device_name(chosen.device)
        rows = [
            (tr("Device"), f"{device}: {wording.choice_reason(chosen.device_reason)}"),
            (
                tr("Precision"),
                f"{chosen.precision.value}: {wording.choice_reason(chosen.precision_reason)}",
            ),
            (tr("Size"), wording.parameters(info.parameters)),
            (tr("Weights"), wording.size_of(info.weight_bytes)),
            *([(tr("Memory"), memory_wording.at_load(info.memory))] if info.memory else []),
            (
                tr("Context"),
                tr("{count} tokens").format(count=wording.grouped(info.context_length)),
            ),
        ]
        return rows + self._last_speed()

    def _facts_unloaded(self) -> list[tuple[str, str]]:
        if self._choice is None:
            return []
        if self._choice.server:
            return [(tr("Server"), self._choice.server)]
        return [(tr("Folder"), str(self._choice.folder))]

    def _facts_of_server(self, info: ModelInfo) -> list[tuple[str, str]]:
        rows = [(tr("Server"), info.folder), (tr("Model"), info.name)]
        if info.parameters:
            rows.append((tr("Size"), wording.parameters(info.parameters)))
        if info.context_length:
            tokens = tr("{count} tokens").format(count=wording.grouped(info.context_length))
            rows.append((tr("Context"), tokens))
        return rows + self._last_speed()

    def _last_speed(self) -> list[tuple[str, str]]:
        return [(tr("Last answer"), wording.speed(self._speed))] if self._speed else []

    def _note(self) -> str:
        if self._activity is Activity.RESTING:
            return tr(
                "Nobody asked for a while, so its memory was given back. The next question "
                "loads it again."
            )
        if self._choice is not None and self._choice.server:
            return tr("Pictures and questions go to this server.")
        starter = self._choice is not None and self._choice.name == "starter"
        return wording.starter_limits() if starter else ""

    def _name(self) -> str:
        return wording.model_name(self._choice.name) if self._choice else tr("No model")

    def _say(self, more: str) -> None:
        text = "  ·  ".join(part for part in (self._name(), more) if part)
        self.setText(text)
        self.setAccessibleName(tr("Model: {name}").format(name=text))
        self.setToolTip(tr("About the model"))

    @Slot()
    def _tint(self) -> None:
        self.setIcon(self._theme.icon("model", "secondary", pixels(16)))
