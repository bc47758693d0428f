"""The files of a published model: names, sizes, SHA-256; what is not pinned is checked inside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class JsonCheck:
    """What a JSON file must say: values at dotted paths, and numbers of entries."""

    values: tuple[tuple[str, object], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    def problem(self, path: Path) -> str:
        """What is wrong with the file; empty where nothing is. Raises OSError."""
        try:
            content = json.loads(path.read_bytes())
        except ValueError as error:  # UnicodeDecodeError is one too
            return f"not JSON: {error}"
        for key, value in self.values:
            if _at(content, key) != value:
                return f"{key} is {_at(content, key)!r}, not {value!r}"
        for key, count in self.counts:
            found = _at(content, key)
            if not isinstance(found, dict | list) or len(found) != count:
                return f"{key} does not have {count} entries"
        return ""


def _at(content: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            return None
        content = content[part]
    return content


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file. Either ``size`` and ``sha256`` pin it, or ``check`` says what it must hold.

    ``most_bytes`` bounds what is accepted where no size is known. A file that is ``derived``
    is the index of the shards: it is made from their headers instead of being fetched.
    """

    name: str
    size: int | None = None
    sha256: str = ""
    check: JsonCheck = JsonCheck()
    most_bytes: int = 2**20
    derived: bool = False

    @property
    def pinned(self) -> bool:
        """Whether every byte of it is known beforehand."""
        return self.size is not None and bool(self.sha256)


@dataclass(frozen=True, slots=True)
class Licence:
    """A name, and the addresses of its page and of its bare text, where there is one."""

    name: str
    address: str
    text_address: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model: its files in the order in which they are fetched, small ones first."""

    name: str
    folder_name: str
    files: tuple[ModelFile, ...]
    hugging_face: str = ""
    modelscope: str = ""
    licence: Licence | None = None

    def __post_init__(self) -> None:
        names = frozenset(file.name for file in self.files)
        if len(names) != len(self.files) or any(Path(name).name != name for name in names):
            raise ValueError(f"file names of {self.name}")

    @property
    def known_bytes(self) -> int:
        """The sum of the pinned sizes."""
        return sum(file.size or 0 for file in self.files)

    @property
    def shards(self) -> tuple[str, ...]:
        """The files that hold weights."""
        return tuple(file.name for file in self.files if file.name.endswith(".safetensors"))


# config.json and the index are checked by what they say, because their bytes may be rewritten
# (a new key, another indentation) without the model changing; the weights may not.
MINICPM_V_2 = Manifest(
    name="minicpm-v-2",
    folder_name="MiniCPM-V-2",
    hugging_face="openbmb/MiniCPM-V-2",
    modelscope="OpenBMB/MiniCPM-V-2",
    licence=Licence(
        "MiniCPM Model License",
        "https://github.com/OpenBMB/MiniCPM/blob/main/MiniCPM%20Model%20License.md",
        "https://raw.githubusercontent.com/OpenBMB/MiniCPM/main/MiniCPM%20Model%20License.md",
    ),
    files=(
        ModelFile(
            "config.json",
            check=JsonCheck(
                values=(
                    ("hidden_size", 2304),
                    ("num_hidden_layers", 40),
                    ("vocab_size", 122753),
                )
            ),
        ),
        ModelFile(
            "tokenizer.model",
            1_994_817,
            "b046f377b2f09a90623a46611bd5d23cb76ac89ca7804a372408f37aff7b96a0",
        ),
        ModelFile(
            "model-00001-of-00002.safetensors",
            4_993_235_928,
            "dfe4e784b462536229e8fb8591c7e2551221c55144c5d894e66f2f2f035b648b",
        ),
        ModelFile(
            "model-00002-of-00002.safetensors",
            1_876_772_888,
            "0d088a711dc4302c682b0294f7cfd8aa7b2ec723f187644734574a83aaee65b6",
        ),
        ModelFile(
            INDEX,
            check=JsonCheck(
                values=(("metadata.total_size", 6_869_931_584),), counts=(("weight_map", 694),)
            ),
            derived=True,
        ),
    ),
)

MANIFESTS = {MINICPM_V_2.name: MINICPM_V_2}
