"""The best entries of many chunks, which are made once it is known which they are."""

from __future__ import annotations

import pytest

from appliance.logql.engine import Request, evaluate
from appliance.logql.parser import parse
from appliance.model.value import Streams
from tests.sources import Entry, PlainLogs, labels, make_guard

#: Enough in each chunk that entries are made late.
COUNT = 400
STREAMS = {
    labels(app="x", pod=f"p{number}"): [
        Entry(3 * at + number, f'{{"n":{at}}}', (("trace", f"{number}-{at}"),))
        for at in range(COUNT if number < 3 else 10)
    ]
    for number in range(4)
}


@pytest.mark.parametrize("backward", [True, False])
@pytest.mark.parametrize("limit", [1, 300, 1500])
@pytest.mark.parametrize("stages", ["", "| json", '|= "1"', '| json | n=~".*7.*"'])
def test_the_best_of_all_chunks(stages: str, limit: int, *, backward: bool) -> None:
    request = Request(0, 10_000, limit=limit, backward=backward)
    found = evaluate(
        parse(f'{{app="x"}} {stages}'), PlainLogs(STREAMS), request, make_guard()
    ).value
    assert isinstance(found, Streams)

    needle = {"": "", "| json": "", '|= "1"': "1"}.get(stages, "7")
    expected = sorted(
        (
            (one.time_ns, stream.get("pod"), one.line, one.metadata)
            for stream, entries in STREAMS.items()
            for one in entries
            if needle in one.line
        ),
        reverse=backward,
    )
    rows = sorted(
        (
            (time, one.labels.get("pod"), line, tuple(metadata))
            for one in found.streams
            for time, line, metadata, _ in one.entries
        ),
        reverse=backward,
    )
    assert len(rows) == min(limit, len(expected))
    assert {row[0] for row in rows} <= {row[0] for row in expected[: limit + 3]}
    assert set(rows) <= set(expected)
    assert request.statistics.entries == len(rows)
