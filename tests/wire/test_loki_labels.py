from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.wire.loki_labels import (
    checked_labels,
    discover_service,
    parse_labels,
    print_labels,
    with_service_name,
)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('{a="b"}', {"a": "b"}),
        (' { b = "x" , a="y", }\n', {"a": "y", "b": "x"}),
        (r'{a="q\"\\\n\t\x41\u00e9\U0001F680\101"}', {"a": 'q"\\\n\tAé🚀A'}),
        (r"{a=`raw\n`}", {"a": r"raw\n"}),
        ('{a="",b="ü"}', {"b": "ü"}),
    ],
)
def test_label_text(text: str, labels: dict[str, str]) -> None:
    assert parse_labels(text) == Labels.of(labels)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '1:1: parse error: unexpected end of input in label set, expected "{"'),
        ("{", '1:2: parse error: unexpected end of input in label set, expected identifier or "}"'),
        ("{a}", '1:3: parse error: unexpected "}" in label set, expected "="'),
        ("{a=b}", '1:4: parse error: unexpected identifier "b" in label set, expected string'),
        (
            '{a="b" c="d"}',
            '1:8: parse error: unexpected identifier "c" in label set, expected "," or "}"',
        ),
        ('{a="b"} x', '1:9: parse error: unexpected identifier "x"'),
        ('{a="b",\n1="d"}', '2:1: parse error: unexpected "1" in label set'),
        ('{a="b",a="c"}', "duplicate label name 'a'"),
        (r'{a="\d"}', r"invalid escape '\\d'"),
        (r'{a="\ud800"}', "invalid escape"),
    ],
)
def test_broken_label_text(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_labels(text)

    assert caught.value.message.startswith("couldn't parse labels: ")
    assert message in caught.value.message


def test_names_of_json_labels_are_checked() -> None:
    assert checked_labels((("b", "2"), ("a", "1"))) == Labels.of({"a": "1", "b": "2"})
    with pytest.raises(BadInput, match=r"couldn't parse labels: 1:5: parse error"):
        checked_labels((("bad-name", "x"),))


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"job": "j", "app": "a"}, "a"),
        ({"k8s_job_name": "k"}, "k"),
        ({"app": "", "name": "n"}, "n"),
        ({"x": "y"}, "unknown_service"),
    ],
)
def test_service_is_found_in_lokis_order(labels: dict[str, str], service: str) -> None:
    assert discover_service(labels) == service


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"job": "j", "app": "shop"}, "shop"),
        ({}, "unknown_service"),
        ({"service_name": "given", "app": "shop"}, "given"),
    ],
)
def test_every_stream_has_a_service_name(labels: dict[str, str], service: str) -> None:
    named = with_service_name(Labels.of(labels))

    assert dict(named) == labels | {"service_name": service}


@pytest.mark.parametrize("name", ["__aggregated_metric__", "__pattern__"])
def test_lokis_own_streams_belong_to_no_service(name: str) -> None:
    labels = Labels.of({name: "shop", "job": "web"})

    assert with_service_name(labels) == labels


def test_a_stream_may_have_no_labels() -> None:
    for labels in ("{}", '{a=""}'):
        assert parse_labels(labels) == Labels()
    for pairs in ((), (("a", ""),)):
        assert checked_labels(pairs) == Labels()


def test_labels_are_shown_as_they_are_read() -> None:
    labels = Labels.of({"b": 'q"\\', "a": "ü"})

    assert print_labels(labels) == r'{a="ü", b="q\"\\"}'
    assert parse_labels(print_labels(labels)) == labels
