"""What was hashed before: a file of the same size and time need not be read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .disk import read_json, write_json

RECORD = "verified.json"


class Record:
    """The hashes of one folder's files, kept in a small JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def inside(cls, folder: Path) -> Record:
        """The record that lies beside the files."""
        return cls(folder / RECORD)

    def exists(self) -> bool:
        """Whether this program has worked in the folder before."""
        return self.path.is_file()

    def start(self) -> None:
        """Mark the folder as ours. Raises OSError."""
        if not self.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, {"files": {}})

    def known(self, path: Path) -> str:
        """The file's SHA-256 if it has not been touched since it was hashed, else empty."""
        entry = self._files().get(path.name)
        try:
            if isinstance(entry, dict) and entry == _entry(path, str(entry.get("sha256"))):
                return str(entry["sha256"])
        except OSError:
            pass
        return ""

    def put(self, path: Path, sha256: str) -> None:
        """Remember a file's hash. Raises OSError."""
        self.start()
        write_json(self.path, {"files": {**self._files(), path.name: _entry(path, sha256)}})

    def drop(self, name: str) -> None:
        """Forget a file. Raises OSError."""
        files = self._files()
        if files.pop(name, None) is not None:
            write_json(self.path, {"files": files})

    def _files(self) -> dict[str, Any]:
        files = read_json(self.path).get("files")
        return files if isinstance(files, dict) else {}


def _entry(path: Path, sha256: str) -> dict[str, Any]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256}
