"""What the person has set. Each setting, its default and its check are declared in one line."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

LOG = logging.getLogger(__name__)
VERSION = 1  # of the file; a reader meets older and newer ones
Value = TypeVar("Value", str, int)
Pairs = tuple[tuple[str, str], ...]


def _one_of(*values: Value) -> Value:
    """The first is the default."""
    made: Value = field(default=values[0], metadata={"values": values})
    return made


def _within(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default."""

    theme: str = _one_of("system", "light", "dark")
    language: str = _one_of("system", "en", "zh")
    font_scale: int = _within(100, 90, 200)  # per cent
    tray: bool = True  # an icon where the desktop has a place for it
    on_close: str = _one_of("ask", "hide", "quit")  # only where there is a tray
    shortcuts: Pairs = ()  # of the window: action and keys, where they differ from the usual
    model: str = "auto"  # a name or a folder
    device: str = "auto"
    precision: str = _one_of("auto", "float32", "bfloat16", "float16", "int8", "int4")
    threads: int = _within(0, 0, 256)  # 0: as torch finds best
    idle_minutes: int = _within(0, 0, 1440)  # until an unused model is let go; 0: never
    writing: str = _one_of("model", "exact", "balanced", "free", "own")
    max_new_tokens: int = _within(0, 0, 4096)  # 0: as the model's authors advise
    temperature: float = _within(0.7, 0.01, 2.0)  # this and the next three where writing is "own"
    top_p: float = _within(0.8, 0.01, 1.0)
    top_k: int = _within(100, 0, 1000)
    repetition_penalty: float = _within(1.05, 0.5, 2.0)
    reader: str = _one_of("auto", "quick", "model")  # who reads the text of the screen
    copy_text: bool = True  # as soon as it has been read from the screen
    capture_delay: int = _one_of(0, 3, 5)  # seconds
    capture_confirm: bool = False  # a region that was drawn waits for Enter
    last_region: str = ""  # see capture.choice.LastRegion
    hotkey_ocr: str = "Meta+Shift+O"  # everywhere on the desktop; empty: none
    hotkey_capture: str = "Meta+Shift+A"
    hotkey_consent: str = _one_of("open", "offered", "given")  # where the desktop asks the person
    picture_folder: str = ""  # where the last picture was opened
    model_source: str = ""  # where the full model is fetched from
    history: str = _one_of("keep", "off")  # whether conversations are kept
    history_days: str = _one_of("0", "7", "30", "90", "365")  # how long; 0 keeps them for good
    server: str = ""  # a model elsewhere is asked; empty: the model runs here
    server_model: str = ""
    unknown: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read a settings file; what is wrong in it falls back to its default and is logged."""
        try:
            return cls.read(path)[0]
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            LOG.warning("settings %s: %s", path.name, error)
            return cls()

    @classmethod
    def read(cls, path: Path) -> tuple[Settings, list[str]]:
        """The settings in a file, and the names that could not be used. Raises OSError, ValueError.

        Entries that this version does not know are kept for the one that wrote them.
        """
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not an object")
        stored.pop("version", None)
        good: dict[str, Any] = {}
        bad: list[str] = []
        for name, value in stored.items():
            if name in RULES:
                _sort_in(name, value, good, bad)
        unknown = {name: value for name, value in stored.items() if name not in RULES}
        return cls(**good, unknown=unknown), bad

    def save(self, path: Path) -> None:
        """Write what differs from the defaults; a crash leaves the old file or the new one."""
        default = Settings()
        changed = {
            name: getattr(self, name)
            for name in RULES
            if getattr(self, name) != getattr(default, name)
        }
        if self.shortcuts:
            changed["shortcuts"] = dict(self.shortcuts)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"version": VERSION, **changed, **self.unknown}, indent=2, ensure_ascii=False
        )
        beside = path.with_name(f"{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)

    def reset(self) -> Settings:
        """All defaults; what other versions wrote stays."""
        return Settings(unknown=self.unknown)

    def with_value(self, name: str, value: object) -> Settings:
        """One setting changed. Raises ValueError where it does not pass its check."""
        if not RULES[name](value):
            raise ValueError(f"{name}={value!r}")
        return replace(self, **{name: value})  # type: ignore[arg-type]


def values_of(name: str) -> tuple[Any, ...]:
    """All values that a setting may have, where they can be listed."""
    return tuple(_declared(name).metadata["values"])


def range_of(name: str) -> tuple[float, float]:
    """The least and the greatest value of a number."""
    limits = _declared(name).metadata
    return limits["low"], limits["high"]


def _declared(name: str) -> Any:
    return next(each for each in fields(Settings) if each.name == name)


def _rule(declared: Any) -> Callable[[object], bool]:
    kind, limits = type(declared.default), declared.metadata
    if "values" in limits:
        return lambda value: type(value) is kind and value in limits["values"]
    if "low" in limits:
        numbers = (int, float) if kind is float else (int,)
        return lambda value: type(value) in numbers and limits["low"] <= value <= limits["high"]
    if kind is tuple:
        return _are_pairs
    return lambda value: type(value) is kind


def _are_pairs(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(part, str) for pair in value for part in pair
    )


def _sort_in(name: str, value: object, good: dict[str, Any], bad: list[str]) -> None:
    if isinstance(value, dict):
        value = tuple(value.items())
    if RULES[name](value):
        good[name] = value
    else:
        LOG.warning("setting %s: %r is ignored", name, value)
        bad.append(name)


RULES = {each.name: _rule(each) for each in fields(Settings) if each.name != "unknown"}
