"""Which of many silences match an alert, without asking each of them.

A silence is filed under a value one of its matchers demands (`a="b"`, `a=~"b|c"`), else under the
name of a label that must be there, else with the rest, which is always asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.model.matcher import MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.silence import Silence

#: Values whose silences, of those filed under a name, are remembered.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    matchers: tuple[Matcher, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.matches(labels.get(matcher.name, "")) for matcher in self.matchers)


class SilenceIndex:
    """Silences by what they demand of labels."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._by_pair: dict[tuple[str, str], list[_Entry]] = {}
        self._by_name: dict[str, list[tuple[Matcher, _Entry]]] = {}
        self._rest: list[_Entry] = []
        self._remembered: dict[tuple[str, str], list[_Entry]] = {}
        for silence in silences:
            self.add(silence)

    def add(self, silence: Silence) -> None:
        """File a silence; it is not in the index yet."""
        entry = _Entry(silence.id, silence.matchers)
        pairs = self._smallest(silence.matchers)
        for pair in pairs:
            self._by_pair.setdefault(pair, []).append(entry)
        if pairs:
            return
        for matcher in silence.matchers:
            if not matcher.matches(""):
                self._by_name.setdefault(matcher.name, []).append((matcher, entry))
                self._remembered.clear()
                return
        self._rest.append(entry)

    def matching(self, labels: Labels) -> list[str]:
        """Ids of the silences whose matchers all hold, in no order."""
        found = list(self._rest)
        for pair in labels:
            found += self._by_pair.get(pair, ())
            if pair[0] in self._by_name:
                found += self._of_value(pair)
        values = dict(labels)
        return [entry.id for entry in found if entry.matches(values)]

    def _smallest(self, matchers: tuple[Matcher, ...]) -> list[tuple[str, str]]:
        """The pairs of one matcher, one of which is demanded, that share places with fewest."""
        best: list[tuple[str, str]] = []
        fewest = 0
        for matcher in matchers:
            values = _demanded(matcher)
            pairs = [(matcher.name, value) for value in sorted(values)]
            others = sum(len(self._by_pair.get(pair, ())) + 1 for pair in pairs)
            if pairs and (not best or others < fewest):
                best, fewest = pairs, others
        return best

    def _of_value(self, pair: tuple[str, str]) -> list[_Entry]:
        found = self._remembered.get(pair)
        if found is None:
            name, value = pair
            found = [entry for matcher, entry in self._by_name[name] if matcher.matches(value)]
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[pair] = found
        return found


def _demanded(matcher: Matcher) -> frozenset[str]:
    """The values of which a label must have one; empty when it cannot be told."""
    if matcher.op not in {MatchOp.EQUAL, MatchOp.REGEX}:
        return frozenset()
    values = matcher.alternatives() or frozenset()
    return frozenset() if "" in values else values
