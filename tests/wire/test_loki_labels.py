from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.wire.loki_labels import checked_labels, discover_service, parse_labels


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
        ("", "line 1, col 1: syntax error: unexpected $end, expecting {"),
        ("{", "line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"),
        ("{a}", "line 1, col 3: syntax error: unexpected }, expecting ="),
        ("{a=b}", "line 1, col 4: syntax error: unexpected b, expecting STRING"),
        ('{a="b" c="d"}', "line 1, col 8: syntax error: unexpected c, expecting } or ,"),
        ('{a="b"} x', "line 1, col 9: syntax error: unexpected x, expecting $end"),
        ('{a="b",\n1="d"}', "line 2, col 1: syntax error: unexpected 1"),
        ('{a="b",a="c"}', "duplicate label name 'a'"),
        (r'{a="\d"}', r"invalid escape '\\d'"),
        (r'{a="\ud800"}', "invalid escape"),
    ],
)
def test_broken_label_text(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_labels(text)

    assert caught.value.message.startswith("error parsing labels ")
    assert message in caught.value.message


def test_names_of_json_labels_are_checked() -> None:
    assert checked_labels((("b", "2"), ("a", "1"))) == Labels.of({"a": "1", "b": "2"})
    with pytest.raises(BadInput, match=r"error parsing labels '\{bad-name=\"x\"\}'"):
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


def test_streams_need_a_label() -> None:
    for labels in ("{}", '{a=""}'):
        with pytest.raises(BadInput, match="at least one label pair is required"):
            parse_labels(labels)
    for pairs in ((), (("a", ""),)):
        with pytest.raises(BadInput, match="at least one label pair is required"):
            checked_labels(pairs)
