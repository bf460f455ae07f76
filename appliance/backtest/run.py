"""Backtests one rule: evaluates it over a span, and walks its alerts through their states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.backtest.block import Block
from appliance.backtest.episodes import Found
from appliance.backtest.evaluate import without_failed
from appliance.backtest.states import RunCollector, states_of
from appliance.backtest.stepping import Stepper
from appliance.rules.config import RuleGroup
from appliance.rules.rule_state import RuleState

if TYPE_CHECKING:
    from appliance.backtest.evaluate import Evaluations
    from appliance.backtest.plan import Plan, Span
    from appliance.backtest.states import States
    from appliance.model.labels import Labels
    from appliance.rules.rule_state import Templates

#: What Prometheus says when two series make the same alert.
_SAME = "vector contains metrics with the same labelset after applying alert labels"


def backtest(plan: Plan, span: Span, evaluations: Evaluations, templates: Templates) -> Found:
    """What a rule would have done.

    Raises:
        QueryFailed: It cannot be evaluated at any time.
        LimitExceeded: Its condition comes and goes too often.
        TimedOut: As the guard of the evaluations says.
    """
    found = Found(plan, span)
    if plan.limit or not plan.has_steady_labels:
        states = _step_by_step(found, evaluations, templates)
    else:
        states = _at_once(found, evaluations, templates)
    found.episodes = states.episodes
    found.pending_only = len(states.pending_ms)
    found.longest_pending_ms = int(states.pending_ms.max(initial=0))
    return found


def _at_once(found: Found, evaluations: Evaluations, templates: Templates) -> States:
    plan, collector = found.plan, RunCollector()
    known: dict[Labels, Labels] = {}
    state = _labelling(plan)
    for part, block in evaluations.blocks(plan, found.span):
        for labels in block.labels:
            if labels not in known:
                known[labels] = state.alert_labels(labels, 0.0, templates, part.first_ms)
        named = _named(block, known)
        times, kept = without_failed(part, named)
        _count_failed(found, named)
        collector.add(kept.labels, kept.present, kept.values, times)
    found.series = len(collector.alerts)
    return states_of(collector, int(plan.rule.for_), int(plan.rule.keep_firing_for))


def _step_by_step(found: Found, evaluations: Evaluations, templates: Templates) -> States:
    stepper = Stepper(found.plan, templates)
    for part, block in evaluations.blocks(found.plan, found.span):
        times, kept = without_failed(part, block)
        _count_failed(found, block)
        stepper.add(kept, times)
    found.failed += stepper.failed
    found.error = found.error or stepper.error
    found.series = len(stepper.alerts)
    return stepper.states()


def _count_failed(found: Found, block: Block) -> None:
    found.failed += int(np.count_nonzero(block.failed))
    found.error = found.error or block.error


def _labelling(plan: Plan) -> RuleState:
    state = RuleState.of(plan.rule, RuleGroup(), plan.expr)
    state.labels = plan.labels
    return state


def _named(block: Block, known: dict[Labels, Labels]) -> Block:
    """A block with the labels of alerts; evaluations in which two series make one have failed."""
    names: dict[Labels, int] = {}
    places = [names.setdefault(known[labels], len(names)) for labels in block.labels]
    if len(names) == len(block.labels):
        return Block(list(names), block.present, block.values, block.failed, block.error)
    rows = np.array(places, dtype=np.intp)
    counts = np.zeros((len(names), len(block.failed)), dtype=np.int64)
    np.add.at(counts, rows, block.present)
    values = np.zeros(counts.shape)
    for row, place in enumerate(places):
        values[place, block.present[row]] = block.values[row, block.present[row]]
    clashes = (counts > 1).any(axis=0)
    error = block.error or (_SAME if clashes.any() else "")
    return Block(list(names), counts > 0, values, block.failed | clashes, error)
