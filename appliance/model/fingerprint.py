"""Fingerprints of many label sets at once (Prometheus; FNV-1a, 64 bits): a byte of all in one step.

Invariant: the same as `alert.fingerprint_of` gives one by one, in a hundredth of the time.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.alert import FNV_OFFSET, FNV_PRIME, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.labels import Labels

#: Fewer are done one by one.
_FEW = 16
#: Label sets with more bytes are: one of them would make all others wait.
_LONG = 4096
#: What the codec writes as the byte 0xFF, which comes after every name and every value.
_END = "\udcff"


def fingerprints_of(label_sets: Sequence[Labels]) -> list[str]:
    """Fingerprints of label sets, each as 16 hex digits."""
    if len(label_sets) < _FEW:
        return [fingerprint_of(one) for one in label_sets]
    keys = [_key(labels) for labels in label_sets]
    found = _hashes(keys).astype(">u8").tobytes().hex()
    return [
        found[16 * at : 16 * at + 16] if len(key) <= _LONG else fingerprint_of(label_sets[at])
        for at, key in enumerate(keys)
    ]


def _key(labels: Labels) -> bytes:
    """What is hashed."""
    return _END.join((*chain.from_iterable(labels), "")).encode("utf-8", "surrogateescape")


def _hashes(keys: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """uint64[key]; those of long keys mean nothing."""
    lengths = np.fromiter(map(len, keys), np.int64, len(keys))
    lengths[lengths > _LONG] = 0
    order = np.argsort(-lengths, kind="stable")
    data = np.frombuffer(b"".join([keys[at][:_LONG] for at in order if lengths[at]]), np.uint8)
    sizes = lengths[order]
    starts = np.cumsum(sizes) - sizes
    # How many keys go on at each position: the longest come first.
    active = len(keys) - np.searchsorted(sizes[::-1], np.arange(int(sizes[0])), side="right")
    hashes = np.full(len(keys), FNV_OFFSET, np.uint64)
    prime = np.uint64(FNV_PRIME)
    for position, count in enumerate(active.tolist()):
        part = hashes[:count]
        part ^= data[starts[:count] + position]
        part *= prime
    found = np.empty_like(hashes)
    found[order] = hashes
    return found
