"""Is everything that senders were told is stored there, exactly once?"""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Mapping

from appliance.testing import Appliance
from tests.faults.senders import FIRST_SAMPLE_MS, LONG_TRACE, LONG_TRACE_NS, Sender, long_trace_id
from tests.reading import get_json, log_lines, query, trace_spans

LISTENERS = ("prometheus", "loki", "tempo", "otlp_http", "otlp_grpc")
#: Heads are sealed all the time, so that a kill also hits seals.
BUSY_SEALING = (
    "--set", "storage.seal_interval=100ms",
    "--set", "storage.seal_always=true",
)  # fmt: skip


def check(server: Appliance, senders: Mapping[str, Sender], chosen: random.Random) -> None:
    """What one round's senders sent, and nothing else of that round."""
    check_lines(server, senders["logs"].acknowledged)
    check_samples(server, senders["metrics"].acknowledged)
    check_spans(server, senders["traces"].acknowledged, chosen)
    check_long_traces(server, senders["long traces"].acknowledged, chosen)


def check_lines(server: Appliance, acknowledged: list[int]) -> None:
    low, high = acknowledged[0], acknowledged[-1]
    newest = log_lines(server, '{app="fault"}', direction="backward")
    lines = Counter(int(line) for _, line in newest)
    found = Counter({n: count for n, count in lines.items() if low <= n <= high})
    assert found == Counter(acknowledged)


def check_samples(server: Appliance, acknowledged: list[int]) -> None:
    low, high = acknowledged[0], acknowledged[-1]
    at = (FIRST_SAMPLE_MS + high) / 1000
    rows = query(server, f"fault[{high - low + 1}ms]", time=at)
    values = Counter(int(float(value)) for row in rows for _, value in row["values"])
    assert values == Counter(acknowledged)


def check_spans(server: Appliance, acknowledged: list[int], chosen: random.Random) -> None:
    for number in [acknowledged[-1], *chosen.sample(acknowledged, min(20, len(acknowledged)))]:
        assert len(trace_spans(server, f"{number + 1:032x}")) == 1, number


def check_long_traces(server: Appliance, acknowledged: list[int], chosen: random.Random) -> None:
    """Each span of a trace that lies in many pieces is found once, by id and by searches."""
    last = acknowledged[-1]
    for number in [last, *chosen.sample(acknowledged, min(10, len(acknowledged)))]:
        first = number // LONG_TRACE * LONG_TRACE
        wanted = set(range(first, first + LONG_TRACE)) & set(acknowledged)
        trace = f"{long_trace_id(number):032x}"
        spans = trace_spans(server, trace)
        found = Counter(int(base64.b64decode(span["spanId"]).hex(), 16) - 1 for span in spans)
        assert wanted <= found.keys() <= {*wanted, last + 1}, trace
        assert set(found.values()) == {1}, trace
        assert matched(server, trace) == len(found), trace


def matched(server: Appliance, trace: str) -> int:
    """How many spans of a trace a search finds."""
    query = f'{{ trace:id = "{trace}" && name = "op" }}'
    at = LONG_TRACE_NS // 10**9
    url = server.urls["tempo"] + "/api/search"
    (one,) = get_json(url, q=query, start=at - 60, end=at + 60)["traces"]
    return int(one["spanSets"][0]["matched"])
