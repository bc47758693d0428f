"""From a repository name to a folder on disk, through huggingface_hub's own cache."""

from __future__ import annotations

from pathlib import Path

# what the engine reads; the repository's Python files and pictures stay where they are
PATTERNS = ("config.json", "tokenizer.model", "*.safetensors", "*.safetensors.index.json")


def local_folder(name: str | Path, revision: str | None = None) -> Path:
    """``name`` itself if it is a folder, else the snapshot of the repository of that name.

    Raises ModelError where there is neither.
    """
    from .errors import ModelError, ModelFault

    folder = Path(name)
    if folder.is_dir():
        return folder
    if str(name).count("/") != 1 or folder.is_absolute():
        raise ModelError(ModelFault.NO_FOLDER, str(name))
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            huggingface_hub.snapshot_download(
                str(name), revision=revision, allow_patterns=list(PATTERNS)
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise ModelError(ModelFault.NO_FOLDER, str(name), detail=str(error)) from error
