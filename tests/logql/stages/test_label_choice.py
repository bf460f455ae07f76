from __future__ import annotations

import pytest

from tests.logql.stages.running import Outcome, run

LINES = ('{"a":1,"b":2}', '{"a":3}', "text")


def shown(found: list[Outcome]) -> list[dict[str, str]]:
    return [
        {k: v for k, v in (one.stream | one.parsed).items() if k != "__error_details__"}
        for one in found
    ]


@pytest.mark.parametrize(
    ("stages", "labels"),
    [
        ("| json | drop a", [{"app": "x", "b": "2"}, {"app": "x"}, {"app": "x", "__error__": "E"}]),
        ('| json | drop a="1", app', [{"b": "2"}, {"a": "3"}, {"__error__": "E"}]),
        ("| json | drop __error__, app", [{"a": "1", "b": "2"}, {"a": "3"}, {}]),
        ("| json | keep a", [{"a": "1"}, {"a": "3"}, {"__error__": "E"}]),
        ('| json | keep a=~"1|2", b', [{"a": "1", "b": "2"}, {}, {"__error__": "E"}]),
        ("| keep nosuch", [{}, {}, {}]),
    ],
)  # fmt: skip
def test_labels_that_stay(stages: str, labels: list[dict[str, str]]) -> None:
    found = shown(run(stages, *LINES))

    for one in found:
        if "__error__" in one:
            one["__error__"] = "E"
    assert found == labels


def test_metadata_is_dropped() -> None:
    (one,) = run("| drop user", "x", metadata=[(("trace", "t"), ("user", "u"))])

    assert one.metadata == {"trace": "t"}
