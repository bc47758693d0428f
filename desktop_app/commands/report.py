"""The object that ``--json`` prints; a contract."""

from __future__ import annotations

import json
import sys

from engine.messages import Finished, ModelInfo, Picture, PictureSeen


def as_json(
    finished: Finished, seen: PictureSeen | None, info: ModelInfo, picture: Picture | None
) -> dict[str, object]:
    """One answer. ``grid`` is [columns, rows] or null, ``views`` [width, height] each."""
    statistics = finished.statistics
    return {
        "picture": picture.name if picture is not None else None,
        "text": finished.text,
        "token_ids": list(finished.token_ids),
        "prompt_token_ids": list(finished.prompt_token_ids),
        "grid": list(seen.grid) if seen is not None and seen.grid is not None else None,
        "views": [list(view) for view in seen.views] if seen is not None else [],
        "stop_reason": finished.reason.value,
        "model": info.name,
        "device": info.choice.device,
        "precision": info.choice.precision.value,
        "tokens_per_second": round(statistics.tokens_per_second, 3),
        "seconds": {
            "load": round(statistics.load_seconds, 4),
            "see": round(statistics.see_seconds, 4),
            "read": round(statistics.read_seconds, 4),
            "first_token": round(statistics.first_token_seconds, 4),
            "write": round(statistics.write_seconds, 4),
        },
    }


def json_line(told: dict[str, object]) -> str:
    """An object as one line, in real characters where stdout can hold them all."""
    line = json.dumps(told, ensure_ascii=False)
    try:
        line.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return json.dumps(told)
    return line
