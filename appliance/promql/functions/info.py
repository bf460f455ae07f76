"""info: labels of info metrics such as target_info beside those of other series.

A series and an info series belong together when they agree on `instance` and `job`. The second
argument is not a selector but says which labels to add, and, by `__name__`, which info metrics.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import METRIC_NAME, Call, Expr, VectorSelector
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of
from appliance.promql.go_format import labels_text
from appliance.promql.invariant import unwrapped
from appliance.promql.names import merged
from appliance.promql.selector import instant_with_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard, SeriesSource
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

    Evaluate = Callable[[Expr, Context], Value]
    Rows = NDArray[np.intp]

_IDENTIFYING = ("instance", "job")
_TARGET_INFO = Matcher(METRIC_NAME, MatchOp.EQUAL, "target_info")
_ANY_INFO = Matcher(METRIC_NAME, MatchOp.REGEX, ".+_info")
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")


def _info(call: Call, context: Context, evaluate: Evaluate) -> Frame:
    frame = frame_of(evaluate(call.args[0], context))
    wanted = _Wanted.of(call)
    is_info = [wanted.is_info(labels.get(METRIC_NAME)) for labels in frame.labels]
    identifying = [
        Matcher(name, MatchOp.REGEX, "|".join(map(_quoted, sorted(values))))
        for name in _IDENTIFYING
        if (values := {labels.get(name) for labels in _others(frame, is_info)} - {""})
    ]
    chosen: Mapping[str, Mapping[tuple[str, ...], Rows]] = {}
    infos: Sequence[Labels] = ()
    if identifying:
        matchers = (*identifying, *wanted.all_data(), *wanted.names)
        found, times = _selected(call.args[0], matchers, context)
        infos = found.labels
        chosen = _newest(found, times, where=np.any(frame.present, axis=0, keepdims=True)[0])
    return _joined(frame, is_info, _Join(chosen, infos, wanted))


def _others(frame: Frame, is_info: Sequence[bool]) -> Iterator[Labels]:
    return (labels for labels, skip in zip(frame.labels, is_info, strict=True) if not skip)


def _quoted(text: str) -> str:
    """A text as a regular expression that matches it alone (Go's QuoteMeta)."""
    return "".join("\\" + char if char in _SPECIAL else char for char in text)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the second argument asks for.

    Attributes:
        names: Conditions on the info metric's name.
        data: Conditions on labels to add, by label; empty for all labels.
    """

    names: tuple[Matcher, ...]
    data: Mapping[str, Sequence[Matcher]]

    @classmethod
    def of(cls, call: Call) -> _Wanted:
        data: dict[str, list[Matcher]] = defaultdict(list)
        if len(call.args) > 1:
            selector = unwrapped(call.args[1])
            for matcher in selector.matchers if isinstance(selector, VectorSelector) else ():
                data[matcher.name].append(matcher)
        names = tuple(data.pop(METRIC_NAME, ()))
        if not names:
            names = (_TARGET_INFO,)
        elif all(matcher.op in {MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX} for matcher in names):
            # What is excluded alone would leave all series there are.
            names = (_ANY_INFO, *names)
        return cls(names, data)

    def is_info(self, name: str) -> bool:
        """Whether a metric is one of those that labels are taken from."""
        return all(matcher.matches(name) for matcher in self.names)

    def all_data(self) -> Iterator[Matcher]:
        return (matcher for matchers in self.data.values() for matcher in matchers)

    def takes(self, name: str) -> bool:
        """Whether a label is to be added."""
        return name != METRIC_NAME and (not self.data or name in self.data)

    def may_lack(self) -> bool:
        """Whether a series without an info series stays."""
        return all(matcher.matches("") for matcher in self.all_data())


def _selected(
    argument: Expr, matchers: tuple[Matcher, ...], context: Context
) -> tuple[Frame, NDArray[np.float64]]:
    """The info series at the steps, of samples from the time the argument's selector looks at."""
    first, last = int(context.steps_ms[0]), int(context.steps_ms[-1])
    selector = _first_selector(argument)
    offset_ms = 0
    if selector is not None:
        offset_ms = selector.modifiers.offset_ms
        if selector.modifiers.at_ms is not None:
            first = last = selector.modifiers.at_ms
    start_ms, end_ms = first - context.lookback_ms + 1 - offset_ms, last - offset_ms
    source: Any = _CutSource(context.source, start_ms, end_ms)
    found, times = instant_with_times(VectorSelector("", matchers), replace(context, source=source))
    if found.histograms is not None:
        row = int(found.is_histogram.any(axis=1).argmax())
        shown = labels_text(found.labels[row])
        raise QueryFailed(f"this should be an info metric, with float samples: {shown}")
    return found, times


def _first_selector(expr: Expr) -> VectorSelector | None:
    if isinstance(expr, VectorSelector):
        return expr
    found = (_first_selector(child) for child in expr.children())
    return next((selector for selector in found if selector is not None), None)


class _CutSource:
    """A source that knows samples of a time range only; both ends included."""

    def __init__(self, source: SeriesSource, start_ms: int, end_ms: int) -> None:
        self._source = source
        self._start_ms, self._end_ms = start_ms, end_ms

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> Iterable[SeriesGroup]:
        start_ms, end_ms = max(start_ms, self._start_ms), min(end_ms, self._end_ms)
        return [] if end_ms < start_ms else self._source.select(matchers, start_ms, end_ms, guard)


def _newest(
    infos: Frame, times: NDArray[np.float64], *, where: NDArray[np.bool_]
) -> Mapping[str, Mapping[tuple[str, ...], Rows]]:
    """By metric name and identifying labels: at each step the row with the newest sample, or -1.

    where: bool[step], steps that matter.
    """
    members: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for row, labels in enumerate(infos.labels):
        members[labels.get(METRIC_NAME), _identity(labels)].append(row)
    found: dict[str, dict[tuple[str, ...], Rows]] = defaultdict(dict)
    for name, identity in sorted(members):
        rows = np.array(members[name, identity], dtype=np.intp)
        seen = np.where(infos.present[rows], times[rows], -np.inf)
        best = seen.max(axis=0)
        is_best = (seen == best) & (best > -np.inf)
        ties = (is_best.sum(axis=0) > 1) & where
        if ties.any():
            _refuse(infos, rows[is_best[:, ties.argmax()]], float(best[ties.argmax()]))
        found[name][identity] = np.where(best > -np.inf, rows[is_best.argmax(axis=0)], -1)
    return found


def _identity(labels: Labels) -> tuple[str, ...]:
    return tuple(labels.get(name) for name in _IDENTIFYING)


def _refuse(infos: Frame, rows: Rows, seconds: float) -> None:
    one, other = (labels_text(infos.labels[row]) for row in rows[:2].tolist())
    time_ms = round(seconds * 1000)
    raise QueryFailed(
        "found duplicate series for info metric:"
        f" existing {one} @ {time_ms}, new {other} @ {time_ms}"
    )


@dataclass(frozen=True, slots=True)
class _Join:
    """Info series to join with.

    Attributes:
        chosen: As `_newest` gives it.
        infos: Labels by row.
    """

    chosen: Mapping[str, Mapping[tuple[str, ...], Rows]]
    infos: Sequence[Labels]
    wanted: _Wanted

    def variants(self, labels: Labels, present: NDArray[np.bool_]) -> Iterator[Any]:
        """The labels a series gets and the steps at which it does: (Labels, bool[step])."""
        identity = _identity(labels)
        rows = [
            by_identity[identity] for by_identity in self.chosen.values() if identity in by_identity
        ]
        if not rows:
            if self.wanted.may_lack():
                yield labels, present
            return
        table = np.stack(rows)
        for combination in np.unique(table[:, present], axis=1).T:
            mask = present & (table == combination[:, np.newaxis]).all(axis=0)
            used = combination[combination >= 0].tolist()
            if used or self.wanted.may_lack():
                yield self._extended(labels, used), mask

    def _extended(self, labels: Labels, rows: Sequence[int]) -> Labels:
        added: dict[str, str] = {}
        own = dict(labels)
        for row in rows:
            for name, value in self.infos[row]:
                if not self.wanted.takes(name):
                    continue
                if added.get(name, value) != value:
                    raise QueryFailed(f"conflicting label: {name}")
                if name not in own:
                    added[name] = value
        return labels.extended(added) if added else labels


def _joined(frame: Frame, is_info: Sequence[bool], join: _Join) -> Frame:
    rows: list[int] = []
    labels: list[Labels] = []
    masks: list[NDArray[np.bool_]] = []
    for row, item in enumerate(frame.labels):
        present = frame.present[row]
        if not present.any():
            continue
        variants = [(item, present)] if is_info[row] else join.variants(item, present)
        for extended, mask in variants:
            rows.append(row)
            labels.append(extended)
            masks.append(mask)
    if not rows:
        return Frame.empty(frame.present.shape[1])
    taken = frame.take(np.array(rows, dtype=np.intp))
    return merged(replace(taken, labels=labels, present=np.stack(masks)))


LAZY: Mapping[str, Callable[[Call, Context, Evaluate], Value]] = {"info": _info}
