"""Parameters of Tempo's requests."""

from __future__ import annotations

import pytest

from appliance.api.tempo.params import (
    MetricsParameters,
    SearchParameters,
    metrics_parameters,
    parse_tags,
    search_parameters,
)
from appliance.base.errors import BadInput

S = 10**9
NOW = 1_700_000_000 * S


def test_a_search_with_everything() -> None:
    given = {"q": "{}", "start": "10", "end": "20", "limit": "7", "spss": "9"}
    assert search_parameters(given) == SearchParameters("{}", {}, 0, 0, 10, 20, 7, 9)


def test_a_search_by_tags() -> None:
    given = {"tags": 'a=b c="d \\"e" f', "minDuration": "1.5s", "maxDuration": "2s"}
    asked = search_parameters(given)
    assert (asked.tags, asked.min_ms, asked.max_ms) == (
        {"a": "b", "c": 'd "e', "f": ""},
        1500,
        2000,
    )


def test_tags_one_by_one() -> None:
    assert search_parameters({"service.name": "x", "limit": "5"}).tags == {"service.name": "x"}
    assert search_parameters({"service.name": "x", "start": "1", "end": "2"}).tags == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start": "x"}, 'invalid start: strconv.ParseUint: parsing "x": invalid syntax'),
        ({"end": "5000000000"}, "value out of range"),
        ({"start": "5"}, "http parameter start must be before end. received start=5 end=0"),
        ({"start": "7", "end": "7"}, "received start=7 end=7"),
        ({"limit": "x"}, 'invalid limit: strconv.Atoi: parsing "x": invalid syntax'),
        ({"limit": "0"}, "invalid limit: must be a positive number"),
        ({"limit": "262145"}, "limit 262145 exceeds max limit 262144"),
        ({"spss": "-1"}, "invalid spss: must be a positive number"),
        ({"spss": "101"}, "spans per span set exceeds 100. received 101"),
        ({"minDuration": "5s", "maxDuration": "1s"}, "must be greater than minDuration"),
        ({"minDuration": "5"}, "invalid minDuration: time: missing unit"),
        ({"q": "{}", "tags": "a=b"}, "can't specify tags and q in the same query"),
        ({"tags": "a=1 a=2"}, "invalid tags: tag a has been set twice"),
        ({"tags": 'a="b'}, "invalid tags: unterminated quoted value at pos 5"),
        ({"tags": "a=b=c"}, "invalid tags: unexpected '=' at pos 4"),
        ({"tags": 'a=b"'}, "invalid tags: unexpected '\"' at pos 4"),
        ({"tags": '"a"=b'}, "invalid tags: unexpected '\"' at pos 1"),
        ({"tags": "=b"}, "invalid tags: unexpected '=' at pos 1"),
        ({"q": "x" * 131_073}, "exceeds the configured maximum size of 131072 bytes"),
    ],
)
def test_what_is_wrong_with_a_search(given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        search_parameters(given)
    assert message in caught.value.message


def test_tags_may_be_blank() -> None:
    assert parse_tags("  ") == {}
    assert parse_tags(" a=b  ") == {"a": "b"}


def test_tags_need_no_values_and_no_blank_after_a_quote() -> None:
    assert parse_tags('a b= c="d e"f=1') == {"a": "", "b": "", "c": "d e", "f": "1"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (NOW - 3600 * S, NOW, 0)),
        ({"since": "15m"}, (NOW - 900 * S, NOW, 0)),
        ({"start": "10", "end": "20", "step": "60"}, (10 * S, 20 * S, 60 * S)),
        ({"start": "10", "end": "20", "step": "1m30s"}, (10 * S, 20 * S, 90 * S)),
        ({"start": "10.5", "end": "20"}, (10_500_000_000, 20 * S, 0)),
        ({"start": str(50 * S), "end": "2023-11-14T22:13:20Z"}, (50 * S, NOW, 0)),
        ({"end": str(NOW + 5 * S)}, (NOW - 3600 * S, NOW + 5 * S, 0)),
    ],
)
def test_times_of_metrics(given: dict[str, str], expected: tuple[int, int, int]) -> None:
    assert metrics_parameters(given | {"q": "x"}, NOW) == MetricsParameters("x", *expected)


def test_the_query_of_metrics_has_two_names() -> None:
    assert metrics_parameters({"query": "a"}, NOW).query == "a"
    assert metrics_parameters({"query": "a", "q": "b"}, NOW).query == "b"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start": "x"}, "could not parse 'start' parameter"),
        ({"end": "9" * 30}, "value out of range"),
        ({"since": "x"}, "could not parse 'since' parameter"),
        ({"step": "x"}, 'cannot parse "x" to a valid duration'),
        ({"step": "1e300"}, "It overflows int64"),
        ({"step": "0"}, "step of 0s is too small, minimum step for given range is 360ms"),
        ({"step": "-5s"}, "is too small"),
        ({"exemplars": "many"}, "invalid exemplars"),
    ],
)
def test_what_is_wrong_with_metrics(given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        metrics_parameters(given, NOW)
    assert message in caught.value.message
