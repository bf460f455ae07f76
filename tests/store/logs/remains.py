"""Looks for words in the raw bytes of all files of a folder, and in what zstd frames hold there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from appliance.base.zstd import Decompressor, ZstdError

_MAGIC = re.compile(re.escape(b"\x28\xb5\x2f\xfd"))
_FRAME_BYTES = 64 << 10


def remains(folder: Path, words: Sequence[str]) -> set[str]:
    """Those of some words that are in a file; frames over more than a page are read in part."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        frames = (
            _frame(data[at.start() : at.start() + _FRAME_BYTES]) for at in _MAGIC.finditer(data)
        )
        texts = b"\n".join([data, *frames])
        found |= {word for word in words if word.encode() in texts}
    return found


def _frame(data: bytes) -> bytes:
    try:
        return Decompressor().decompress(data)
    except ZstdError:
        return b""
