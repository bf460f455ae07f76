"""Pages have every series once, whole metrics, and not many more series than wanted."""

from __future__ import annotations

import pytest

from appliance.model.labels import Labels
from appliance.model.matcher import matches_all
from appliance.model.sample import MetricMetadata
from appliance.transfer.families import Family
from appliance.transfer.pages import Pace, one_of, pages_of

HISTOGRAM = Family("h", MetricMetadata("histogram"), ["h_bucket", "h_count"])
GAUGE = Family("g.x", MetricMetadata("gauge"), ["g.x"])
FAMILIES = {"h_bucket": HISTOGRAM, "h_count": HISTOGRAM, "g.x": GAUGE}


def series() -> list[Labels]:
    found = [Labels.of({"__name__": "g.x"})]
    for host in ("a|b", "c", ""):
        for path in range(10):
            own = {"host": host, "path": str(path)}
            found.append(Labels.of({"__name__": "h_count", **own}))
            found += [Labels.of({"__name__": "h_bucket", "le": le, **own}) for le in ("1", "+Inf")]
    return found


@pytest.mark.parametrize("most", [1, 4, 50, 1000])
def test_pages_have_all_series_once_and_ask_for_them(most: int) -> None:
    seen: list[Labels] = []
    everything = series()
    for page in pages_of(FAMILIES, everything, Pace(series=most)):
        wanted = [labels for _, group in page.metrics for labels in group]
        assert all(matches_all(page.matchers, labels) for labels in wanted)
        asked = sum(matches_all(page.matchers, labels) for labels in everything)
        assert asked == len(page) == len(wanted)
        assert len(page) <= max(most, 3)
        seen += wanted
    assert sorted(seen) == sorted(everything)
    names = [labels.get("__name__")[0] for labels in seen]
    assert names == sorted(names)


def test_pace_follows_what_pages_had() -> None:
    pace = Pace(target=1000, series=10)
    pace.note(10, 100)
    assert pace.series == 80  # room for 100, but not at once
    pace.note(80, 80_000)
    assert pace.series == 1


def test_values_are_taken_literally() -> None:
    matcher = one_of("a", ["x.y", "(", "ü\n"])
    assert [matcher.matches(text) for text in ("x.y", "(", "ü\n", "xzy")] == [True] * 3 + [False]
