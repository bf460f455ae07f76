"""Labels of entries that come with facts of their own: relabelled once for each set of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.relabel import relabel_builder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.relabel import RelabelConfig

#: Sets of facts that are remembered.
_REMEMBERED = 10_000


class EntryLabels:
    """Applies a job's `relabel_configs` to what is known of an entry.

    Args:
        steps: The job's relabelling.
        own: Labels that every entry has, whatever its facts say.
    """

    def __init__(self, steps: Sequence[RelabelConfig], own: Mapping[str, str]) -> None:
        self._steps = steps
        self._own = dict(own)
        self._known: dict[tuple[tuple[str, str], ...], dict[str, str] | None] = {}

    def uses(self, name: str) -> bool:
        """Whether a fact may make a difference."""
        return any(
            name in step.source_labels or (not step.source_labels and "map" in step.action.value)
            for step in self._steps
        )

    def of(self, facts: Mapping[str, str]) -> dict[str, str] | None:
        """Labels for an entry, to be changed by nobody; None when relabelling drops it."""
        key = tuple(facts.items())
        try:  # in any thread: another one may empty it at any time
            return self._known[key]
        except KeyError:
            made = self._make(facts)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = made
        return made

    def _make(self, facts: Mapping[str, str]) -> dict[str, str] | None:
        builder = {name: value for name, value in {**facts, **self._own}.items() if value}
        if not relabel_builder(builder, self._steps):
            return None
        return {name: value for name, value in builder.items() if not name.startswith("__")}
