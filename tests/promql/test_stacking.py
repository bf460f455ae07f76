"""Frames one below the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from appliance.promql.frame import Frame
from appliance.promql.stacking import stacked
from tests.promql.vectors import frame, shown


def test_rows_follow_in_order_with_histograms_and_marks() -> None:
    plain = frame({"m": [1]})
    marked = replace(frame({"n": ["count:3 sum:5 buckets:[3]"]}), nameless=np.array([True]))
    found = stacked([plain, marked])
    assert list(shown(found).items()) == [("m{}", [1.0]), ("n{}", [(3.0, 5.0)])]
    assert found.nameless is not None
    assert found.nameless.tolist() == [False, True]


def test_frames_without_rows_do_not_count() -> None:
    plain = frame({"m": [1]})
    assert stacked([Frame.empty(1), plain]) is plain
    assert len(stacked([Frame.empty(1), Frame.empty(1)]).labels) == 0
