"""Labels: the identity of a series or a stream."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Labels(tuple[tuple[str, str], ...]):
    """Label pairs sorted by name (code points), names unique, no empty values.

    A plain tuple underneath: hashing, equality and order are the tuple's.
    """

    __slots__ = ()

    @classmethod
    def of(cls, pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
        """Labels from a mapping or pairs in any order; of equal names the last one holds."""
        mapping = dict(pairs)
        if "" not in mapping.values():
            return cls(sorted(mapping.items()))
        return cls(sorted((name, value) for name, value in mapping.items() if value))

    def get(self, name: str, default: str = "") -> str:
        """The value of a label; the empty string means absent."""
        for key, value in self:
            if key == name:
                return value
        return default

    def without(self, *names: str) -> Labels:
        """These labels less the named ones."""
        return Labels(pair for pair in self if pair[0] not in names)

    def extended(self, pairs: Mapping[str, str]) -> Labels:
        """These labels with others set over them; an empty value removes a label."""
        return Labels.of(dict(self) | dict(pairs))

    @property
    def sort_key(self) -> str:
        """A text that sorts as the labels do (unless they hold NUL), in half the time."""
        return "\0".join(itertools.chain.from_iterable(self))

    def encode(self) -> bytes:
        """A compact key; 0xFF, which UTF-8 never contains, separates names and values."""
        return b"\xff".join(part.encode() for pair in self for part in pair)

    @classmethod
    def decode(cls, key: bytes) -> Labels:
        """The labels of a key made by `encode`."""
        if not key:
            return cls()
        parts = [part.decode() for part in key.split(b"\xff")]
        return cls(zip(parts[::2], parts[1::2], strict=True))
