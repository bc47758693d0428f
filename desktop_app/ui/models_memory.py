"""Whether the model fits into the memory that is free: a row for each device and precision."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel

from desktop_app import memory_wording
from desktop_app.i18n import tr
from desktop_app.ui.models_progress import Card
from desktop_app.ui.parts import label, restyle
from desktop_app.wording import size_of
from engine.messages import Fit, MemoryOutlook


class MemoryCard(Card):
    """Shows what is needed in each precision, what is free, and the verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.free = label(kind="secondary")
        self.rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self.column.setSpacing(6)
        self.column.addWidget(label(tr("Memory while it runs"), "strong"))
        self.column.addLayout(self._grid)
        self.column.addWidget(self.free)
        self.hide()

    def show_outlooks(self, seen: tuple[MemoryOutlook, ...]) -> None:
        """Fill the rows; without any, show nothing."""
        while len(self.rows) < len(seen):
            self._add_row()
        for place, need, verdict in self.rows[len(seen) :]:
            for part in (place, need, verdict):
                part.hide()
        for row, outlook in zip(self.rows, seen, strict=False):
            self._fill(row, outlook)
        free = {outlook.device: outlook.free for outlook in seen if outlook.free}
        parts = [
            tr("{device}: {size} free").format(
                device=memory_wording.device(device), size=size_of(size)
            )
            for device, size in free.items()
        ]
        self.free.setText("  ·  ".join(parts))
        self.setVisible(bool(seen))

    def _add_row(self) -> None:
        made = (label(kind="secondary"), label(), label())
        for column, part in enumerate(made):
            place = Qt.AlignmentFlag.AlignRight if column == 1 else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(part, len(self.rows), column, place)
        self.rows.append(made)

    @staticmethod
    def _fill(row: tuple[QLabel, QLabel, QLabel], outlook: MemoryOutlook) -> None:
        place, need, verdict = row
        place.setText(memory_wording.place(outlook))
        need.setText(tr("about {size}").format(size=size_of(outlook.needed)))
        verdict.setText(memory_wording.verdict(outlook.fit))
        restyle(verdict, kind="alarm" if outlook.fit is Fit.TOO_LARGE else "secondary")
        for part in row:
            part.show()
