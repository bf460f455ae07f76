"""Instant queries by text."""

from __future__ import annotations

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput
from appliance.query.limits import QueryLimits
from appliance.rules.queries import Queries
from tests.promql.memory_source import loaded, shown


def test_a_query_at_a_time() -> None:
    source = loaded("load 1m\n up 1 2 3 4 5 6 7 8 9")
    queries = Queries(lambda: source, ManualClock(), QueryLimits(), subquery_step_ms=lambda: 30_000)
    assert shown(queries.ask("up", 60_000)) == [({"__name__": "up"}, [2.0])]
    assert shown(queries.ask("count_over_time(up[3m:])", 240_000)) == [({}, [6.0])]
    with pytest.raises(BadInput, match="parse error"):
        queries.ask("up{", 0)
