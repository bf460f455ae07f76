"""Runs of evaluations become episodes, as the state machine of rules has it."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.backtest.episodes import Episode
from appliance.backtest.states import RunCollector, States, states_of
from appliance.model.labels import Labels
from appliance.rules.alert import Alert, Alerts, AlertState
from tests.random_examples import examples

STEP_MS = 60_000
START_MS = 1_700_000_040_000


def collected(rows: list[list[float | None]], *, cuts: tuple[int, ...] = ()) -> RunCollector:
    """Rows of values, None for absent, handed over in blocks that end at `cuts`."""
    collector = RunCollector()
    width = len(rows[0])
    times = START_MS + STEP_MS * np.arange(width, dtype=np.int64)
    values = np.array([[0.0 if one is None else one for one in row] for row in rows])
    present = np.array([[one is not None for one in row] for row in rows])
    labels = [Labels.of({"row": str(row)}) for row in range(len(rows))]
    for start, end in itertools.pairwise([0, *cuts, width]):
        collector.add(labels, present[:, start:end], values[:, start:end], times[start:end])
    return collector


def stepped(
    rows: list[list[float | None]], hold_ms: int, keep_ms: int
) -> tuple[list[tuple[Labels, int, int, int]], list[int]]:
    """Episodes and pending spans by the state machine itself."""
    alerts = Alerts(hold_ms, keep_ms)
    episodes: list[tuple[Labels, int, int, int]] = []
    pending: list[int] = []
    seen: dict[Labels, int] = {}

    def close(alert: Alert, ended_ms: int) -> None:
        if alert.fired_ms:
            episodes.append((alert.labels, alert.active_ms, alert.fired_ms, ended_ms))
        else:
            pending.append(seen[alert.labels] - alert.active_ms)

    for step in range(len(rows[0])):
        at_ms = START_MS + STEP_MS * step
        found: dict[Labels, tuple[float, dict[str, str]]] = {
            Labels.of({"row": str(row)}): (value, {})
            for row, values in enumerate(rows)
            if (value := values[step]) is not None
        }
        alerts.update(found, at_ms)
        for alert in alerts.take_changed():
            if alert.state is AlertState.INACTIVE:
                close(alert, at_ms)
        seen |= dict.fromkeys(found, at_ms)
    for alert in alerts.active:
        close(alert, 0)
    return sorted(episodes, key=lambda one: (one[2], one[0])), sorted(pending)


def plain(states: States) -> list[tuple[Labels, int, int, int]]:
    return [(one.labels, one.active_ms, one.fired_ms, one.ended_ms) for one in states.episodes]


values = st.one_of(st.none(), st.just(1.0), st.just(float("nan")), st.floats(-5, 5))
matrices = st.integers(1, 40).flatmap(
    lambda width: st.lists(st.lists(values, min_size=width, max_size=width), min_size=1, max_size=4)
)
spans = st.integers(0, 6).map(lambda steps: steps * STEP_MS // 2)


@examples(150)
@given(matrices, spans, spans, st.integers(1, 39))
def test_all_at_once_is_what_step_by_step_gives(
    rows: list[list[float | None]], hold_ms: int, keep_ms: int, cut: int
) -> None:
    cuts = (cut,) if cut < len(rows[0]) else ()
    states = states_of(collected(rows, cuts=cuts), hold_ms, keep_ms)

    episodes, pending = stepped(rows, hold_ms, keep_ms)

    assert plain(states) == episodes
    assert sorted(states.pending_ms.tolist()) == pending


def only(rows: list[list[float | None]], hold_ms: int, keep_ms: int) -> Episode:
    (found,) = states_of(collected(rows), hold_ms, keep_ms).episodes
    return found


def test_most_and_least_are_of_all_evaluations_of_an_episode() -> None:
    found = only([[None, 3.0, 7.0, None, 5.0, 1.0, None, None]], STEP_MS, 2 * STEP_MS)

    assert (found.max_value, found.min_value) == (7.0, 1.0)


def test_an_alert_that_still_fires_has_no_end() -> None:
    assert only([[None, 1.0, 1.0]], STEP_MS, 0).ended_ms == 0


def test_nothing_gives_nothing() -> None:
    states = states_of(RunCollector(), 0, 0)

    assert states.episodes == []
    assert states.pending_ms.tolist() == []


def test_evaluations_that_failed_are_no_gaps() -> None:
    collector = RunCollector()
    labels = [Labels.of({"a": "b"})]
    times = START_MS + STEP_MS * np.array([0, 1, 3, 4], dtype=np.int64)  # the third one failed
    collector.add(labels, np.ones((1, 4), np.bool_), np.ones((1, 4)), times)

    (found,) = states_of(collector, 4 * STEP_MS, 0).episodes

    assert (found.active_ms, found.fired_ms) == (times[0], times[3])
