from __future__ import annotations

import numpy as np

from appliance.lines.column import Column, coded
from appliance.logql.rows import LabelSet, Rows, rows_of
from appliance.model.labels import Labels
from tests.sources import Entry, labels, make_chunk


def sample() -> Rows:
    entries = [
        Entry(1, "one", (("app", "other"), ("user", "u1"))),
        Entry(2, "two"),
        Entry(3, "three", (("user", "u3"),)),
    ]
    return rows_of(make_chunk(labels(app="a"), entries))


def texts(rows: Rows, name: str) -> list[str | None]:
    column = rows.column(name)
    assert column is not None
    return column.texts()


def test_metadata_of_a_stream_label_gets_a_suffix() -> None:
    rows = sample()

    assert rows.names() == ["app", "app_extracted", "user"]
    assert texts(rows, "app_extracted") == ["other", None, None]
    assert texts(rows, "user") == ["u1", None, "u3"]


def test_kept_rows_have_their_lines_and_labels() -> None:
    rows = sample().keep(np.array([False, True, True]))

    assert rows.line_list() == [b"two", b"three"]
    assert rows.line_lengths().tolist() == [3, 5]
    assert rows.times_ns.tolist() == [2, 3]
    assert texts(rows, "user") == [None, "u3"]
    assert rows.names() == ["app", "user"]


def test_parsed_labels_hide_those_of_other_origins_row_by_row() -> None:
    rows = sample().set_parsed("user", coded(["p", None, None])).set_parsed("app", coded(["x"] * 3))

    assert texts(rows, "user") == ["p", None, "u3"]
    assert rows.label_sets([0, 2]) == [
        LabelSet(labels(), labels(app_extracted="other"), labels(app="x", user="p")),
        LabelSet(labels(), labels(user="u3"), labels(app="x")),
    ]


def test_empty_values_are_labels() -> None:
    rows = sample().set_parsed("e", coded(["", None, "v"]))

    assert [found.parsed for found in rows.label_sets(range(3))] == [
        Labels([("e", "")]),
        labels(),
        labels(e="v"),
    ]


def test_a_rename_makes_a_parsed_label() -> None:
    rows = sample().renamed("app", "name").renamed("nosuch", "name2")

    assert rows.label_sets([1]) == [LabelSet(labels(), labels(), Labels([("name", "a")]))]
    assert rows.column("app") is None


def test_dropped_labels_are_remembered() -> None:
    rows = sample().set_parsed("n", coded(["1", None, "3"])).without(["n", "user"])

    assert rows.names() == ["app", "app_extracted"]
    assert rows.extracted["n"].tolist() == [True, False, True]
    assert "user" in rows.deleted
    assert "user" not in rows.extracted


def test_errors_are_labels_of_their_own() -> None:
    rows = sample().with_errors(coded(["E", None, None]), coded(["why", None, None]))

    assert texts(rows, "__error__") == ["E", None, None]
    assert rows.label_sets([0])[0].parsed == labels(__error__="E", __error_details__="why")
    assert rows.without(["__error__"]).column("__error__") is None
    assert rows.names() == ["app", "app_extracted", "user"]


def test_columns_lie_over_each_other() -> None:
    above, below = coded(["b", None, None]), coded(["x", "b", "c"])

    assert above.over(below).texts() == ["b", "b", "c"]
    assert sorted(above.over(below).values) == ["b", "c", "x"]


def test_compact_columns_have_the_values_in_use() -> None:
    column = Column(np.array([2, -1, 2], dtype=np.int32), ["a", "b", "c"]).compact()

    assert column.values == ["c"]
    assert column.texts() == ["c", None, "c"]


def test_a_check_is_asked_once_per_value() -> None:
    asked: list[str] = []

    def check(text: str) -> bool:
        asked.append(text)
        return text == "a"

    column = coded(["a", "b", None, "a"])

    assert column.test(check, absent=True).tolist() == [True, False, True, True]
    assert asked == ["a", "b"]
