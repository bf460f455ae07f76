"""Series belong to the families that OpenMetrics puts them into."""

from __future__ import annotations

from appliance.model.sample import MetricMetadata
from appliance.transfer.families import families_of


def grouped(names: list[str], **types: str) -> dict[str, tuple[str, list[str]]]:
    known = {name: MetricMetadata(kind) for name, kind in types.items()}
    return {one.name: (one.metadata.type, one.names) for one in families_of(names, known)}


def test_counter_is_named_without_its_suffix_whichever_way_metadata_name_it() -> None:
    expected = {"a": ("counter", ["a_created", "a_total"])}
    assert grouped(["a_total", "a_created"], a="counter") == expected
    assert grouped(["a_total", "a_created"], a_total="counter") == expected


def test_counter_without_its_suffix_is_of_unknown_type() -> None:
    assert grouped(["a"], a="counter") == {"a": ("unknown", ["a"])}


def test_parts_of_histogram_are_one_family() -> None:
    names = ["h_bucket", "h_count", "h_sum", "h_max"]
    assert grouped(names, h="histogram") == {
        "h": ("histogram", ["h_bucket", "h_count", "h_sum"]),
        "h_max": ("unknown", ["h_max"]),
    }


def test_two_types_under_one_name_stay_apart() -> None:
    assert grouped(["a", "a_total"], a="gauge", a_total="counter") == {
        "a": ("gauge", ["a"]),
        "a_total": ("unknown", ["a_total"]),
    }
