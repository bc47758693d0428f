"""The ways to grab the screen, in the order in which they are tried."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop_app.capture.errors import Attempt, CaptureError, Fault, GrabError
from desktop_app.capture.frames import Frame, all_black
from desktop_app.capture.geometry import Screen

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """What decides which way works: the system, and on Linux the desktop."""

    system: str  # as sys.platform says it
    wayland: bool = False
    desktop: str = ""

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> Session:
        """The session in which the program runs."""
        wayland = bool(environment.get("WAYLAND_DISPLAY")) or (
            environment.get("XDG_SESSION_TYPE") == "wayland"
        )
        linux = sys.platform.startswith("linux")
        return cls(
            "linux" if linux else sys.platform,
            linux and wayland,
            environment.get("XDG_CURRENT_DESKTOP", "").lower(),
        )


class Backend(Protocol):
    """One way to grab the screen; called on a thread of its own, may block."""

    name: str

    def compatible(self, session: Session) -> bool:
        """Whether it is made for this kind of session."""

    def missing(self) -> str:
        """The program or library that has to be installed first, or nothing."""

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """One frame a monitor. Raises GrabError."""


def all_backends() -> tuple[Backend, ...]:
    """Every way that there is; what is asked for least comes first."""
    from desktop_app.capture.portal import PortalBackend
    from desktop_app.capture.system_tools import GrimBackend, MacToolBackend, SpectacleBackend
    from desktop_app.capture.with_mss import MssBackend

    return (
        MssBackend(),
        PortalBackend(),
        GrimBackend(),
        SpectacleBackend(),
        MacToolBackend(),
    )


def grab(
    backends: Iterable[Backend], session: Session, screens: Sequence[Screen]
) -> tuple[Frame, ...]:
    """The frames of the first way that works. Raises CaptureError with every reason."""
    attempts: list[Attempt] = []
    for backend in backends:
        try:
            return _grab_with(backend, session, screens)
        except GrabError as error:
            LOG.info("capture with %s: %s", backend.name, error)
            attempts.append(Attempt(backend.name, error.fault, error.detail))
            if error.fault in (Fault.NO_PERMISSION, Fault.DENIED):
                break  # who was told no does not ask another way round
    raise CaptureError(tuple(attempts))


def _grab_with(backend: Backend, session: Session, screens: Sequence[Screen]) -> tuple[Frame, ...]:
    if not backend.compatible(session):
        raise GrabError(Fault.NOT_HERE)
    missing = backend.missing()
    if missing:
        raise GrabError(Fault.NOT_INSTALLED, missing)
    frames = backend.grab(screens)
    if not frames:
        raise GrabError(Fault.BROKEN, "no monitor was seen")
    if all_black(frames):
        raise GrabError(Fault.BLACK)
    return frames
