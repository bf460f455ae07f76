"""Bodies of `POST /api/v2/alerts`."""

from __future__ import annotations

import orjson
import pytest

from appliance.base.errors import TooLarge
from appliance.wire.alertmanager.fields import BodyRefused
from appliance.wire.alertmanager.posted_alerts import PostedAlert, read_alerts

LABEL_SET = "models.LabelSet"
OF_ALERT = (
    'Go value of type struct { Annotations models.LabelSet "json:\\"annotations,omitempty\\"";'
    ' EndsAt strfmt.DateTime "json:\\"endsAt,omitempty\\"";'
    ' StartsAt strfmt.DateTime "json:\\"startsAt,omitempty\\"" }'
)


def alert_body(**fields: object) -> bytes:
    return orjson.dumps([{"labels": {"a": "b"}, **fields}])


def test_all_fields() -> None:
    body = alert_body(
        annotations={"c": "d", "n": None},
        startsAt="1970-01-01T00:00:01Z",
        endsAt="1970-01-01T00:00:02Z",
        generatorURL="http://g/x?y#z",
        unknown=1,
    )
    assert read_alerts(body) == [
        PostedAlert({"a": "b"}, {"c": "d", "n": ""}, 10**9, 2 * 10**9, "http://g/x?y#z")
    ]


@pytest.mark.parametrize("body", [b"null", b"[]"])
def test_no_alerts(body: bytes) -> None:
    assert read_alerts(body) == []


def test_what_is_null_or_the_zero_time_is_absent() -> None:
    body = alert_body(
        annotations=None, startsAt=None, endsAt="0001-01-01T00:00:00Z", generatorURL=None
    )
    assert read_alerts(body) == [PostedAlert({"a": "b"})]


@pytest.mark.parametrize("url", ["http://x", "/path", "mailto:x@y", ""])
def test_addresses_that_are_taken(url: str) -> None:
    assert read_alerts(alert_body(generatorURL=url))[0].generator_url == url


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"", 602, "alerts in body is required"),
        (b"{}", 400, "json: cannot unmarshal object into Go value of type models.PostableAlerts"),
        (b"[1]", 400, f"json: cannot unmarshal number into {OF_ALERT}"),
        (b"[{}]", 602, "0.labels in body is required"),
        (b"[null]", 602, "0.labels in body is required"),
        (b'[{"labels":{"a":"b"}},{"labels":null}]', 602, "1.labels in body is required"),
        (
            b'[{"labels":[]}]',
            400,
            "json: cannot unmarshal array into Go struct field Alert.labels of type " + LABEL_SET,
        ),
        (
            b'[{"labels":{"a":1}}]',
            400,
            "json: cannot unmarshal number into Go struct field Alert.labels.a of type string",
        ),
        (
            alert_body(annotations=1),
            400,
            "json: cannot unmarshal number into Go struct field .annotations of type " + LABEL_SET,
        ),
        (
            alert_body(startsAt=1),
            400,
            "json: cannot unmarshal number into Go value of type string",
        ),
        (
            alert_body(generatorURL="a b"),
            601,
            '0.generatorURL in body must be of type uri: "a b"',
        ),
        (
            b'[{"generatorURL":"x"}]',
            601,
            '0.generatorURL in body must be of type uri: "x"',
        ),
    ],
)
def test_bodies_that_are_refused(body: bytes, code: int, message: str) -> None:
    with pytest.raises(BodyRefused) as error:
        read_alerts(body)
    prefix = 'parsing alerts body from "" failed, because ' if code == 400 else ""
    assert (error.value.code, error.value.message) == (code, prefix + message)


@pytest.mark.parametrize(
    "url", ["x", "::", "http://[::1", " http://x", "http://x/%zz", "http://x:y"]
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(BodyRefused):
        read_alerts(alert_body(generatorURL=url))


@pytest.mark.parametrize("one", [b'{"labels":{"a":"b"}}', b'{"\\u006cabels":{"a":"b"}}', b"1"])
def test_more_alerts_than_may_be_are_not_read(one: bytes) -> None:
    with pytest.raises(TooLarge, match="more than 3 alerts"):
        read_alerts(b"[" + b",".join([one] * 4) + b"]", most=3)


def test_as_many_alerts_as_may_be_are_read() -> None:
    one = {"labels": {"labels": "x"}}
    assert len(read_alerts(orjson.dumps([one] * 3), most=3)) == 3
