"""The text of a federation."""

from __future__ import annotations

import pytest

from appliance.model.labels import Labels
from appliance.wire.federation import federation_text
from tests.sources import labels


def test_families_are_sorted_and_typed() -> None:
    points = [
        (labels(name="up", job="b", instance="x:1"), 5000, 1.0),
        (labels(name="a_total", job='q"\n\\'), 6000, 2.5),
        (labels(name="up", job="a", instance="x:1"), 5000, 0.0),
        (labels(job="nameless"), 1, 1.0),
    ]
    assert federation_text(points, labels(region="eu")).decode().splitlines() == [
        "# TYPE a_total untyped",
        r'a_total{job="q\"\n\\",instance="",region="eu"} 2.5 6000',
        "# TYPE up untyped",
        'up{instance="x:1",job="a",region="eu"} 0 5000',
        'up{instance="x:1",job="b",region="eu"} 1 5000',
    ]


def test_external_labels_do_not_override() -> None:
    [_, line] = (
        federation_text(
            [(labels(name="up", region="us", instance="i"), 1, 1.0)], labels(region="eu")
        )
        .decode()
        .splitlines()
    )
    assert line == 'up{instance="i",region="us"} 1 1'


def test_names_in_utf8() -> None:
    points = [(labels(**{"name": "a.b", "c.d": "e"}), 1, 1.0)]
    assert b'{"a.b","c.d"="e",instance=""} 1 1' in federation_text(
        points, Labels(), allow_utf8=True
    )
    assert b'# TYPE a_b untyped\na_b{c_d="e",instance=""} 1 1' in federation_text(points, Labels())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (999999.0, "999999"),
        (1e6, "1e+06"),
        (1234567.5, "1.2345675e+06"),
        (1e-4, "0.0001"),
        (0.00001, "1e-05"),
        (1e300, "1e+300"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_numbers_as_in_go(value: float, text: str) -> None:
    [_, line] = federation_text([(labels(name="x"), 1, value)], Labels()).decode().splitlines()
    assert line == f'x{{instance=""}} {text} 1'


def test_nothing() -> None:
    assert federation_text([], Labels()) == b""
