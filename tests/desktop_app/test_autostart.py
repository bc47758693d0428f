"""The switch that starts the program with the computer: what lies in the files."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

import pytest

from desktop_app.autostart import (
    AutostartError,
    AutostartFile,
    AutostartRegistry,
    autostart_here,
    desktop_entry,
    launch_agent,
    windows_command,
)
from desktop_app.program import program_command

ODD = ["/opt/My $tools/100%\\it's", 'a"b`c', "--background"]


def test_linux_gets_an_entry_in_the_autostart_folder(tmp_path: Path) -> None:
    switch = autostart_here(["minicpmv"], "linux", tmp_path, {})
    path = tmp_path / ".config" / "autostart" / "minicpmv.desktop"
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    assert "Exec=minicpmv --background" in lines
    assert {"Type=Application", "Terminal=false"} <= set(lines)
    switch.switch(False)
    assert not path.exists()
    switch.switch(False)


def test_the_configuration_folder_may_be_elsewhere(tmp_path: Path) -> None:
    autostart_here(["x"], "linux", tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "c")}).switch(True)
    assert (tmp_path / "c" / "autostart" / "minicpmv.desktop").is_file()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_that_the_desktop_switched_off_is_off(tmp_path: Path, line: str) -> None:
    path = tmp_path / "minicpmv.desktop"
    switch = AutostartFile(path, desktop_entry(["minicpmv"]))
    path.write_text(f"[Desktop Entry]\n{line}\n")
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()


def unquoted(line: str) -> list[str]:
    """An Exec line as the specification has it read: once as a value, once as an argument."""
    value = line.replace("\\\\", "\\")
    words: list[str] = []
    word, quoted, characters = "", False, iter(value)
    for character in characters:
        if character == '"':
            quoted = not quoted
        elif character == "\\" and quoted:
            word += next(characters)
        elif character == " " and not quoted:
            words.append(word)
            word = ""
        else:
            word += character
    return [each.replace("%%", "%") for each in [*words, word]]


def test_odd_names_survive_the_exec_line() -> None:
    line = next(each for each in desktop_entry(ODD).decode().splitlines() if "Exec" in each)
    assert unquoted(line.removeprefix("Exec=")) == ODD


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AutostartError) as caught:
        AutostartFile(tmp_path / "file" / "minicpmv.desktop", b"").switch(True)
    assert caught.value.reason


@pytest.mark.parametrize("name", ["FLATPAK_ID", "SNAP"])
def test_in_a_sandbox_the_desktop_is_asked(tmp_path: Path, name: str) -> None:
    switch = autostart_here(["x"], "linux", tmp_path, {name: "it"})
    assert switch.asks
    assert not switch.is_on()
    assert not autostart_here(["x"], "linux", tmp_path, {}).asks
    assert list(tmp_path.iterdir()) == []


def test_macos_gets_a_launch_agent(tmp_path: Path) -> None:
    switch = autostart_here(ODD, "darwin", tmp_path, {})
    switch.switch(True)
    path = tmp_path / "Library" / "LaunchAgents" / "org.minicpmv.plist"
    agent = plistlib.loads(path.read_bytes())
    assert agent["ProgramArguments"] == [*ODD, "--background"]
    assert agent["RunAtLoad"] is True
    assert agent["Label"] == path.stem
    assert plistlib.loads(launch_agent(["x"]))["ProgramArguments"] == ["x"]


def test_windows_gets_one_quoted_line(tmp_path: Path) -> None:
    assert isinstance(autostart_here(["x"], "win32", tmp_path, {}), AutostartRegistry)
    words = [r"C:\Program Files\MiniCPM-V\minicpmv.exe", "--background"]
    assert windows_command(words) == r'"C:\Program Files\MiniCPM-V\minicpmv.exe" --background'


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has a registry")
def test_the_registry_takes_it_back() -> None:
    switch = AutostartRegistry("minicpmv-test --background")
    was_on = switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    switch.switch(was_on)


def test_the_program_knows_how_it_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program_command({"APPIMAGE": "/apps/it.AppImage"}) == ["/apps/it.AppImage"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program_command({}) == [sys.executable]
    monkeypatch.delattr(sys, "frozen")
    assert Path(program_command({})[0]).is_file()
