"""PromQL: the engine agrees with a plain-list model."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import STALE, is_stale
from appliance.model.value import Matrix
from appliance.promql.ast import Modifiers, VectorSelector
from appliance.promql.engine import evaluate
from tests.random_examples import examples
from tests.sources import PlainSeries, labels, make_guard

values = st.floats(allow_nan=True, width=32) | st.just(float(STALE))
points = st.dictionaries(st.integers(0, 60), values, max_size=20)


@examples(60)
@given(
    st.lists(points, min_size=1, max_size=5),
    st.integers(-5, 60),
    st.integers(1, 9),
    st.integers(1, 20),
    st.integers(-5, 5),
)
def test_steps_see_the_last_sample_within_the_lookback(
    rows: list[dict[int, float]], start: int, step: int, lookback: int, offset: int
) -> None:
    data = {labels(name="x", row=str(row)): found for row, found in enumerate(rows)}
    selector = VectorSelector("x", (Matcher("__name__", MatchOp.EQUAL, "x"),), Modifiers(offset))
    result = evaluate(
        selector,
        PlainSeries(data, group_size=3),
        start_ms=start,
        end_ms=start + 30,
        step_ms=step,
        lookback_ms=lookback,
        guard=make_guard(),
    )
    assert isinstance(result.value, Matrix)
    got = {
        item: dict(zip(times.tolist(), values.tolist(), strict=True))
        for item, times, values in result.value.series
    }
    expected = {}
    for item, samples in data.items():
        found = {}
        for at in range(start, start + 31, step):
            near = [t for t in samples if at - offset - lookback < t <= at - offset]
            if near and not is_stale(np.array([samples[max(near)]]))[0]:
                found[at] = samples[max(near)]
        if found:
            expected[item] = found
    assert repr(got) == repr(dict(sorted(expected.items())))
