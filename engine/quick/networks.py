"""The two networks: one finds pieces of text in pixels, the other reads a piece.

What comes before and after each is RapidOCR's own code. The sessions are made here, from files
inside its package: with a session given, that code has no reason to look for files elsewhere.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, ModelFault, OutOfMemory
from .boxes import Box

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Pixels = NDArray[np.uint8]  # (height, width, 3), blue first, as the networks were trained
NO_LIMIT = 1_000_000  # the caller has chosen the scale


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that was found: its upright box, and its corners from the top left clockwise."""

    box: Box
    corners: tuple[tuple[float, float], ...]

    @property
    def crooked(self) -> bool:
        """Whether its box holds noticeably more than itself."""
        (_, top), (_, top_right), _, (_, bottom) = self.corners
        return abs(top_right - top) > max(3.0, 0.15 * (bottom - top))


class Finder:
    """Finds text."""

    def __init__(self, network: Path) -> None:
        from rapidocr.ch_ppocr_det import TextDetector

        settings = _settings("Det", network)
        settings["limit_type"], settings["limit_side_len"] = "max", NO_LIMIT
        self._detector = TextDetector(_config(settings))

    def find(self, pixels: Pixels) -> list[NDArray[np.float32]]:
        """The corners, (4, 2) each, of every piece of text. Raises OutOfMemory."""
        boxes = _run(lambda: self._detector(pixels)).boxes
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]


class Letters:
    """Reads text."""

    def __init__(self, network: Path) -> None:
        from rapidocr.ch_ppocr_rec import TextRecognizer

        settings = _settings("Rec", network)
        # One at a time: padding to the longest of several costs a processor more than it saves.
        settings["rec_batch_num"], settings["font_path"] = 1, None
        self._recognizer = TextRecognizer(_config(settings))

    def read(self, pixels: Pixels) -> tuple[str, float]:
        """The text of one line, and how sure the network is. Raises OutOfMemory."""
        from rapidocr.ch_ppocr_rec import TextRecInput

        told = _run(lambda: self._recognizer(TextRecInput(img=[pixels], return_word_box=False)))
        return str(told.txts[0]), float(told.scores[0])


def threads() -> int:
    """One for each core that this process may use; siblings of a core only get in the way."""
    import psutil

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or 1, usable or 1))


def _settings(section: str, network: Path) -> dict[str, Any]:
    """RapidOCR's own settings of one network, with a session of ours."""
    import rapidocr
    from omegaconf import OmegaConf
    from rapidocr.utils.parse_parameters import ParseParams

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)  # it would write to stderr
    whole = ParseParams.load(Path(rapidocr.__file__).parent / "config.yaml")
    settings = OmegaConf.to_container(whole[section])
    assert isinstance(settings, dict)
    return {**{str(key): value for key, value in settings.items()}, "session": _session(network)}


def _config(settings: dict[str, Any]) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.create(settings, flags={"allow_objects": True})


def _session(network: Path) -> InferenceSession:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads()
    options.enable_cpu_mem_arena = False  # it would keep the memory of the largest picture
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    except MemoryError as error:
        raise OutOfMemory("cpu") from error
    except Exception as error:  # onnxruntime's errors share no base of their own
        folder, name = str(network.parent), network.name
        raise ModelError(ModelFault.DAMAGED_FILE, folder, name, str(error)) from error


def _run(compute: Any) -> Any:
    try:
        return compute()
    except MemoryError as error:
        raise OutOfMemory("cpu") from error
    except Exception as error:
        if "allocate memory" in str(error).lower():
            raise OutOfMemory("cpu") from error
        raise
