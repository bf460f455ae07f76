"""label_replace, label_join, sorting, absent."""

from __future__ import annotations

import pytest

from appliance.base.errors import QueryFailed
from appliance.promql.functions.sort import is_naturally_less
from tests.promql.memory_source import loaded, query, shown
from tests.sources import labels

DATA = loaded("""
    load 1m
        x{src="source-value-10", n="v2"}  3 NaN
        x{src="source-value-20", n="v10"} 1 1
        x{src="other", n="v1"}            2 {{count:1 sum:1}}
""")


def dst(text: str) -> list[str]:
    return [found.get("dst", "-") for found, _ in shown(query(text, DATA, "0"))]


@pytest.mark.parametrize(
    ("template", "regex", "expected"),
    [
        ("value-$1", "source-value-(.*)", ["value-10", "value-20", "-"]),
        ("${1}0", "source-value-(.*)", ["100", "200", "-"]),
        ("$1x", "source-value-(.*)", ["-", "-", "-"]),
        ("$$1 $ ${", "source-value-(.*)", ["$1 $ ${", "$1 $ ${", "-"]),
        ("$name", "source-value-(?P<name>.*)", ["10", "20", "-"]),
        ("$7", "(.*)", ["-", "-", "-"]),
        ("a", "value", ["-", "-", "-"]),
        ("[$1]", "(x)?.*", ["[]", "[]", "[]"]),
    ],
)
def test_label_replace_expands_as_go_does(template: str, regex: str, expected: list[str]) -> None:
    assert dst(f'label_replace(x, "dst", "{template}", "src", "{regex}")') == expected


def test_label_replace_may_set_the_name() -> None:
    found = shown(query('label_replace(abs(x), "__name__", "$1", "n", "(v1)")', DATA, "0"))
    assert [item.get("__name__") for item, _ in found] == ["v1", None, None]


def test_label_replace_refuses_what_makes_series_equal() -> None:
    text = 'label_replace(label_replace(x, "src", "", "", ""), "n", "", "", "")'
    with pytest.raises(QueryFailed, match="vector cannot contain metrics with the same labelset"):
        query(text, DATA, "0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'label_replace(x, "dst", "", "src", "(.*")',
            r"invalid regular expression in label_replace\(\): \(\.\*",
        ),
        (
            'label_replace(x, "", "", "src", "(.*)")',
            r"invalid destination label name in label_replace\(\): ",
        ),
        (
            r'label_replace(x, "a\xff", "", "src", "(.*)")',
            r"invalid destination label name in label_replace\(\): a\ufffd",
        ),
        (
            'label_join(x, "dst", ",", "")',
            r"invalid source label name in label_join\(\): ",
        ),
        (
            'label_join(x, "", ",", "src")',
            r"invalid destination label name in label_join\(\): ",
        ),
    ],
)
def test_wrong_labels_are_errors(text: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=f"^{message}$"):
        query(text, DATA, "0")


def test_label_join_joins_in_order() -> None:
    assert dst('label_join(x, "dst", "-", "n", "none", "src")') == [
        "v1--other",
        "v10--source-value-20",
        "v2--source-value-10",
    ]
    assert dst('label_join(x, "dst", ",")') == ["-", "-", "-"]


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("sort(x)", "0", [1, 2, 3]),
        ("sort_desc(x)", "0", [3, 2, 1]),
        ('sort_by_label(x, "n")', "0", [2, 3, 1]),
        ('sort_by_label_desc(x, "n")', "0", [1, 3, 2]),
        ('sort_by_label(x, "none", "src")', "0", [2, 3, 1]),
        ("sort_by_label(x)", "0", [2, 1, 3]),
    ],
)
def test_sorting(text: str, at: str, expected: list[float]) -> None:
    assert [values[0] for _, values in shown(query(text, DATA, at))] == expected


def test_nan_is_last_either_way_and_histograms_are_left_out() -> None:
    for text in ("sort(x)", "sort_desc(x)"):
        found = [str(values[0]) for _, values in shown(query(text, DATA, "1m"))]
        assert found == ["1.0", "nan"]


def test_sorting_a_range_is_remarked() -> None:
    (found,) = query("1 + sort(x)", DATA, ("0", "1m", "1m")).annotations.warnings
    assert found == (
        "PromQL warning: sort is ineffective for range queries since results are always ordered"
        " by labels (1:5)"
    )
    assert query("sort(x)", DATA, "0").annotations.warnings == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("v2", "v10", True),
        ("v10", "v2", False),
        ("a", "b", True),
        ("a1b2", "a1b10", True),
        ("a", "a1", True),
        ("a1", "a", False),
        ("01", "1", True),
        ("", "a", False),
        ("a", "", False),
        ("9" * 30, "8" * 31, False),
    ],
)
def test_natural_order(one: str, other: str, *, expected: bool) -> None:
    assert is_naturally_less(one, other) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("absent(x)", []),
        ("absent(missing)", [({}, [1.0])]),
        ('absent(missing{a="b",c=~"d",e=""})', [({"a": "b"}, [1.0])]),
        ('absent(missing{a="b",a="c",e="f"})', [({"e": "f"}, [1.0])]),
        ('absent(missing{a!~"c",a="b",e="f"})', [({"e": "f"}, [1.0])]),
        ('absent((missing{a="b"}))', [({"a": "b"}, [1.0])]),
        ('absent(abs(missing{a="b"}))', [({}, [1.0])]),
    ],
)
def test_absent(text: str, expected: object) -> None:
    assert shown(query(text, DATA, "0")) == expected


def test_absent_at_some_steps() -> None:
    found = query("absent(x)", DATA, ("0", "10m", "2m"))
    assert shown(found) == [({}, [1.0, 1.0, 1.0])]


def test_names_stay_until_the_end_of_the_query() -> None:
    text = '{__name__=~"x",n="v2"} * 2'
    item = labels(src="source-value-10", n="v2")
    assert shown(query(text, DATA, "0")) == [(dict(item), [6.0])]
    kept = query(f'label_replace({text}, "was", "$1", "__name__", "(.*)")', DATA, "0")
    assert [dict(found).get("was") for found, _ in shown(kept)] == ["x"]
    gone = query(
        f'label_replace({text}, "was", "$1", "__name__", "(.*)")', DATA, "0", features=frozenset()
    )
    assert [dict(found).get("was") for found, _ in shown(gone)] == [None]
