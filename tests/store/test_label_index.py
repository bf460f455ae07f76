"""The label index against a plain list."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp, matches_all
from appliance.store.label_index import LabelIndex

SETS = [
    Labels.of(
        {"__name__": "up", "job": job, "host": host} | ({"env": "prod"} if job == "a" else {})
    )
    for job in ("a", "b", "c")
    for host in (f"h{n}" for n in range(100))
]


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    made = LabelIndex()
    for number, labels in enumerate(SETS, start=1):
        made.add(number, labels.encode())
    return made


@pytest.mark.parametrize(
    "matchers",
    [
        (),
        (("job", "=", "a"),),
        (("job", "!=", "a"),),
        (("job", "=~", "a|b"), ("host", "=", "h7")),
        (("host", "=~", "h[1-3].?"),),
        (("host", "!~", "h.*5"), ("job", "=", "c")),
        (("env", "=", ""),),
        (("env", "!=", ""),),
        (("env", "=~", ".*"), ("job", "=", "b")),
        (("env", "=~", ".+"),),
        (("env", "!~", "prod|"),),
        (("nothing", "=", "x"),),
        (("nothing", "!=", "x"), ("job", "=", "a")),
    ],
)
def test_select_agrees_with_matching_each_label_set(
    index: LabelIndex, matchers: tuple[tuple[str, str, str], ...]
) -> None:
    compiled = tuple(Matcher(name, MatchOp(op), value) for name, op, value in matchers)
    expected = [n for n, labels in enumerate(SETS, start=1) if matches_all(compiled, labels)]
    assert index.select(compiled).tolist() == expected


def test_names_and_values_within_a_selection(index: LabelIndex) -> None:
    within = index.select([Matcher("job", MatchOp.EQUAL, "b")])
    assert index.names(within) == ["__name__", "host", "job"]
    assert index.values("job", within) == ["b"]
    assert index.names() == ["__name__", "env", "host", "job"]
    assert index.labels(int(within[0])) == SETS[100]


def test_removed_label_sets_are_not_found() -> None:
    index = LabelIndex()
    index.add(1, Labels.of({"a": "x"}).encode())
    index.add(2, Labels.of({"a": "ÿ", "b": "z"}).encode())
    index.remove({1})
    assert index.select([]).tolist() == [2]
    assert index.values("a") == ["ÿ"]
    assert np.array_equal(index.select([Matcher("a", MatchOp.EQUAL, "x")]), [])


def test_removed_label_sets_leave_nothing_behind() -> None:
    made, rest = LabelIndex(), LabelIndex()
    gone = {1, 2, 150, 300, *range(201, 260), 999}
    for number, labels in enumerate(SETS, start=1):
        made.add(number, labels.encode())
        if number not in gone:
            rest.add(number, labels.encode())
    made.remove(gone)
    assert made.ids == rest.ids
    assert (made._all, made._postings, made._keys) == (rest._all, rest._postings, rest._keys)
    made.remove(set(range(1, 301)))
    assert (made.names(), made.select(()).tolist(), len(made)) == ([], [], 0)


def test_other_label_sets_stay_readable_while_some_are_removed() -> None:
    index = LabelIndex()
    for number in range(1, 5001):
        index.add(number, Labels.of({"__name__": "up", "host": f"h{number}"}).encode())
    stop = threading.Event()
    missing: list[int] = []

    def read() -> None:
        while not stop.is_set():
            for number in range(1, 100):
                try:
                    index.labels(number)
                except KeyError:
                    missing.append(number)
            index._decoded.clear()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(4900, 4990):
        index.remove({number})
    stop.set()
    reader.join()
    assert not missing
