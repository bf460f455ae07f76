"""Is everything that senders were told is stored there, exactly once?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from appliance.testing import Appliance
from tests.faults.senders import FIRST_SAMPLE_MS, Sender
from tests.reading import log_lines, query, trace_spans

LISTENERS = ("prometheus", "loki", "tempo", "otlp_http")
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
