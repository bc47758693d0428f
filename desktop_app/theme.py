"""How the program looks: colours by role for light and dark, one style sheet, tinted icons."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desktop_app.paths import resource
from desktop_app.style_sheet import BODY, scaled, style_sheet

FUSION_ACCENT = "#308cc6"  # what Qt answers where the system names no accent


@dataclass(frozen=True, slots=True)
class Colors:
    """One colour for each role."""

    window: str
    card: str
    text: str
    secondary: str
    line: str  # quiet separators, decoration only
    control: str  # edges of what can be operated
    hover: str
    accent: str
    on_accent: str
    said: str  # what the person said
    code: str
    danger: str
    danger_card: str
    info_card: str
    success: str
    shade: str  # behind an overlay

    @property
    def text_pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (foreground, background) in which text is shown."""
        surfaces = (
            self.window,
            self.card,
            self.said,
            self.code,
            self.info_card,
            self.hover,
        )
        pairs = [(self.text, surface) for surface in (*surfaces, self.danger_card)]
        pairs += [(self.secondary, surface) for surface in (self.window, self.card, self.hover)]
        pairs += [(self.secondary, self.info_card), (self.secondary, self.danger_card)]
        pairs += [(self.secondary, self.said), (self.secondary, self.code)]
        pairs += [(self.accent, self.window), (self.accent, self.card)]
        pairs += [(self.on_accent, self.accent), (self.danger, self.danger_card)]
        pairs += [(self.danger, self.card), (self.success, self.card)]
        return tuple(pairs)

    @property
    def control_pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (edge, background) by which a control is recognised."""
        surfaces = (self.window, self.card, self.info_card)
        return tuple(
            (edge, surface) for edge in (self.control, self.accent) for surface in surfaces
        )


LIGHT = Colors(
    window="#f5f5f7",
    card="#ffffff",
    text="#1d1d21",
    secondary="#5b5d66",
    line="#e2e2e7",
    control="#84868f",
    hover="#eaeaee",
    accent="#2b5fd9",
    on_accent="#ffffff",
    said="#e6ecfb",
    code="#eaeaf0",
    danger="#b3261e",
    danger_card="#fdeeec",
    info_card="#edf1fb",
    success="#1a7440",
    shade="#66101218",
)
DARK = Colors(
    window="#1b1b1f",
    card="#25252a",
    text="#f1f1f4",
    secondary="#aeb0ba",
    line="#37373e",
    control="#80838f",
    hover="#303036",
    accent="#86abff",
    on_accent="#0d1a3a",
    said="#2b3552",
    code="#27272d",
    danger="#ff9d94",
    danger_card="#3a2425",
    info_card="#262d40",
    success="#74d49a",
    shade="#99000000",
)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = QColor(color)
    red, green, blue = (_linear(c) for c in (parts.redF(), parts.greenF(), parts.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def with_accent(colors: Colors, accent: QColor) -> Colors:
    """Take the system's accent, made darker or lighter until all that uses it can be read."""
    dark = luminance(colors.window) < 0.5
    hue, saturation, lightness = accent.hslHueF(), accent.hslSaturationF(), accent.lightnessF()
    for step in range(101):
        share = step / 100
        moved = lightness + (1 - lightness) * share if dark else lightness * (1 - share)
        name = QColor.fromHslF(max(hue, 0.0), saturation, moved).name()
        candidate = replace(colors, accent=name)
        if readable(candidate):
            return candidate
    return colors


def readable(colors: Colors) -> bool:
    """Whether text has a contrast of 4.5 and controls of 3."""
    return all(contrast(*pair) >= 4.5 for pair in colors.text_pairs) and all(
        contrast(*pair) >= 3 for pair in colors.control_pairs
    )


def palette_of(colors: Colors) -> QPalette:
    """The Qt palette for all that the style sheet does not draw."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, color in (
        (roles.Window, colors.window),
        (roles.Base, colors.card),
        (roles.AlternateBase, colors.code),
        (roles.Button, colors.card),
        (roles.ToolTipBase, colors.card),
        (roles.WindowText, colors.text),
        (roles.Text, colors.text),
        (roles.ButtonText, colors.text),
        (roles.ToolTipText, colors.text),
        (roles.PlaceholderText, colors.secondary),
        (roles.Highlight, colors.accent),
        (roles.HighlightedText, colors.on_accent),
        (roles.Link, colors.accent),
        (roles.Accent, colors.accent),
    ):
        palette.setColor(role, QColor(color))
    return palette


def pixels(size: int) -> int:
    """A size of the design at the font scale in use, which the application's font carries."""
    body = QGuiApplication.font().pixelSize()
    return round(size * body / BODY) if body > 0 else size


class Theme(QObject):
    """Keeps the application in the colours of the system, or in those that were chosen."""

    changed = Signal()
    scale_changed = Signal()

    def __init__(self, application: QApplication, wish: str = "system", scale: int = 100) -> None:
        super().__init__()
        self._application = application
        self._wish = wish
        self._scale = scale
        self._colors = LIGHT
        application.setStyle("Fusion")
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def colors(self) -> Colors:
        """The colours in use."""
        return self._colors

    def use(self, wish: str) -> None:
        """Take ``light``, ``dark`` or ``system``."""
        self._wish = wish
        self._apply()

    def use_scale(self, scale: int) -> None:
        """Make all text larger or smaller, in per cent."""
        if scale != self._scale:
            self._scale = scale
            self._apply()
            self.scale_changed.emit()

    def icon(self, name: str, role: str = "text", size: int = 20) -> QIcon:
        """An icon in the colour of a role."""
        icon = QIcon()
        for scale in (1, 2, 3):
            icon.addPixmap(self.pixmap(name, role, size, scale))
        return icon

    def pixmap(self, name: str, role: str = "text", size: int = 20, scale: float = 2) -> QPixmap:
        """An icon's pixels at a scale of the screen; a window asks for the same ones many times."""
        color = getattr(self._colors, role)
        key = f"icon {name} {color} {size} {scale}"
        pixmap = QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap = drawn(name, color, size, scale)
            QPixmapCache.insert(key, pixmap)
        return pixmap

    @Slot()
    def _apply(self) -> None:
        base = DARK if self._dark() else LIGHT
        self._application.setPalette(QPalette())  # the system's own, to read its accent
        accent = self._application.palette().color(QPalette.ColorRole.Accent)
        given = accent.isValid() and accent.name() != FUSION_ACCENT
        self._colors = with_accent(base, accent) if given else base
        self._application.setPalette(palette_of(self._colors))
        font = self._application.font()
        font.setPixelSize(scaled(BODY, self._scale))
        self._application.setFont(font)
        sheet = style_sheet(self._colors, self._scale)
        if sheet != self._application.styleSheet():
            self._application.setStyleSheet(sheet)
        self.changed.emit()

    def _dark(self) -> bool:
        if self._wish != "system":
            return self._wish == "dark"
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark


def drawn(name: str, color: str, size: int, scale: float) -> QPixmap:
    """An icon of the program's own, in one colour."""
    source = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    pixmap = QPixmap(round(size * scale), round(size * scale))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
