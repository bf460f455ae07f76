"""The same as `states.py`, one evaluation after the other, by the very state machine of rules.

For rules whose labels change with the value, and for those whose group has a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.backtest.episodes import Episode
from appliance.backtest.states import States
from appliance.base.errors import ApplianceError
from appliance.model.value import QueryResult, Vector
from appliance.rules.alert import AlertState
from appliance.rules.config import RuleGroup
from appliance.rules.rule_state import RuleState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.backtest.block import Block
    from appliance.backtest.plan import Plan
    from appliance.model.labels import Labels
    from appliance.rules.alert import Alert
    from appliance.rules.rule_state import Templates


@dataclass(slots=True)
class Stepper:
    """Takes evaluations one after the other.

    Attributes:
        failed: Evaluations that failed; `error` of the first of them.
    """

    plan: Plan
    templates: Templates
    failed: int = 0
    error: str = ""
    _state: RuleState = field(init=False)
    _bounds: dict[Labels, tuple[float, float]] = field(default_factory=dict)
    _episodes: list[Episode] = field(default_factory=list)
    _pending_ms: list[int] = field(default_factory=list)
    _seen: dict[Labels, int] = field(default_factory=dict)
    alerts: set[Labels] = field(default_factory=set)

    def __post_init__(self) -> None:
        rule = replace(self.plan.rule, annotations={})
        self._state = RuleState.of(rule, RuleGroup(), self.plan.expr)
        self._state.labels = self.plan.labels
        if self._state.alerts is not None:
            self._state.alerts.restored = False  # spares the series that nobody wants

    def add(self, block: Block, times_ms: NDArray[np.int64]) -> None:
        """Take the next evaluations; none of them has failed as far as the expression goes."""
        for column, at_ms in enumerate(times_ms.tolist()):
            rows = np.flatnonzero(block.present[:, column])
            labels = [block.labels[row] for row in rows.tolist()]
            self._step(Vector(at_ms, labels, block.values[rows, column]), at_ms)

    def _step(self, vector: Vector, at_ms: int) -> None:
        alerts = self._state.alerts
        assert alerts is not None  # noqa: S101 - plans are about alerts
        before = list(self._active()) if self.plan.limit else []
        try:
            self._state.evaluate(
                lambda *_: QueryResult(vector), self.templates, at_ms, limit=self.plan.limit
            )
        except ApplianceError as error:
            self.failed += 1
            self.error = self.error or error.message
            self._fail(before, at_ms)
            return
        for changed in alerts.take_changed():
            self._note(changed, at_ms)
        for alert in alerts.by_labels.values():
            if alert.state is not AlertState.INACTIVE and not alert.keep_firing_since_ms:
                self._see(alert, at_ms)

    def _fail(self, before: Sequence[Alert], at_ms: int) -> None:
        """Over the limit all alerts are forgotten; otherwise they stay as they are."""
        if self._state.alerts is not None and not self._state.alerts.by_labels:
            self._state.alerts.take_changed()
            for alert in before:
                self._close(alert, at_ms)

    def _see(self, alert: Alert, at_ms: int) -> None:
        low, high = self._bounds.get(alert.labels, (np.nan, np.nan))
        value = alert.value
        self._bounds[alert.labels] = float(np.fmin(low, value)), float(np.fmax(high, value))
        self._seen[alert.labels] = at_ms

    def _note(self, alert: Alert, at_ms: int) -> None:
        self.alerts.add(alert.labels)
        if alert.state is AlertState.PENDING:
            self._bounds.pop(alert.labels, None)
        elif alert.state is AlertState.INACTIVE:
            self._close(alert, at_ms)

    def _close(self, alert: Alert, ended_ms: int) -> None:
        if not alert.fired_ms:
            self._pending_ms.append(self._seen.get(alert.labels, alert.active_ms) - alert.active_ms)
            return
        low, high = self._bounds.get(alert.labels, (np.nan, np.nan))
        self._episodes.append(
            Episode(alert.labels, alert.active_ms, alert.fired_ms, ended_ms, high, low)
        )

    def states(self) -> States:
        """What alerts have done; those that are active are left where they are."""
        for alert in self._active():
            self._close(alert, 0)
        self._episodes.sort(key=lambda one: (one.fired_ms, one.labels))
        return States(self._episodes, np.array(self._pending_ms, dtype=np.int64))

    def _active(self) -> Iterator[Alert]:
        alerts = self._state.alerts
        if alerts is not None:
            yield from (
                one for one in alerts.by_labels.values() if one.state is not AlertState.INACTIVE
            )
