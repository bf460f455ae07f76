from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata
from appliance.wire.exposition import parse

TEXT = b"""# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

  # an indented remark
rpc{quantile="0.01"} 3102
rpc_sum 1.7560473e+07
weird{problem="division by \\"zero\\"\\n",path="C:\\\\x"} +Inf -3982045
"""


def test_parse_reads_samples_and_metadata() -> None:
    document = parse(TEXT)

    assert document.metadata == {"http_requests_total": MetricMetadata("counter", "Requests.")}
    assert document.samples[0].timestamp_ms == 1395066363000
    assert len(document.samples) == 5


def test_parse_agrees_with_another_parser() -> None:
    others = {
        (Labels.of({**sample.labels, "__name__": sample.name}), sample.value)
        for family in text_string_to_metric_families(TEXT.decode())
        for sample in family.samples
    }

    assert {(sample.labels, sample.value) for sample in parse(TEXT).samples} == others


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"a 1\nb{ 2\n", "line 2: expected a label name or }, got '2'"),
        (b"a 1\n\n# TYPE a b\n", "line 3: invalid metric type 'b'"),
        (b'a{b="\xff"} 1\n', "line 1: invalid UTF-8"),
        (b"# HELP a \xff\n", "line 1: invalid UTF-8"),
        (b"a 1\r\n", "line 1: "),
    ],
)
def test_errors_name_the_line(body: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(body)

    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"a 1\n", "data does not end with # EOF"),
        (b"a 1\n# EOF\nb 1\n", "line 3: unexpected data after # EOF"),
        (b"a 1\n\n# EOF\n", "line 2: expected a metric name"),
        (b"# remark\n# EOF", "line 1: expected HELP, TYPE, UNIT or EOF"),
    ],
)
def test_openmetrics_is_strict(body: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(body, openmetrics=True)

    assert caught.value.message.startswith(message)


def test_openmetrics_created_lines_are_ordinary_series() -> None:
    document = parse(b"# TYPE a counter\na_total 1\na_created 1.5e9\n# EOF", openmetrics=True)

    assert [dict(sample.labels)["__name__"] for sample in document.samples] == [
        "a_total",
        "a_created",
    ]
    assert document.metadata["a"].type == "counter"


def test_an_empty_body_has_no_samples() -> None:
    assert parse(b"").samples == []
