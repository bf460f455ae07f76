"""The hash of a series' labels that limit_ratio goes by: Prometheus' labels.Labels.Hash.

Prometheus' default build keeps labels as one string of names and values, each after its length, and
hashes that with xxHash (XXH64, seed 0; specification 0.8.1). Computed for all series together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels

    Words = NDArray[np.uint64]

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)
#: What the four lanes start with.
_STARTS = np.array([0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0, 0x61C8864E7A143579], dtype=np.uint64)
_LANE_TURNS = (1, 7, 12, 18)
_STRIPE = 32
#: A length that one byte does not hold is written as this byte and three more.
_LONG = 255


def label_hashes(labels: Sequence[Labels]) -> Words:
    """uint64[series]: hashes of label sets, metric names included."""
    return xxh64([_encoded(item) for item in labels])


def _encoded(labels: Labels) -> bytes:
    parts: list[bytes] = []
    for pair in labels:
        for text in pair:
            data = text.encode()
            size = len(data)
            head = bytes([size]) if size < _LONG else b"\xff" + size.to_bytes(3, "little")
            parts += (head, data)
    return b"".join(parts)


def xxh64(texts: Sequence[bytes]) -> Words:
    """uint64[text]: XXH64 with seed 0."""
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    width = (int(sizes.max(initial=0)) // _STRIPE + 1) * _STRIPE
    joined = b"".join([text.ljust(width, b"\0") for text in texts])
    words = np.frombuffer(joined, dtype="<u8").reshape(len(texts), width // 8).astype(np.uint64)
    found = np.where(sizes >= _STRIPE, _striped(words, sizes // _STRIPE), _PRIME_5)
    found = found + sizes.astype(np.uint64)
    found = _with_rest(found, words, sizes)
    found = (found ^ (found >> np.uint64(33))) * _PRIME_2
    found = (found ^ (found >> np.uint64(29))) * _PRIME_3
    hashes: Words = found ^ (found >> np.uint64(32))
    return hashes


def _striped(words: Words, stripes: NDArray[np.int64]) -> Words:
    """The hash of whole stripes of 32 bytes."""
    lanes = np.repeat(_STARTS[np.newaxis], len(words), axis=0)
    for number in range(int(stripes.max(initial=0))):
        stripe = words[:, 4 * number : 4 * number + 4]
        lanes = np.where((stripes > number)[:, np.newaxis], _round(lanes, stripe), lanes)
    found: Words = np.zeros(len(words), dtype=np.uint64)
    for lane, turns in enumerate(_LANE_TURNS):
        found = found + _turned(lanes[:, lane], turns)
    for lane in range(len(_LANE_TURNS)):
        merged = _round(np.zeros_like(found), lanes[:, lane])
        found = (found ^ merged) * _PRIME_1 + _PRIME_4
    return found


def _with_rest(found: Words, words: Words, sizes: NDArray[np.int64]) -> Words:
    """The hash with the bytes after the last whole stripe: by eight, by four, one by one."""
    rows = np.arange(len(sizes))
    whole = sizes // _STRIPE * 4
    for number in range(3):
        word = words[rows, np.minimum(whole + number, words.shape[1] - 1)]
        mixed = _turned(found ^ _round(np.zeros_like(word), word), 27) * _PRIME_1 + _PRIME_4
        found = np.where(sizes // 8 > whole + number, mixed, found)
    last = words[rows, np.minimum(sizes // 8, words.shape[1] - 1)]
    half = last & np.uint64(0xFFFFFFFF)
    mixed = _turned(found ^ (half * _PRIME_1), 23) * _PRIME_2 + _PRIME_3
    found = np.where(sizes % 8 >= 4, mixed, found)
    for number in range(3):
        place = (sizes % 8 // 4 * 4 + number).astype(np.uint64)
        byte = (last >> (place * np.uint64(8))) & np.uint64(0xFF)
        mixed = _turned(found ^ (byte * _PRIME_5), 11) * _PRIME_1
        found = np.where(sizes % 4 > number, mixed, found)
    return found


def _round(lane: Words, word: Words) -> Words:
    return _turned(lane + word * _PRIME_2, 31) * _PRIME_1


def _turned(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))
