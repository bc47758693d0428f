"""The words for memory: what a model needs, what is there, what was given up. Without Qt."""

from __future__ import annotations

from desktop_app import wording
from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice, Tone
from engine.errors import TooLarge
from engine.messages import Fit, MemoryOutlook, MemoryRelieved, Relief


def verdict(fit: Fit) -> str:
    """Whether it fits, in a word or two."""
    return {
        Fit.UNKNOWN: tr("not known"),
        Fit.FITS: tr("fits"),
        Fit.TIGHT: tr("just fits"),
        Fit.TOO_LARGE: tr("does not fit"),
    }[fit]


def outlook(seen: MemoryOutlook) -> str:
    """What is needed, what is free, and the verdict."""
    need = tr("about {size}").format(size=wording.size_of(seen.needed))
    if not seen.free:
        return need
    free = tr("{size} free").format(size=wording.size_of(seen.free))
    return f"{need}, {free}: {verdict(seen.fit)}"


def at_load(seen: MemoryOutlook) -> str:
    """What was needed and free before the model was loaded."""
    need = tr("needs about {size}").format(size=wording.size_of(seen.needed))
    if not seen.free:
        return need
    free = tr("{size} were free before it was loaded").format(size=wording.size_of(seen.free))
    return f"{need}; {free}"


def device(name: str) -> str:
    """A device as people call it."""
    return wording.device_name(name)


def place(seen: MemoryOutlook) -> str:
    """Device and precision that an outlook is about."""
    return f"{wording.device_name(seen.device)} {wording.precision_name(seen.precision)}"


def too_large(error: TooLarge) -> Notice:
    """A model that would not fit was not loaded; the person decides."""
    return Notice(
        tr("The model may not fit into the memory"),
        tr("It needs about {needed} on {device} in {precision}; {free} are free.").format(
            needed=wording.size_of(error.needed),
            free=wording.size_of(error.free),
            device=wording.device_name(error.device),
            precision=error.precision,
        ),
        tr("Close other programs and try again, or load it anyway: that can be very slow."),
        Help.LOAD_ANYWAY,
    )


def relieved(event: MemoryRelieved) -> Notice:
    """Memory ran out, and the program helped itself."""
    reason = {
        Relief.CACHES: tr("What was kept of earlier pictures and questions has been let go."),
        Relief.FEWER_VIEWS: tr("The picture is looked at in fewer views; small print may be lost."),
        Relief.SMALLER_PICTURE: tr("The picture is looked at in one small view; details are lost."),
        Relief.LOWER_PRECISION: tr("The model runs in {precision} from now on."),
        Relief.CPU: tr("The model runs on the processor from now on, which is slower."),
    }[event.relief].format(precision=wording.precision_name(event.choice.precision))
    return Notice(tr("The memory ran out; the answer goes on with less"), reason, tone=Tone.INFO)
