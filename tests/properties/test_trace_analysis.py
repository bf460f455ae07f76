"""Laws of critical paths and comparisons, for any spans."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from appliance.traces.compare import compare
from appliance.traces.critical_path import critical_path, time_on_path
from appliance.traces.trace import TraceSpan, parents_of

_IDS = st.integers(1, 12).map(lambda number: number.to_bytes(8))
_SPANS = st.lists(
    st.builds(
        lambda one, parent, name, kind, start, length: TraceSpan(
            one, parent, "s", name, kind, start, start + length
        ),
        _IDS,
        st.one_of(st.just(b""), _IDS),
        st.sampled_from("ab"),
        st.sampled_from([0, 1, 2, 3, 4, 5]),
        st.integers(0, 50),
        st.integers(0, 40),
    ),
    max_size=14,
)


@given(_SPANS)
def test_a_path_covers_its_root_once(spans: list[TraceSpan]) -> None:
    sections = critical_path(spans)
    parents = parents_of(spans)
    roots = [span for span, parent in zip(spans, parents, strict=True) if parent < 0]
    if not roots:
        assert not spans
        return
    root = min(roots, key=lambda span: (span.start_ns, -span.end_ns))
    assert sum(time_on_path(sections).values()) == root.duration_ns
    for one, other in itertools.pairwise(sections):
        assert one.end_ns == other.start_ns
        assert one.span != other.span
    for section in sections:
        span = spans[section.span]
        assert span.start_ns <= section.start_ns < section.end_ns <= span.end_ns
    if sections:
        assert (sections[0].start_ns, sections[-1].end_ns) == (root.start_ns, root.end_ns)


@given(_SPANS)
def test_every_span_has_a_root(spans: list[TraceSpan]) -> None:
    parents = parents_of(spans)
    for place in range(len(spans)):
        at = place
        for _ in range(len(spans)):
            at = parents[at] if at >= 0 else at
        assert at == -1


@given(_SPANS, _SPANS)
def test_a_comparison_has_every_span_once(first: list[TraceSpan], second: list[TraceSpan]) -> None:
    rows = compare(first, second)
    assert sorted(row.first for row in rows if row.first is not None) == list(range(len(first)))
    assert sorted(row.second for row in rows if row.second is not None) == list(range(len(second)))
    for row in rows:
        if row.first is not None and row.second is not None:
            assert first[row.first].name == second[row.second].name
    mirrored = compare(second, first)
    assert sum(row.first is not None and row.second is not None for row in rows) == sum(
        row.first is not None and row.second is not None for row in mirrored
    )


@given(_SPANS)
def test_a_trace_is_like_itself(spans: list[TraceSpan]) -> None:
    assert all(row.first is not None and row.second is not None for row in compare(spans, spans))
