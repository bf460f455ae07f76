"""The guard moves labels, and loses nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.log_guard import CardinalityGuard, GuardLimits
from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire.loki_streams import merged
from tests.ingest.log_door import batch
from tests.random_examples import examples

names = st.sampled_from(["app", "pod", "id"])
labels = st.dictionaries(names, st.text("abc", min_size=1, max_size=2), min_size=1)
pairs = st.dictionaries(st.sampled_from(["k", "l"]), st.text("xy", max_size=2), max_size=2)
entries = st.lists(st.tuples(st.binary(max_size=3), pairs), min_size=1, max_size=3)
requests = st.lists(st.lists(st.tuples(labels, entries), min_size=1, max_size=6), max_size=20)


def told(streams: list[StreamBatch]) -> list[tuple[bytes, tuple[tuple[str, str], ...]]]:
    """Lines with everything that is known of each, labels and metadata alike."""
    found = []
    for stream in streams:
        metadata = stream.metadata or [()] * len(stream.lines)
        for line, extra in zip(stream.lines, metadata, strict=True):
            found.append((line, tuple(sorted([*stream.labels, *extra]))))
    return sorted(found)


@examples(20)
@given(requests)
def test_every_line_keeps_all_that_is_known_of_it(
    pushed: list[list[tuple[dict[str, str], list[tuple[bytes, dict[str, str]]]]]],
) -> None:
    guard = CardinalityGuard(GuardLimits(values=2, streams=3), ManualClock(), Telemetry())
    for request in pushed:
        streams = [
            batch(
                stream,
                *(line for line, _ in items),
                metadata=[tuple(sorted(extra.items())) for _, extra in items],
            )
            for stream, items in request
        ]
        guarded = merged(guard.apply("t", "s", streams))
        assert told(guarded) == told(streams)
        assert len({stream.labels for stream in guarded}) == len(guarded)
        assert all(isinstance(stream.labels, Labels) for stream in guarded)
    assert len({demotion.label for demotion in guard.demotions()}) == len(guard.demotions())
