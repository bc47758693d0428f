"""The words for phases, pictures, devices and numbers, in one place and without Qt."""

from __future__ import annotations

from desktop_app.i18n import tr
from engine.messages import (
    ChoiceReason,
    DeviceChoice,
    Phase,
    PictureSeen,
    Precision,
    Progress,
    StopReason,
)


def phase(progress: Progress) -> str:
    """What is happening now, with the share that is known."""
    match progress.phase:
        case Phase.LOADING if progress.total:
            return tr("Loading the model {percent} %").format(
                percent=100 * progress.done // progress.total
            )
        case Phase.LOADING:
            return tr("Loading the model")
        case Phase.SEEING if progress.total:
            number = min(progress.done + 1, progress.total)
            return tr("Seeing {number} of {total}").format(number=number, total=progress.total)
        case Phase.SEEING:
            return tr("Seeing the picture")
        case Phase.READING if progress.total:
            return tr("Reading the question {percent} %").format(
                percent=100 * progress.done // progress.total
            )
        case Phase.READING:
            return tr("Reading the question")
        case _:
            return tr("Writing")


def ended(reason: StopReason) -> str:
    """Why an answer ended, where it is worth saying."""
    return {
        StopReason.END: "",
        StopReason.LENGTH: tr("Stopped at the length limit"),
        StopReason.CONTEXT: tr("Stopped: the model's memory for this conversation is full"),
        StopReason.REPEATS: tr("Stopped: the answer only repeated itself"),
    }[reason]


def turns_dropped(count: int) -> str:
    """The conversation was longer than the model's positions."""
    return tr("The model no longer sees the first {count} turns.").format(count=count)


def picture_size(width: int, height: int) -> str:
    """The pixel size of a picture."""
    return f"{width} × {height}"


def opening(count: int) -> str:
    """Pictures are being read from their files."""
    return (
        tr("Opening the picture")
        if count == 1
        else tr("Opening {count} pictures").format(count=count)
    )


def views(count: int) -> str:
    """In how many views the model looks at a picture."""
    return tr("1 view") if count == 1 else tr("{count} views").format(count=count)


def picture_notes(seen: PictureSeen) -> list[str]:
    """What the person should know about how the model sees the picture."""
    notes = []
    if seen.downscaled:
        notes.append(tr("seen at {size}").format(size=picture_size(*seen.seen)))
    if seen.frames > 1:
        notes.append(tr("first of {count} frames").format(count=seen.frames))
    return notes


def model_name(name: str) -> str:
    """A model as people call it; a folder goes by its last part."""
    known = {"starter": tr("Starter model"), "minicpm-v-2": "MiniCPM-V 2.0"}
    return known.get(name) or name.replace("\\", "/").rstrip("/").split("/")[-1] or name


def device_name(device: str) -> str:
    """A device as people call it."""
    kind = device.split(":")[0]
    return {"cpu": tr("CPU"), "cuda": tr("GPU"), "mps": tr("Apple GPU")}.get(kind, device)


def choice(chosen: DeviceChoice) -> str:
    """Device and precision in two words, for the model chip; or the server's name."""
    if chosen.device == "remote":
        return tr("on {server}").format(server=chosen.device_name)
    return f"{device_name(chosen.device)} {precision_name(chosen.precision)}"


def precision_name(precision: Precision) -> str:
    """A number format as its own name."""
    return precision.value


def choice_reason(reason: ChoiceReason) -> str:
    """Why a device or a precision is in use."""
    return {
        ChoiceReason.ASKED: tr("as you asked"),
        ChoiceReason.CUDA_FOUND: tr("an NVIDIA GPU was found"),
        ChoiceReason.MPS_FOUND: tr("an Apple GPU was found"),
        ChoiceReason.NO_ACCELERATOR: tr("no GPU was found that can be used"),
        ChoiceReason.CUDA_HAS_BFLOAT16: tr("the GPU calculates in bfloat16"),
        ChoiceReason.CUDA_LACKS_BFLOAT16: tr("the GPU cannot calculate in bfloat16"),
        ChoiceReason.MPS_USES_FLOAT16: tr("fastest on an Apple GPU"),
        ChoiceReason.CPU_HAS_BFLOAT16: tr("the processor calculates in bfloat16"),
        ChoiceReason.CPU_LACKS_BFLOAT16: tr("the processor has no fast bfloat16"),
        ChoiceReason.REMOTE: tr("the server decides"),
        ChoiceReason.MEMORY: tr("there was no room for more"),
    }[reason]


def starter_limits() -> str:
    """What the starter model can and cannot do."""
    return tr(
        "Starter model, still in training: it reads lines and small windows of clear print with "
        "some wrong letters and answers simple questions, neither of them reliably."
    )


def full_model_hint() -> str:
    """How the full model is got without the window."""
    return tr("Full model: minicpmv models download")


def speed(tokens_per_second: float) -> str:
    """How fast an answer is written."""
    return tr("{speed} tokens/s").format(speed=f"{tokens_per_second:.1f}")


def size_of(count: int) -> str:
    """A number of bytes in the unit that suits it."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 999.5:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def parameters(count: int) -> str:
    """How large a model is."""
    if count >= 1e9:
        return tr("{count} billion parameters").format(count=f"{count / 1e9:.1f}")
    return tr("{count} million parameters").format(count=f"{count / 1e6:.0f}")


def grouped(number: int) -> str:
    """A number with its thousands set apart."""
    return f"{number:,}".replace(",", "\u202f")
