"""The info function."""

from __future__ import annotations

import pytest

from appliance.base.errors import QueryFailed
from tests.promql.memory_source import MemorySource, loaded, query, shown

DATA = loaded("""
    load 5m
        metric{instance="a", job="1", label="value"}          0 1 2
        metric_no_target_info{instance="a", job="2"}          0 1 2
        metric_without_identity{x="y"}                        0 1 2
        target_info{instance="a", job="1", data="info", label="hidden"} 1 1 1
        build_info{instance="a", job="1", build_data="build"} 1 1 1
""")


def labels_of(text: str, source: MemorySource = DATA, at: str = "10m") -> list[dict[str, str]]:
    found = [labels for labels, _ in shown(query(text, source, at))]
    for labels in found:
        labels.pop("__name__", None)
        labels.pop("instance", None)
        labels.pop("job", None)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("info(metric)", [{"label": "value", "data": "info"}]),
        ('info(metric, {data="info"})', [{"label": "value", "data": "info"}]),
        ('info(metric, {data=~".*"})', [{"label": "value", "data": "info"}]),
        ('info(metric, {data="other"})', []),
        ('info(metric, {other=~".*"})', [{"label": "value"}]),
        ('info(metric, {other=~".+"})', []),
        ("info(metric_no_target_info)", [{}]),
        ('info(metric_no_target_info, {data=~".+"})', []),
        ("info(metric_without_identity)", [{"x": "y"}]),
        ('info(metric, {__name__="build_info"})', [{"label": "value", "build_data": "build"}]),
        (
            'info(metric, {__name__=~".+_info"})',
            [{"label": "value", "build_data": "build", "data": "info"}],
        ),
        (
            'info(metric, {__name__!="build_info"})',
            [{"label": "value", "data": "info"}],
        ),
        ("info(target_info)", [{"data": "info", "label": "hidden"}]),
        ("info(build_info)", [{"build_data": "build", "data": "info", "label": "hidden"}]),
    ],
)
def test_labels_are_added(text: str, expected: list[dict[str, str]]) -> None:
    assert labels_of(text) == expected


def test_a_dropped_name_stays_dropped() -> None:
    ((labels, _),) = shown(query("info(abs(metric))", DATA, "0"))
    assert "__name__" not in labels
    ((labels, _),) = shown(query("info(metric)", DATA, "0"))
    assert labels["__name__"] == "metric"


CHANGING = loaded("""
    load 1m
        metric{instance="a", job="1"}                1 2 3 4
        target_info{instance="a", job="1", data="1"} 1 1 _ _
        target_info{instance="a", job="1", data="2"} _ _ 1 1
""")


def test_the_newest_info_holds() -> None:
    found = shown(query("info(metric)", CHANGING, ("0", "3m", "1m")))
    assert [(labels["data"], values) for labels, values in found] == [("1", [1, 2]), ("2", [3, 4])]


def test_infos_of_one_time_clash() -> None:
    source = loaded("""
        load 1m
            metric{instance="a", job="1"}                1
            target_info{instance="a", job="1", data="1"} 1
            target_info{instance="a", job="1", data="2"} 1
    """)
    with pytest.raises(QueryFailed) as caught:
        query("info(metric)", source, "30")
    assert str(caught.value) == (
        "found duplicate series for info metric:"
        ' existing {__name__="target_info", data="1", instance="a", job="1"} @ 0,'
        ' new {__name__="target_info", data="2", instance="a", job="1"} @ 0'
    )


def test_two_info_metrics_must_agree() -> None:
    source = loaded("""
        load 1m
            metric{instance="a", job="1"}              1
            one_info{instance="a", job="1", data="1"}  1
            two_info{instance="a", job="1", data="2"}  1
    """)
    with pytest.raises(QueryFailed, match="^conflicting label: data$"):
        query('info(metric, {__name__=~".+_info"})', source, "0")


def test_infos_are_floats() -> None:
    source = loaded("""
        load 1m
            metric{job="1"}      1
            target_info{job="1"} {{count:1 sum:1}}
    """)
    with pytest.raises(QueryFailed, match="this should be an info metric, with float samples: "):
        query("info(metric)", source, "0")


def test_a_selector_elsewhere_in_time_takes_infos_from_there() -> None:
    assert labels_of("info(metric offset 2m)", CHANGING, "3m") == [{"data": "1"}]
    assert labels_of("info(metric @ 60)", CHANGING, "3m") == [{"data": "1"}]
