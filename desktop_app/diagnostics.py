"""The facts for a report of a fault: this machine and settings; no picture, text or address."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from desktop_app import wording
from desktop_app.commands.doctor import memory, versions
from desktop_app.exchange import ModelChoice
from desktop_app.i18n import CATALOG
from desktop_app.paths import FULL, STARTER
from desktop_app.settings import RULES, Settings
from engine.messages import ModelInfo

# They name folders, servers or places, which a report is not to tell.
PRIVATE = frozenset({"server", "server_model", "picture_folder", "model", "last_region"})
SESSION = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "QT_IM_MODULE")


def diagnostics(
    settings: Settings,
    choice: ModelChoice | None,
    model: ModelInfo | None,
    hotkeys: Mapping[str, str],
    environment: Mapping[str, str] = os.environ,
) -> str:
    """The report; ``hotkeys`` says of each name what became of it."""
    parts: dict[str, Mapping[str, str]] = {
        "versions": {**versions(), "Qt": qVersion()},
        "memory": memory(),
        "desktop": {
            "platform": QGuiApplication.platformName(),
            **{name: environment[name] for name in SESSION if environment.get(name)},
            "language": CATALOG.language,
        },
        "screens": dict(_screens()),
        "model": dict(_model(choice, model)),
        "hotkeys": hotkeys,
        "settings that differ": dict(_settings(settings)),
    }
    lines: list[str] = []
    for title, rows in parts.items():
        lines += [title, *(f"  {name}: {told}" for name, told in rows.items())]
    return "\n".join(lines) + "\n"


def _screens() -> Iterator[tuple[str, str]]:
    for number, screen in enumerate(QGuiApplication.screens(), 1):
        yield str(number), _screen(screen)


def _screen(screen: QScreen) -> str:
    place, main = screen.geometry(), screen is QGuiApplication.primaryScreen()
    told = f"{place.width()} x {place.height()} at {place.x()}, {place.y()}"
    told += f", scale {screen.devicePixelRatio():g}, {screen.logicalDotsPerInch():.0f} dpi"
    return f"{told}, main" if main else told


def _model(choice: ModelChoice | None, model: ModelInfo | None) -> Iterator[tuple[str, str]]:
    if choice is None:
        return
    known = choice.name in (STARTER, FULL)
    yield "chosen", "on a server" if choice.server else choice.name if known else "of one's own"
    if model is not None and not choice.server:
        yield "runs on", wording.choice(model.choice)


def _settings(settings: Settings) -> Iterator[tuple[str, str]]:
    usual = Settings()
    for name in RULES:
        value = getattr(settings, name)
        if value != getattr(usual, name):
            yield name, "set" if name in PRIVATE else str(value)
