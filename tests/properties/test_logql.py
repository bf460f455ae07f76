"""LogQL: the engine agrees with a plain-list model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.logql.ast import FilterOp, FilterText, LineFilter, Pipeline
from appliance.logql.engine import Request, evaluate
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.value import Streams
from tests.random_examples import examples
from tests.sources import Entry, PlainLogs, labels, make_guard

lines = st.text(alphabet="ab\nü", max_size=6)
filters = st.lists(
    st.builds(
        LineFilter,
        st.sampled_from([FilterOp.CONTAINS, FilterOp.LACKS]),
        st.tuples(st.builds(FilterText, st.text(alphabet="ab\nü", max_size=2))),
    ),
    max_size=3,
)


def passes(stage: LineFilter, line: str) -> bool:
    return (stage.texts[0].text in line) == (stage.op is FilterOp.CONTAINS)


@examples(100)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), lines), max_size=30),
    filters,
    st.integers(1, 12),
    st.booleans(),
    st.integers(1, 5),
)
def test_agrees_with_a_loop_over_lines(
    rows: list[tuple[int, int, str]],
    stages: list[LineFilter],
    limit: int,
    backward: bool,  # noqa: FBT001 - given by hypothesis
    chunk_size: int,
) -> None:
    data: dict[str, list[Entry]] = {}
    for stream, at, line in rows:
        data.setdefault(str(stream), []).append(Entry(at, line))
    logs = PlainLogs(
        {labels(app="x", pod=pod): entries for pod, entries in data.items()}, chunk_size
    )
    query = Pipeline((Matcher("app", MatchOp.EQUAL, "x"),), tuple(stages))
    request = Request(2, 25, limit=limit, backward=backward)
    found = evaluate(query, logs, request, make_guard()).value
    assert isinstance(found, Streams)
    got = [(at, line) for s in found.streams for at, line, _, _ in s.entries]
    every = [
        (at, line)
        for _, at, line in rows
        if 2 <= at < 25 and all(passes(stage, line) for stage in stages)
    ]
    best = sorted((at for at, _ in every), reverse=backward)[:limit]
    assert sorted((at for at, _ in got), reverse=backward) == best
    assert all(got.count(hit) <= every.count(hit) for hit in got)
    for item in found.streams:
        times = [at for at, *_ in item.entries]
        assert times == sorted(times, reverse=backward)
