"""limitk and limit_ratio."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import QueryFailed
from appliance.promql.aggregation import aggregate
from appliance.promql.ast import Aggregate, NumberLiteral
from appliance.promql.frame import Frame
from tests.promql.vectors import NAN, VECTOR, context, frame, shown, texts

HISTOGRAM = "count:3 sum:5 buckets:[3]"


def run(op: str, vector: Frame, param: list[float], around: object = None) -> Frame:
    expr = Aggregate(op, VECTOR, NumberLiteral(0.0, position=12))
    return aggregate(expr, vector, np.array(param), around or context(len(param)))  # type: ignore[arg-type]


def _many(count: int, steps: int) -> Frame:
    return frame({f'm{{a="{number}"}}': [number] * steps for number in range(count)})


def test_limitk_takes_the_first_at_each_step() -> None:
    vector = frame({"m": [None, 1, 2], "n": [HISTOGRAM, 3, 4], "o": [5, None, 6]})
    found = shown(run("limitk", vector, [1.0, 2.7, 0.0]))
    assert found == {"m{}": [None, 1.0, None], "n{}": [(3.0, 5.0), 3.0, None]}


def test_ratios_and_their_complements_share_the_series() -> None:
    vector = _many(200, 1)
    for ratio in (0.1, 0.5, 0.8):
        one = set(shown(run("limit_ratio", vector, [ratio])))
        other = set(shown(run("limit_ratio", vector, [ratio - 1])))
        assert not one & other
        assert len(one | other) == 200
        assert abs(len(one) - 200 * ratio) < 30


def test_the_ratio_counts_at_each_step() -> None:
    found = run("limit_ratio", _many(10, 3), [1.0, 0.0, -1.0])
    assert found.present.all(axis=0).tolist() == [True, False, True]


def test_ratios_out_of_bounds_are_capped_with_a_warning() -> None:
    around = context(2, text="limit_ratio(1.1, x)")
    assert len(run("limit_ratio", _many(5, 2), [1.1, -3.0], around).labels) == 5
    text = "PromQL warning: ratio value should be between -1 and 1, got"
    assert texts(around) == [
        f"{text} 1.1, capping to 1 (1:13)",
        f"{text} -3, capping to -1 (1:13)",
    ]


def test_a_ratio_must_be_a_number() -> None:
    with pytest.raises(QueryFailed, match="Ratio value is NaN"):
        run("limit_ratio", _many(1, 2), [NAN, 1.0])
