"""Token filter: a Bloom filter of the words in a chunk's text, to skip chunks without reading them.

A token is a run of ASCII letters, digits and underscores. A string that every line of interest
contains tells only of its inner tokens, those with other characters on both sides: the first and
the last may be pieces of longer tokens.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from appliance.store.codec import Damaged, decode_bytes, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For `bytes.translate`: 1 for the bytes of tokens, 0 for others.
_IS_TOKEN = bytes(byte < 128 and (chr(byte).isalnum() or byte == ord("_")) for byte in range(256))

#: About 1 % of the tokens that are not there seem to be.
_BITS_PER_TOKEN = 9.6
_PROBES = 7
#: Of longer tokens the first bytes and the length are hashed.
_HASHED_BYTES = 64
_HEADER = struct.Struct("<BI")
_VERSION = 1

#: A text is looked at in pieces of about so many bytes, which the processor's cache can hold.
_PIECE_BYTES = 256 << 10

_Hashes = NDArray[np.uint64]
#: Of the eight bytes read, those of a token that has n of them.
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)


def build_filter(text: bytes) -> bytes:
    """The filter of a text as a blob."""
    hashes = _distinct(np.concatenate([np.empty(0, np.uint64), *_hash_pieces(text)]))
    size = max(64, int(len(hashes) * _BITS_PER_TOKEN))
    bits = np.zeros(size, dtype=np.bool_)
    for positions in _probes(hashes, size):
        bits[positions] = True
    return encode_bytes(_HEADER.pack(_VERSION, size) + np.packbits(bits).tobytes(), level=1)


def needle_hashes(needles: tuple[bytes, ...]) -> _Hashes:
    """Hashes of the tokens a line with all these strings must have: uint64[token]."""
    hashes = [_hash_tokens(needle, inner=True) for needle in needles]
    return np.unique(np.concatenate(hashes)) if hashes else np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """A filter that has been read.

    Attributes:
        size: Bits.
        packed: uint8[byte], the first bit is the highest.
    """

    size: int
    packed: NDArray[np.uint8]

    @property
    def size_bytes(self) -> int:
        """Memory it takes."""
        return self.packed.nbytes

    def may_contain(self, hashes: _Hashes) -> bool:
        """Whether all of the tokens may be there."""
        packed = self.packed
        for positions in _probes(hashes, self.size):
            if not (packed[positions >> 3] >> (7 - (positions & 7)) & 1).all():
                return False
        return True


def decode_filter(blob: bytes) -> TokenFilter:
    """The filter of a blob.

    Raises:
        Damaged: Not a filter.
    """
    data = decode_bytes(blob)
    if len(data) < _HEADER.size:
        raise Damaged("token filter is too short")
    version, size = _HEADER.unpack_from(data)
    if version != _VERSION or len(data) != _HEADER.size + (size + 7) // 8:
        raise Damaged("token filter of unknown form")
    return TokenFilter(size, np.frombuffer(data, np.uint8, offset=_HEADER.size))


def _hash_tokens(text: bytes, *, inner: bool) -> _Hashes:
    """Hashes of all tokens, or of those that touch neither end of the text; with duplicates."""
    if not text:
        return np.empty(0, dtype=np.uint64)
    flags = np.frombuffer(b"\0" + text.translate(_IS_TOKEN) + b"\0", np.int8)
    edges = np.flatnonzero(flags[1:] != flags[:-1])
    starts, ends = edges[::2], edges[1::2]
    if inner:
        within = (starts > 0) & (ends < len(text))
        starts, ends = starts[within], ends[within]
    # Eight bytes can be read from any place of the padded text.
    padded = np.frombuffer(text + bytes(8), np.uint8)
    words = np.ndarray((len(text) + 1,), "<u8", padded.data, strides=(1,))
    return _hash(words, starts, ends - starts)


def _hash_pieces(text: bytes) -> Iterator[_Hashes]:
    """Hashes of all tokens, piece by piece, most of them once in a piece."""
    # Eight bytes can be read from any place of the padded text.
    padded = np.frombuffer(text + bytes(8), np.uint8)
    words = np.ndarray((len(text) + 1,), "<u8", padded.data, strides=(1,))
    flags = np.frombuffer(b"\0" + text.translate(_IS_TOKEN) + b"\0", np.int8)
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + _PIECE_BYTES) + 1 or len(text)
        part = flags[start : end + 1 + (end == len(text))]  # begins and ends with no token
        edges = np.flatnonzero(part[1:] != part[:-1]) + start
        starts = edges[::2]
        lengths = edges[1::2] - starts
        short = words[starts] & _MASKS.take(lengths, mode="clip")
        long = np.flatnonzero(lengths > 8)
        short[long] = 0
        short = _distinct(short)  # tells the length too: no token has a zero
        sizes = np.searchsorted(_MASKS, short)
        yield _mix(sizes.astype(np.uint64) ^ short) | np.uint64(1)
        yield _hash(words, starts[long], lengths[long])
        start = end


def _hash(words: _Hashes, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> _Hashes:
    """Hash runs of bytes eight at a time; later rounds see only the longer tokens."""
    hashes = _mix(lengths.astype(np.uint64) ^ (words[starts] & _MASKS[np.minimum(lengths, 8)]))
    for done in range(8, _HASHED_BYTES, 8):
        rows = np.flatnonzero(lengths > done)
        if not len(rows):
            break
        masks = _MASKS[np.minimum(lengths[rows] - done, 8)]
        hashes[rows] = _mix(hashes[rows] ^ (words[starts[rows] + done] & masks))
    return hashes | np.uint64(1)  # zero marks an empty slot in `_distinct`


def _mix(values: _Hashes) -> _Hashes:
    """Two rounds of multiply and shift, as in splitmix64."""
    values = (values + np.uint64(0x9E37_79B9_7F4A_7C15)) * np.uint64(0xBF58_476D_1CE4_E5B9)
    values ^= values >> np.uint64(32)
    values *= np.uint64(0x94D0_49BB_1331_11EB)
    values ^= values >> np.uint64(29)
    return values


def _distinct(numbers: _Hashes) -> _Hashes:
    """Distinct numbers but 0 in any order; a table of slots takes most of what a sort would do."""
    bits = max(4, len(numbers).bit_length())
    spread = numbers * np.uint64(0x9E37_79B9_7F4A_7C15)
    slots = (spread >> np.uint64(64 - bits)).view(np.int64)
    table = np.zeros(1 << bits, dtype=np.uint64)
    table[slots] = numbers
    displaced = numbers[table[slots] != numbers]
    displaced = np.unique(displaced)
    return np.concatenate((table[table != 0], displaced[displaced != 0]))


def _probes(hashes: _Hashes, size: int) -> list[NDArray[np.int64]]:
    """Bit positions of the tokens, one array per probe (double hashing)."""
    low, high = hashes & np.uint64(0xFFFF_FFFF), (hashes >> np.uint64(32)) | np.uint64(1)
    found = []
    for number in range(_PROBES):
        spread = (low + np.uint64(number) * high) & np.uint64(0xFFFF_FFFF)
        found.append(((spread * np.uint64(size)) >> np.uint64(32)).astype(np.int64))
    return found
