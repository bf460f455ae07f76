from __future__ import annotations

import numpy as np

from appliance.lines.column import coded
from appliance.logql.grouping import group_codes
from appliance.logql.rows import rows_of
from tests.sources import Entry, labels, make_chunk


def test_rows_are_grouped_by_the_labels_that_count() -> None:
    entries = [Entry(at, "x", (("user", f"u{at % 2}"),)) for at in range(5)]
    rows = rows_of(make_chunk(labels(app="a"), entries))
    rows = rows.set_parsed("level", coded(["e", "e", "", None, "i"]))

    codes, groups = group_codes(rows, ["user", "level", "nosuch"])

    assert [groups[code] for code in codes.tolist()] == [
        labels(user="u0", level="e"),
        labels(user="u1", level="e"),
        labels(user="u0"),
        labels(user="u1"),
        labels(user="u0", level="i"),
    ]


def test_grouping_by_nothing_makes_one_group() -> None:
    rows = rows_of(make_chunk(labels(app="a"), [Entry(1, "x"), Entry(2, "y")]))

    codes, groups = group_codes(rows, [])

    assert codes.tolist() == [0, 0]
    assert groups == [labels()]


def test_without_and_all() -> None:
    rows = rows_of(make_chunk(labels(app="a", env="p"), [Entry(1, "x"), Entry(2, "y")]))
    rows = rows.set_parsed("n", coded(["1", "2"]))

    assert group_codes(rows)[1] == [
        labels(app="a", env="p", n="1"),
        labels(app="a", env="p", n="2"),
    ]
    assert group_codes(rows, ["n", "env"], without=True)[1] == [labels(app="a")]


def test_a_label_that_was_dropped_does_not_group_when_it_is_set_again() -> None:
    rows = rows_of(make_chunk(labels(app="a"), [Entry(1, "x"), Entry(2, "y")]))
    rows = rows.without(["app"], np.array([True, False])).set_parsed("app", coded(["b", "b"]))

    assert group_codes(rows, ["app"])[1] == [labels(), labels(app="b")]
    assert group_codes(rows)[1] == [labels(app="b")]


def test_many_values_in_many_columns() -> None:
    count = 3000
    rows = rows_of(make_chunk(labels(), [Entry(at, "x") for at in range(count)]))
    for number in range(6):
        rows = rows.set_parsed(f"c{number}", coded([str(at) for at in range(count)]))

    codes, groups = group_codes(rows)

    assert len(groups) == count
    assert [groups[code].get("c3") for code in codes.tolist()] == [str(at) for at in range(count)]
