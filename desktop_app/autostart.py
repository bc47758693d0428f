"""Whether the program starts with the computer: each system has a place of its own for it."""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

NAME = "minicpmv"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
RESERVED = " \t\n\"'\\><~|&;$*?#()`"  # of the desktop entry's Exec line


class AutostartError(Exception):
    """The system did not take the change."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason.rstrip(".")


class Autostart(Protocol):
    """The switch."""

    asks: bool  # the desktop may ask the person, so ``switch`` takes its time

    def is_on(self) -> bool: ...
    def switch(self, on: bool) -> None: ...
    def give_up(self) -> None: ...


class _AtOnce:
    """What asks nobody."""

    asks = False

    def give_up(self) -> None:
        """Nothing is waited for."""


class AutostartFile(_AtOnce):
    """A file in a folder that the system reads when the person logs in."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content

    def is_on(self) -> bool:
        """Whether the file is there and not switched off by the desktop."""
        try:
            lines = self._path.read_bytes().lower().splitlines()
        except OSError:
            return False
        return b"hidden=true" not in lines and b"x-gnome-autostart-enabled=false" not in lines

    def switch(self, on: bool) -> None:
        """Write the file, or remove it. Raises AutostartError."""
        try:
            if on:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_bytes(self._content)
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error


class AutostartRegistry(_AtOnce):
    """The Run key of the person's part of the Windows registry."""

    def __init__(self, command: str) -> None:
        self._command = command

    def is_on(self) -> bool:
        """Whether the key has our entry."""
        registry = _registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, RUN_KEY) as key:
                registry.QueryValueEx(key, NAME)
        except OSError:
            return False
        return True

    def switch(self, on: bool) -> None:
        """Write the entry, or remove it. Raises AutostartError."""
        registry = _registry()
        try:
            with registry.CreateKey(registry.HKEY_CURRENT_USER, RUN_KEY) as key:
                if on:
                    registry.SetValueEx(key, NAME, 0, registry.REG_SZ, self._command)
                elif self.is_on():
                    registry.DeleteValue(key, NAME)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error


def _registry() -> Any:
    """Python's module for the registry, which only Windows has."""
    return import_module("winreg")


def autostart_here(
    command: Sequence[str],
    platform: str = sys.platform,
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Autostart:
    """The switch of the system that this runs on."""
    words = [*command, "--background"]
    home = home or Path.home()
    if platform == "win32":
        return AutostartRegistry(windows_command(words))
    if platform == "darwin":
        folder = home / "Library" / "LaunchAgents"
        return AutostartFile(folder / f"org.{NAME}.plist", launch_agent(words))
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    if environment.get("FLATPAK_ID") or environment.get("SNAP"):
        from desktop_app.autostart_portal import AutostartPortal

        return AutostartPortal(words, config / NAME / "starts-with-computer")
    return AutostartFile(config / "autostart" / f"{NAME}.desktop", desktop_entry(words))


def desktop_entry(command: Sequence[str]) -> bytes:
    """The entry as the freedesktop.org specification has it."""
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=MiniCPM-V",
        f"Exec={' '.join(_exec_word(word) for word in command)}",
        f"Icon={NAME}",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    )
    return ("\n".join(lines) + "\n").encode()


def _exec_word(word: str) -> str:
    """A word as an Exec line takes it: quoted, and escaped once more as every value is."""
    word = word.replace("%", "%%")
    if not any(character in RESERVED for character in word):
        return word
    for character in '\\"`$':
        word = word.replace(character, f"\\{character}")
    return '"' + word.replace("\\", "\\\\") + '"'


def launch_agent(command: Sequence[str]) -> bytes:
    """The property list that launchd reads."""
    return plistlib.dumps(
        {
            "Label": f"org.{NAME}",
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
    )


def windows_command(command: Sequence[str]) -> str:
    """One line, quoted as Windows programs take it apart."""
    from subprocess import list2cmdline

    return list2cmdline(command)
