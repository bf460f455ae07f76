from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.ingest.log_level import with_levels
from appliance.lines.level_line import level_of_line
from appliance.model.labels import Labels
from appliance.model.log import Metadata, MetadataColumn, StreamBatch

LINES = st.sampled_from([b'{"level":"info"}', b"level=warn", b"an error", b"nothing", b""])
TRACE: Metadata = (("trace", "1"),)
STREAMS = st.lists(
    st.tuples(
        st.lists(LINES, min_size=1, max_size=5),
        st.sampled_from([None, None, None, TRACE]),
        st.sampled_from([None, None, None, "DEBUG"]),
    ),
    max_size=4,
)


@given(STREAMS)
def test_every_entry_says_its_level(
    given_streams: list[tuple[list[bytes], Metadata | None, str | None]],
) -> None:
    streams = [
        StreamBatch(
            Labels.of({"app": str(place)} | ({"level": level} if level else {})),
            np.arange(len(lines)),
            lines,
            None if metadata is None else [metadata] * len(lines),
        )
        for place, (lines, metadata, level) in enumerate(given_streams)
    ]

    found = with_levels(streams)

    assert [stream.labels for stream in found] == [stream.labels for stream in streams]
    for stream, (lines, metadata, level) in zip(found, given_streams, strict=True):
        column = MetadataColumn.of(stream.metadata or ())
        wanted = ["debug" if level else level_of_line(line) for line in lines]
        pairs = [tuple(sorted([*(metadata or ()), ("detected_level", one)])) for one in wanted]
        assert list(column) == pairs
        assert set(column.distinct) == {(), *pairs}
