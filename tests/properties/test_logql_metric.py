"""Range aggregations against a model that looks at one entry after the other."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.logql import ast
from appliance.logql.engine import Request, evaluate
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.value import Matrix
from tests.random_examples import examples
from tests.sources import Entry, PlainLogs, labels, make_guard

Sample = tuple[int, float]

APP = Matcher("app", MatchOp.EQUAL, "x")


def welford(samples: list[Sample]) -> float:
    mean = spread = 0.0
    for count, (_, value) in enumerate(samples, 1):
        delta = value - mean
        mean += delta / count
        spread += delta * (value - mean)
    return spread / len(samples)


def median_between(samples: list[Sample], fraction: float) -> float:
    values = sorted(value for _, value in samples)
    rank = fraction * (len(values) - 1)
    low = math.floor(rank)
    high = min(len(values) - 1, low + 1)
    return values[low] * (1 - (rank - low)) + values[high] * (rank - low)


def rate_counter(samples: list[Sample], range_ns: int, end_ns: int) -> float:
    if len(samples) < 2:
        return 0.0
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    increase, before = last - first, 0.0
    for _, value in samples:
        increase += before if value < before else 0.0
        before = value
    to_start, sampled = float(first_at - (end_ns - range_ns)), float(last_at - first_at)
    average = sampled / (len(samples) - 1)
    if increase > 0 and first >= 0:
        to_start = min(to_start, sampled * (first / increase))
    reach = sampled
    for edge in (to_start, float(end_ns - last_at)):
        reach += edge if edge < average * 1.1 else average / 2
    return increase * (reach / sampled) / (range_ns / 1e9)


MODELS: dict[str, Callable[[list[Sample]], float]] = {
    "sum_over_time": lambda samples: sum(value for _, value in samples),
    "avg_over_time": lambda samples: sum(value for _, value in samples) / len(samples),
    "min_over_time": lambda samples: min(value for _, value in samples),
    "max_over_time": lambda samples: max(value for _, value in samples),
    "first_over_time": lambda samples: samples[0][1],
    "last_over_time": lambda samples: samples[-1][1],
    "stdvar_over_time": welford,
    "stddev_over_time": lambda samples: math.sqrt(welford(samples)),
    "quantile_over_time": lambda samples: median_between(samples, 0.3),
}
PLAIN = ("count_over_time", "rate", "bytes_over_time", "bytes_rate")

numbers = st.one_of(
    st.integers(-1000, 1000).map(float),
    st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 3)),
)
entries = st.lists(st.tuples(st.integers(0, 400), numbers, st.sampled_from("ab")), max_size=40)


@st.composite
def streams(draw: st.DrawFn) -> dict[Labels, list[Entry]]:
    """Streams of which all entries have times of their own."""
    found, taken = {}, set()
    for pod in draw(st.sets(st.sampled_from("pqr"), max_size=3)):
        made = []
        for at, value, kind in draw(entries):
            if at not in taken:
                taken.add(at)
                made.append(Entry(at, "." * (at % 7), (("k", kind), ("v", repr(value)))))
        found[labels(app="x", pod=pod)] = made
    return found


def key_of(stream: Labels, entry: Entry, grouping: ast.Grouping | None) -> Labels:
    found = Labels.of([*stream, *entry.metadata])
    if grouping is None:
        return found
    return Labels(pair for pair in found if (pair[0] in grouping.labels) != grouping.is_without)


def model(
    data: dict[Labels, list[Entry]], node: ast.RangeAggregation, steps: range
) -> dict[Labels, dict[int, float]]:
    found: dict[Labels, dict[int, float]] = {}
    grouping, unwrap = node.grouping, node.range.unwrap
    if unwrap is not None and (grouping is None or grouping.is_without):
        grouping = ast.Grouping(("v", *(grouping.labels if grouping else ())), is_without=True)
    for step in steps:
        end = step - node.range.offset_ns
        groups: dict[Labels, list[tuple[int, Entry]]] = {}
        for stream, items in data.items():
            for item in items:
                if end - node.range.range_ns < item.time_ns <= end:
                    key = key_of(stream, item, grouping)
                    groups.setdefault(key, []).append((item.time_ns, item))
        for key, items_in in groups.items():
            ordered = [item for _, item in sorted(items_in, key=lambda pair: pair[0])]
            found.setdefault(key, {})[step] = point(node, ordered, end)
    return found


def point(node: ast.RangeAggregation, items: list[Entry], end_ns: int) -> float:
    seconds = node.range.range_ns / 1e9
    if node.op == "count_over_time":
        return float(len(items))
    if node.op in {"bytes_over_time", "bytes_rate"}:
        total = float(sum(len(item.line) for item in items))
        return total / seconds if node.op == "bytes_rate" else total
    if node.op == "rate" and node.range.unwrap is None:
        return len(items) / seconds
    samples = [(item.time_ns, float(dict(item.metadata)["v"])) for item in items]
    if node.op == "rate":
        return sum(value for _, value in samples) / seconds
    if node.op == "rate_counter":
        return rate_counter(samples, node.range.range_ns, end_ns)
    return MODELS[node.op](samples)


groupings = st.sampled_from(
    [
        None,
        ast.Grouping(),
        ast.Grouping(("k",)),
        ast.Grouping(("nosuch", "pod")),
        ast.Grouping(("pod",), is_without=True),
    ]
)


@st.composite
def aggregations(draw: st.DrawFn) -> ast.RangeAggregation:
    op = draw(st.sampled_from([*MODELS, *PLAIN, "rate_counter", "unwrapped rate"]))
    unwrap = None if op in PLAIN else ast.Unwrap("v")
    op = op.removeprefix("unwrapped ")
    wanted = ast.LogRange(
        ast.Pipeline((APP,)), draw(st.integers(1, 150)), unwrap, draw(st.integers(-60, 60))
    )
    grouping = draw(groupings) if unwrap is not None and not op.startswith("rate") else None
    return ast.RangeAggregation(op, wanted, 0.3 if op.startswith("q") else None, grouping)


@examples(300)
@given(streams(), aggregations(), st.integers(1, 130), st.integers(0, 300), st.integers(1, 10))
def test_windows_hold_what_the_model_says(
    data: dict[Labels, list[Entry]],
    node: ast.RangeAggregation,
    step: int,
    start: int,
    chunk_size: int,
) -> None:
    start = start // step * step
    request = Request(start, start + 3 * step, step_ns=step, max_series=1000)
    found = evaluate(node, PlainLogs(data, chunk_size), request, make_guard()).value
    assert isinstance(found, Matrix)
    expected = model(data, node, range(start, start + 3 * step + 1, step))
    assert [series[0] for series in found.series] == sorted(expected)
    for labels_, times, values in found.series:
        points = expected[labels_]
        # Times are printed in milliseconds, and these are nanoseconds.
        assert len(times) == len(points)
        np.testing.assert_allclose(values, list(points.values()), rtol=1e-9, atol=1e-9)


@examples(100)
@given(streams(), st.integers(1, 150), st.integers(0, 400), st.integers(1, 10))
def test_a_sum_groups_what_it_sums_over(
    data: dict[Labels, list[Entry]], range_ns: int, at: int, chunk_size: int
) -> None:
    """Grouping at once gives what grouping afterwards gives."""
    inner = ast.RangeAggregation("count_over_time", ast.LogRange(ast.Pipeline((APP,)), range_ns))
    same = ast.LabelReplace(inner, "none", "", "none", "x+")
    logs, request = PlainLogs(data, chunk_size), Request(at, at)
    for grouping in (None, ast.Grouping(("k",)), ast.Grouping(("k", "v"), is_without=True)):
        outer = [ast.VectorAggregation("sum", one, grouping=grouping) for one in (inner, same)]
        fast, slow = (evaluate(one, logs, request, make_guard()).value for one in outer)
        assert str(fast) == str(slow)
