"""compare(): attribute by attribute, the selection beside the rest."""

from __future__ import annotations

from tests.traceql.metrics.asking import START, S, instant, spans_at


def counts(query: str, attribute: str) -> dict[str, float]:
    """The series of an attribute, `side=value` or `side total`."""
    spans = [
        *spans_at(1, 2, attributes={"user": "ann"}, status=2),
        *spans_at(3, attributes={"user": "ann"}, trace=2),
        *spans_at(4, attributes={"user": "bob"}, trace=3),
        *spans_at(5, trace=4),
    ]
    found = {}
    for labels, value in instant(query, spans).items():
        meta, _, rest = labels.removeprefix("__meta_type=").partition(" ")
        name, _, text = rest.rpartition("=")
        if name == attribute:
            found[f"{meta}={text}"] = value
    return found


def test_values_of_both_sides_and_their_totals() -> None:
    assert counts("{ } | compare({ status = error })", "span.user") == {
        "baseline=ann": 1,
        "baseline=bob": 1,
        "baseline_total=nil": 2,
        "selection=ann": 2,
        "selection_total=nil": 2,
    }


def test_intrinsics_are_compared_but_not_durations_and_ids() -> None:
    query = "{ } | compare({ status = error })"
    assert counts(query, "status")["selection=error"] == 2
    assert counts(query, "name")["baseline_total=nil"] == 3
    for name in ("duration", "traceDuration", "trace:id", "span:id"):
        assert counts(query, name) == {}


def test_well_known_attributes_count_where_they_are_missing() -> None:
    assert counts("{ } | compare({ status = error })", "span.http.method") == {
        "baseline=nil": 3,
        "baseline_total=nil": 3,
        "selection=nil": 2,
        "selection_total=nil": 2,
    }


def test_only_the_most_frequent_values_are_shown() -> None:
    found = counts("{ } | compare({ name = `nope` }, 1)", "span.user")
    assert found == {"baseline=ann": 3, "baseline_total=nil": 4}


def test_a_selection_may_have_a_range() -> None:
    query = f"{{ }} | compare({{ }}, 10, {START + 2 * S}, {START + 4 * S})"
    found = counts(query, "name")
    assert (found["baseline=op"], found["selection=op"]) == (3, 2)


def test_what_the_filter_asks_for_counts_twice() -> None:
    found = counts("{ span.user = `ann` } | compare({ status = error })", "span.user")
    assert found["selection_total=nil"] == 4
    found = counts("{ .user = `ann` || name = `op` } | compare({ status = error })", "span.user")
    assert found["baseline=ann"] == 2
    assert found["baseline=bob"] == 1
