"""Push requests that we send are those that we read."""

from __future__ import annotations

import numpy as np

from appliance.model.labels import Labels
from appliance.model.log import StreamBatch
from appliance.wire.loki import decode_push_protobuf
from appliance.wire.loki_request import encode_push


def test_what_is_sent_is_what_was_given() -> None:
    batches = [
        StreamBatch(
            Labels.of({"app": 'a "quoted"\n'}),
            np.array([1_767_225_600_123_456_789, 5]),
            [b"one\nline", "zwölf".encode()],
            [(), (("trace", "t1"), ("user", "ü"))],
        ),
        StreamBatch(Labels.of({"b": "c"}), np.array([7]), [b""]),
    ]
    found = decode_push_protobuf(encode_push(batches))
    assert [batch.labels for batch in found] == [batch.labels for batch in batches]
    assert [batch.timestamps_ns.tolist() for batch in found] == [
        [1_767_225_600_123_456_789, 5],
        [7],
    ]
    assert [list(batch.lines) for batch in found] == [list(batch.lines) for batch in batches]
    assert list(found[0].metadata or ()) == list(batches[0].metadata or ())
