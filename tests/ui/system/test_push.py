from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.ingest.pushgateway.group import Group
from appliance.ui.system.push import MOST_SERIES, api_path, group_row, key_of, key_text, push_page
from appliance.wire.metric_family import parse_text

NOW_MS = 1_700_000_000_000


def group(
    text: str, *, pushed_ms: int = NOW_MS - 1_000, failed_ms: int = 0, **labels: str
) -> Group:
    families = {family.name.decode(): family for family in parse_text(text.encode())}
    return Group(labels, families, {}, pushed_ms * 10**6, failed_ms * 10**6)


def test_a_group_shows_its_values() -> None:
    text = "# HELP rows Rows.\n# TYPE rows gauge\n" + 'rows{table="a"} 1\nrows{table="b"} 2.5\n'
    row = group_row(group(text, job="nightly", instance="db1"), NOW_MS)
    assert (row.job, row.labels, row.state) == ("nightly", (("instance", "db1"),), "ok")
    (family,) = row.families
    assert (family.type, family.help, family.count) == ("gauge", "Rows.", 2)
    assert [(one.labels, one.value) for one in family.rows] == [
        ((("table", "a"),), "1"),
        ((("table", "b"),), "2.5"),
    ]
    query = parse_qs(urlsplit(family.link).query)["g0.expr"]
    assert query == ['rows{instance="db1",job="nightly"}']


def test_a_histogram_leads_to_its_count() -> None:
    text = '# TYPE s histogram\ns_bucket{le="+Inf"} 3\ns_sum 4\ns_count 3\n'
    row = group_row(group(text, job="x"), NOW_MS)
    assert "s_count" in row.families[0].link
    assert row.series == 3


def test_values_of_a_metric_are_bounded() -> None:
    lines = "".join(f'n{{i="{number}"}} 1\n' for number in range(MOST_SERIES + 5))
    (family,) = group_row(group(lines, job="x"), NOW_MS).families
    assert (len(family.rows), family.count) == (MOST_SERIES, MOST_SERIES + 5)


def test_states() -> None:
    day = 86_400_000
    assert group_row(group("", pushed_ms=NOW_MS - day - 1, job="x"), NOW_MS).state == "old"
    failed = group_row(group("", pushed_ms=0, failed_ms=NOW_MS, job="x"), NOW_MS)
    assert (failed.state, failed.pushed_ago_ms, failed.failed_ago_ms) == ("failed", None, 0)


def test_failing_groups_come_first_and_text_narrows() -> None:
    good, bad = group("a 1\n", job="good"), group("", failed_ms=NOW_MS, job="bad")
    found = push_page([good, bad], "", NOW_MS)
    assert [row.job for row in found.groups] == ["bad", "good"]
    found = push_page([good, bad], "GOOD", NOW_MS)
    assert ([row.job for row in found.groups], found.matching, found.total) == (["good"], 1, 2)


@pytest.mark.parametrize(
    "labels", [{"job": "a"}, {"job": "a b", "x": "1/2&3=4"}, {"job": "ü", "empty": ""}]
)
def test_keys_survive_a_form(labels: dict[str, str]) -> None:
    key = Group(labels).key
    assert key_of(key_text(key)) == key


def test_paths_are_those_of_the_api() -> None:
    assert api_path({"instance": "db 1", "job": "a"}) == "/metrics/job/a/instance/db%201"
    assert api_path({"job": "a/b", "x": ""}) == "/metrics/job@base64/YS9i/x@base64/="
