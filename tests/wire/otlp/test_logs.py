from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from appliance.base.errors import BadInput, TooLarge
from appliance.model.labels import Labels
from appliance.wire.otlp.logs import decode_logs


def request(**attributes: str) -> tuple[ExportLogsServiceRequest, Any]:
    """A request with a resource, and its scope's records to be added to."""
    made = ExportLogsServiceRequest()
    group = made.resource_logs.add()
    for key, value in attributes.items():
        group.resource.attributes.add(key=key.replace("__", ".")).value.string_value = value
    return made, group.scope_logs.add()


def test_some_resource_attributes_are_labels_the_others_metadata() -> None:
    made, scoped = request(service__name="cart", k8s__pod__name="p0", host__name="h1")
    scoped.scope.name, scoped.scope.version = "logger", "1.0"
    scoped.log_records.add(time_unix_nano=5).body.string_value = "hello"

    (stream,), rejects = decode_logs(made.SerializeToString(), now_ns=1)

    assert rejects == []
    assert stream.labels == Labels.of({"service_name": "cart", "k8s_pod_name": "p0"})
    assert stream.timestamps_ns.tolist() == [5]
    assert list(stream.lines) == [b"hello"]
    assert stream.metadata is not None
    assert dict(stream.metadata[0]) == {
        "host_name": "h1",
        "scope_name": "logger",
        "scope_version": "1.0",
    }


def test_fields_of_a_record_are_metadata_sorted_by_name() -> None:
    made, scoped = request(service__name="cart")
    record = scoped.log_records.add(
        time_unix_nano=5,
        observed_time_unix_nano=6,
        severity_number=9,
        severity_text="INFO",
        trace_id=b"\xab" * 16,
        span_id=b"\xcd" * 8,
        flags=1,
        dropped_attributes_count=2,
        event_name="clicked",
    )
    record.attributes.add(key="weird key!").value.int_value = 7

    (stream,), _ = decode_logs(made.SerializeToString(), now_ns=1)

    assert stream.metadata is not None
    assert stream.metadata[0] == (
        ("dropped_attributes_count", "2"),
        ("event_name", "clicked"),
        ("flags", "1"),
        ("observed_timestamp", "6"),
        ("severity_number", "9"),
        ("severity_text", "INFO"),
        ("span_id", "cd" * 8),
        ("trace_id", "ab" * 16),
        ("weird_key_", "7"),
    )


def test_a_record_has_the_first_time_there_is() -> None:
    made, scoped = request(service__name="cart")
    scoped.log_records.add(time_unix_nano=5, observed_time_unix_nano=6)
    scoped.log_records.add(observed_time_unix_nano=6)
    scoped.log_records.add()

    (stream,), _ = decode_logs(made.SerializeToString(), now_ns=7)

    assert stream.timestamps_ns.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("attributes", "service"),
    [
        ({}, "unknown_service"),
        ({"k8s__container__name": "web"}, "web"),
        ({"x": "y"}, "unknown_service"),
    ],
)
def test_every_stream_has_a_service(attributes: dict[str, str], service: str) -> None:
    made, scoped = request(**attributes)
    scoped.log_records.add(time_unix_nano=1).body.string_value = "x"

    (stream,), _ = decode_logs(made.SerializeToString(), now_ns=1)

    assert stream.labels.get("service_name") == service


def test_streams_of_equal_labels_are_one() -> None:
    made, scoped = request(service__name="cart", host__name="a")
    scoped.log_records.add(time_unix_nano=1)
    other, scoped = request(service__name="cart", host__name="b")
    scoped.log_records.add(time_unix_nano=2)
    made.MergeFrom(other)

    (stream,), _ = decode_logs(made.SerializeToString(), now_ns=1)

    assert stream.timestamps_ns.tolist() == [1, 2]
    assert stream.metadata == [(("host_name", "a"),), (("host_name", "b"),)]


def test_no_metadata_at_all_is_none() -> None:
    made, scoped = request(service__name="cart")
    scoped.log_records.add(time_unix_nano=1).body.string_value = "x"

    (stream,), _ = decode_logs(made.SerializeToString(), now_ns=1)

    assert stream.metadata is None


def test_impossible_times_are_refused() -> None:
    made, scoped = request(service__name="cart")
    scoped.log_records.add(time_unix_nano=1)
    scoped.log_records.add(time_unix_nano=2**63)

    (stream,), rejects = decode_logs(made.SerializeToString(), now_ns=1)

    assert len(stream.lines) == 1
    assert [reject.index for reject in rejects] == [1]


def test_what_is_no_request_is_bad_input() -> None:
    with pytest.raises(BadInput):
        decode_logs(b"\x0a\x05abc", now_ns=1)


def test_attributes_that_many_records_share_are_bounded_before_they_are_repeated() -> None:
    made, scoped = request(service__name="cart", big="x" * 1000)
    for _ in range(10):
        scoped.log_records.add(time_unix_nano=5)
    body = made.SerializeToString()

    assert len(decode_logs(body, now_ns=1, shared_bytes=10_030)[0][0].lines) == 10
    with pytest.raises(TooLarge, match="send smaller batches"):
        decode_logs(body, now_ns=1, shared_bytes=10_029)
