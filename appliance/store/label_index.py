"""Label index of one tenant: which label sets have a label, as sorted number arrays (postings)."""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.re2 import Pattern, full_match
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: Decoded label sets kept for the next query.
_CACHED_LABELS = 100_000
#: From so many distinct values on, a regex runs once over the joined values.
_JOIN_FROM = 64
#: Labels whose postings are at hand while many label sets are added.
_REMEMBERED_PAIRS = 200_000


class LabelIndex:
    """Postings of one tenant's label sets.

    Invariant: numbers are added in ascending order, so every posting list is sorted by itself.
    Any thread may call; one lock, held for the set operations of one selection.
    """

    def __init__(self) -> None:
        self.ids: dict[bytes, int] = {}
        self._keys: dict[int, bytes] = {}
        self._all = array("q")
        self._postings: dict[str, dict[str, array[int]]] = {}
        self._decoded: dict[int, Labels] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, number: int, key: bytes) -> None:
        """Add a label set under a number higher than all before."""
        with self._lock:
            self._insert(number, key)

    def add_all(self, entries: Iterable[tuple[int, bytes]]) -> None:
        """Add many label sets, ascending by number, each higher than all before."""
        with self._lock:
            known: dict[tuple[bytes, bytes], Callable[[int], None]] = {}
            for number, key in entries:
                self.ids[key] = number
                self._keys[number] = key
                self._all.append(number)
                parts = key.split(b"\xff") if key else []
                for pair in zip(parts[::2], parts[1::2], strict=True):
                    append = known.get(pair)
                    if append is None:
                        if len(known) > _REMEMBERED_PAIRS:
                            known.clear()
                        name, value = (part.decode("utf-8", "surrogateescape") for part in pair)
                        append = known[pair] = self._posting(name, value).append
                    append(number)

    def remove(self, numbers: set[int]) -> None:
        """Take label sets out."""
        with self._lock:
            gone = sorted(number for number in numbers if number in self._keys)
            touched: set[tuple[str, str]] = set()
            for number in gone:
                key = self._keys.pop(number)
                del self.ids[key]
                self._decoded.pop(number, None)
                touched.update(_pairs(key))
            removed = np.array(gone, dtype=np.int64)
            for name, value in touched:
                values = self._postings[name]
                values[value] = _without(values[value], removed)
                if not values[value]:
                    del values[value]
                if not values:
                    del self._postings[name]
            self._all = _without(self._all, removed)

    def labels(self, number: int) -> Labels:
        """The label set of a number."""
        found = self._decoded.get(number)
        if found is None:
            if len(self._decoded) > _CACHED_LABELS:
                self._decoded.clear()
            found = self._decoded[number] = Labels.decode(self._keys[number])
        return found

    def select(self, matchers: Sequence[Matcher]) -> NDArray[np.int64]:
        """Numbers of the label sets that satisfy all matchers: int64[found], ascending."""
        with self._lock:
            found: NDArray[np.int64] | None = None
            for matcher in sorted(matchers, key=_by_cost):
                if found is not None and not len(found):
                    break
                found = self._narrow(found, matcher)
            return np.array(self._all, dtype=np.int64) if found is None else found

    def names(self, within: NDArray[np.int64] | None = None) -> list[str]:
        """Label names in use, sorted; of the given numbers when `within` is given."""
        with self._lock:
            if within is None or len(within) == len(self._all):
                return sorted(self._postings)
            keep = set(within.tolist())
            return sorted(
                name
                for name, values in self._postings.items()
                if any(not keep.isdisjoint(posting) for posting in values.values())
            )

    def values(self, name: str, within: NDArray[np.int64] | None = None) -> list[str]:
        """Values of a label, sorted; of the given numbers when `within` is given."""
        with self._lock:
            values = self._postings.get(name, {})
            if within is None or len(within) == len(self._all):
                return sorted(values)
            keep = set(within.tolist())
            return sorted(value for value, ids in values.items() if not keep.isdisjoint(ids))

    def sizes(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Every label name with its values and how many label sets have each."""
        with self._lock:
            names = list(self._postings.items())
        # A name's values change under the lock, but copying one dictionary is one step.
        return [
            (name, [(value, len(posting)) for value, posting in values.copy().items()])
            for name, values in names
        ]

    def _insert(self, number: int, key: bytes) -> None:
        self.ids[key] = number
        self._keys[number] = key
        self._all.append(number)
        for name, value in _pairs(key):
            self._posting(name, value).append(number)

    def _posting(self, name: str, value: str) -> array[int]:
        values = self._postings.setdefault(name, {})
        posting = values.get(value)
        if posting is None:
            posting = values[value] = array("q")
        return posting

    def _narrow(self, found: NDArray[np.int64] | None, matcher: Matcher) -> NDArray[np.int64]:
        """`found` (None: everything) less what does not satisfy the matcher."""
        values = self._postings.get(matcher.name, {})
        wanted = _matching(matcher, values)
        if not matcher.matches(""):
            hits = _union([values[value] for value in wanted])
            return hits if found is None else _common(found, hits)
        # Label sets without the label match too: take away those whose value does not.
        misses = _union([values[value] for value in values.keys() - set(wanted)])
        base = np.array(self._all, dtype=np.int64) if found is None else found
        return np.setdiff1d(base, misses, assume_unique=True)


def _pairs(key: bytes) -> Iterator[tuple[str, str]]:
    """Names and values of a label set's key."""
    parts = key.decode("utf-8", "surrogateescape").split("\udcff") if key else []
    return zip(parts[::2], parts[1::2], strict=True)


def _without(posting: array[int], removed: NDArray[np.int64]) -> array[int]:
    """A posting list less some numbers; a new one, because readers may hold the old one."""
    if len(posting) == 1:
        place = int(np.searchsorted(removed, posting[0]))
        is_gone = place < len(removed) and removed[place] == posting[0]
        return array("q") if is_gone else posting
    numbers = np.array(posting, dtype=np.int64)
    if not len(removed):
        return posting
    at = np.minimum(np.searchsorted(removed, numbers), len(removed) - 1)
    return array("q", numbers[removed[at] != numbers].tobytes())


def _by_cost(matcher: Matcher) -> int:
    return [MatchOp.EQUAL, MatchOp.REGEX, MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX].index(matcher.op)


def _union(postings: list[array[int]]) -> NDArray[np.int64]:
    if not postings:
        return np.empty(0, dtype=np.int64)
    if len(postings) == 1:
        return np.array(postings[0], dtype=np.int64)
    # A label has one value per label set, so posting lists of one name are disjoint.
    return np.sort(np.concatenate([np.array(posting, dtype=np.int64) for posting in postings]))


def _common(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is in both; all three ascending and distinct."""
    few, many = (left, right) if len(left) < len(right) else (right, left)
    if not len(few):
        return few
    at = many.searchsorted(few)
    at[at == len(many)] = 0
    both: NDArray[np.int64] = few[many[at] == few]
    return both


def _matching(matcher: Matcher, values: dict[str, array[int]]) -> list[str]:
    """The values in use that satisfy a matcher."""
    known = matcher.alternatives()
    if known is not None:
        if matcher.op in {MatchOp.EQUAL, MatchOp.REGEX}:
            return [value for value in known if value in values]
        return [value for value in values if value not in known]
    hits = _regex_hits(matcher.value, values)
    if matcher.op is MatchOp.REGEX:
        return [value for value in values if value in hits]
    return [value for value in values if value not in hits]


def _regex_hits(pattern: str, values: Iterable[str]) -> set[str]:
    """Values that an anchored expression matches; one pass over the joined values when many."""
    listed = list(values)
    if len(listed) < _JOIN_FROM or any("\n" in value for value in listed):
        compiled = full_match(pattern)
        return {value for value in listed if compiled.matches(value)}
    joined = "\n".join(listed).encode()
    scan = Pattern(f"^(?:{pattern})$", multi_line=True)
    hits: set[str] = set()
    compiled = full_match(pattern)
    for match in scan.finditer(joined):
        text = match.group(0).decode()
        hits.update(value for value in text.split("\n") if compiled.matches(value))
    return hits
