"""From expositions to columns."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.base.errors import LimitExceeded
from appliance.ingest.scrape.column import Column
from appliance.ingest.scrape.series import TargetSeries
from appliance.model.labels import Labels
from appliance.model.sample import is_histogram, is_stale
from tests.ingest.scrape.appender import MemoryAppender, job_of, show
from tests.wire.exposition.protobuf import HISTOGRAM, PROTO, delimited, family

TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
AT = 1_700_000_000_000
TARGET = Labels.of({"job": "j", "instance": "i"})


class Reader:
    """A target and what it has stored."""

    def __init__(self, job: str = "", target: Labels = TARGET) -> None:
        self.appender = MemoryAppender()
        self.series = TargetSeries(target, job_of(job), self.appender, tenant="anonymous")

    def read(self, text: str) -> dict[str, float | str]:
        return self.shown(self.series.read(text.encode(), TEXT, AT))

    def shown(self, column: Column) -> dict[str, float | str]:
        stale = is_stale(column.values)
        return {
            show(self.appender.labels[row]): "stale" if stale[at] else float(column.values[at])
            for at, row in enumerate(column.ids.tolist())
        }


def test_series_that_go_are_marked_once_and_may_return() -> None:
    reader = Reader()
    assert reader.read("a 1\nb 2\n") == {"a": 1.0, "b": 2.0}
    assert reader.read("a 3\n") == {"a": 3.0, "b": "stale"}
    assert reader.read("a 4\n") == {"a": 4.0}
    assert reader.read("b 5\na 6\n") == {"a": 6.0, "b": 5.0}


def test_known_series_are_resolved_once_and_keep_their_array_of_ids() -> None:
    reader = Reader()
    first = reader.series.read(b"a 1\nb 2\n", TEXT, AT)
    second = reader.series.read(b"a 3\nb 4\n", TEXT, AT)
    assert reader.appender.resolved == 2
    assert second.ids is first.ids
    assert (first.added, second.added) == (2, 0)


def test_a_failed_scrape_ends_every_series() -> None:
    reader = Reader()
    reader.read("a 1\n")
    assert reader.shown(reader.series.stale()) == {"a": "stale"}
    assert reader.shown(reader.series.stale()) == {}
    assert reader.read("a 2\n") == {"a": 2.0}


@pytest.mark.parametrize(
    ("honor", "exposed", "target", "expected"),
    [
        ("false", 'm{a="x"}', {"a": "t"}, {"a": "t", "exported_a": "x"}),
        ("true", 'm{a="x"}', {"a": "t"}, {"a": "x"}),
        ("true", "m", {"a": "t"}, {"a": "t"}),
        (
            "false",
            'm{a="x",exported_a="y"}',
            {"a": "t"},
            {"a": "t", "exported_a": "y", "exported_exported_a": "x"},
        ),
        (
            "false",
            'm{a="x",exported_a="y"}',
            {"a": "t", "exported_a": "u"},
            {"a": "t", "exported_a": "u", "exported_exported_a": "x"}
            | {"exported_exported_exported_a": "y"},
        ),
    ],
)
def test_clashes_with_target_labels(
    honor: str, exposed: str, target: dict[str, str], expected: dict[str, str]
) -> None:
    reader = Reader(f"honor_labels: {honor}", Labels.of(target))
    reader.read(f"{exposed} 1\n")
    assert dict(reader.appender.labels[0]) == expected | {"__name__": "m"}


def test_metric_relabelling_drops_and_renames() -> None:
    reader = Reader(
        "metric_relabel_configs: [{source_labels: [__name__], regex: 'go_.*', action: drop},"
        " {source_labels: [a], target_label: b}, {regex: a, action: labeldrop}]"
    )
    column = reader.series.read(b'go_x 1\nm{a="1"} 2\n', TEXT, AT)
    assert reader.shown(column) == {'m{b="1"}': 2.0}
    assert (column.scraped, column.kept, column.added) == (2, 1, 1)
    assert reader.read('go_x 1\nm{a="1"} 3\n') == {'m{b="1"}': 3.0}


def test_series_that_relabelling_makes_equal_are_kept_once() -> None:
    reader = Reader("metric_relabel_configs: [{regex: a, action: labeldrop}]")
    assert reader.read('m{a="1"} 1\nm{a="2"} 2\n') == {"m": 1.0}
    assert reader.read('m{a="1"} 3\nm{a="2"} 4\n') == {"m": 3.0}
    assert reader.read('m{a="2"} 5\n') == {"m": 5.0}


def test_times_in_the_exposition_are_kept_and_not_tracked() -> None:
    reader = Reader()
    column = reader.series.read(b"a 1 5000\nb 2\na 3 6000\n", TEXT, AT)
    assert reader.shown(column) == {"b": 2.0}
    assert column.stamped is not None
    assert [show(labels) for labels in column.stamped.labels] == ["a"]
    assert column.stamped.timestamps_ms.tolist() == [5000, 6000]
    assert column.stamped.values.tolist() == [1.0, 3.0]
    assert column.stamped.series.tolist() == [0, 0]
    assert reader.read("b 2\n") == {"b": 2.0}


def test_times_in_the_exposition_are_ignored_when_told_to() -> None:
    reader = Reader("honor_timestamps: false")
    column = reader.series.read(b"a 1 5000\nb 2\na 3 6000\n", TEXT, AT)
    assert reader.shown(column) == {"b": 2.0, "a": 1.0}
    assert column.stamped is None
    assert reader.read("b 2\n") == {"a": "stale", "b": 2.0}


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ("sample_limit: 1", "sample limit exceeded"),
        ("label_limit: 4", "label_limit exceeded (metric: m, number of labels: 5, limit: 4)"),
        ("label_name_length_limit: 5", "label_name_length_limit exceeded"),
        ("label_value_length_limit: 3", "label_value_length_limit exceeded"),
        ("metric_relabel_configs: [{target_label: __name__, replacement: ''}]", "missing metric"),
    ],
)
def test_limits_refuse_the_whole_scrape_every_time(job: str, message: str) -> None:
    reader = Reader(job, Labels.of({"job": "jobs", "instance": "i"}))
    body = b'm{name="1"} 1\nm{name="2",x="long"} 2\n'
    for _ in range(2):
        column = reader.series.read(body, TEXT, AT)
        assert message in column.error
        assert len(column.ids) == 0


def test_series_the_store_refuses_are_tried_again() -> None:
    reader = Reader()
    resolve = reader.appender.resolve

    def refuse(tenant: str, labels: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        raise LimitExceeded(f"{tenant} {labels}", limit="limits.series_per_tenant")

    reader.appender.resolve = refuse  # type: ignore[method-assign]  # a store that is full
    with pytest.raises(LimitExceeded):
        reader.read("a 1\n")
    reader.appender.resolve = resolve  # type: ignore[method-assign]
    assert reader.read("a 1\n") == {"a": 1.0}


def test_a_changed_job_ends_series_under_their_old_labels() -> None:
    reader = Reader()
    reader.read("a 1\nb 2\n")
    reader.series.set_job(job_of("metric_relabel_configs: [{target_label: x, replacement: y}]"))
    assert reader.read("a 1\nb 2\n") == {
        'a{x="y"}': 1.0,
        'b{x="y"}': 2.0,
        "a": "stale",
        "b": "stale",
    }


def test_a_target_with_ever_new_series_does_not_grow_without_bound() -> None:
    reader = Reader()
    for number in range(60):
        body = "".join(f'm{{x="{number * 100 + i}"}} 1\n' for i in range(100))
        column = reader.series.read(body.encode(), TEXT, AT)
        assert column.added == 100
        assert len(column.ids) == (200 if number else 100)
    assert len(reader.series._parser.labels) < 2000


def test_what_returns_after_a_failed_scrape_has_not_been_added() -> None:
    reader = Reader()
    reader.read("a 1\n")
    reader.series.stale()
    assert reader.series.read(b"a 1\nb 1\n", TEXT, AT).added == 1


def test_a_broken_limit_ends_every_series_and_reports_what_there_was() -> None:
    reader = Reader("sample_limit: 2")
    reader.read("a 1\nb 1\n")
    column = reader.series.read(b"a 1\nb 1\nc 1\n", TEXT, AT)
    assert reader.shown(column) == {"a": "stale", "b": "stale"}
    assert (column.scraped, column.kept, column.limit) == (3, 3, "sample_limit")


def test_new_series_of_an_answer_over_the_limit_never_reach_the_store() -> None:
    reader = Reader("sample_limit: 2")
    for number in range(3):
        body = "".join(f'm{{x="{number}{i}"}} 1\n' for i in range(5))
        assert reader.series.read(body.encode(), TEXT, AT).kept == 5
    assert reader.appender.resolved == 0
    assert reader.read('m{x="01"} 1\nm{x="new"} 2\n') == {'m{x="01"}': 1.0, 'm{x="new"}': 2.0}
    assert reader.appender.resolved == 2


def test_times_in_the_exposition_may_be_tracked() -> None:
    reader = Reader("track_timestamps_staleness: true")
    assert reader.read("a 1 5000\nb 2\n") == {"b": 2.0}
    assert reader.read("a 1 6000\nb 2\n") == {"b": 2.0}
    assert reader.read("b 2\n") == {"a": "stale", "b": 2.0}
    assert reader.read("b 2\n") == {"b": 2.0}


def test_times_far_ahead_are_left_out() -> None:
    column = Reader().series.read(b"a 1 %d\na 2 %d\n" % (AT + 600_000, AT + 600_001), TEXT, AT)
    assert column.stamped is not None
    assert column.stamped.values.tolist() == [1]


def test_legacy_names_are_insisted_on() -> None:
    job = "metric_name_validation_scheme: legacy"
    column = Reader(job).series.read(b'{"a.b"} 1\n', TEXT, AT)
    assert column.error.startswith("invalid metric name or label names: {")
    assert Reader().series.read(b'{"a.b"} 1\n', TEXT, AT).error == ""


OPEN = b"""# TYPE c counter
c_total{drop="1"} 1
c_total 5 # {trace_id="a"} 0.5 12.5
c_created 1000
# TYPE g gauge
g 1
# EOF
"""


def test_start_times_and_exemplars_go_with_the_ids_that_are_kept() -> None:
    reader = Reader("metric_relabel_configs: [{source_labels: [drop], regex: '1', action: drop}]")
    reader.series.read(OPEN.replace(b"g 1\n", b"g 1\nh 1\n"), OPENMETRICS, AT)
    column = reader.series.read(OPEN.replace(b"0.5 12.5", b"0.5"), OPENMETRICS, AT)
    names = [show(reader.appender.labels[row]) for row in column.ids.tolist()]
    assert names == ["c_total", "c_created", "g", "h"]
    assert column.extras is not None
    assert column.extras.starts_ms is not None
    assert column.extras.starts_ms.tolist() == [1_000_000, 0, 0, 0]
    ((place, exemplar),) = column.extras.exemplars
    assert (place, exemplar.value, exemplar.timestamp_ms) == (0, 0.5, AT)


def test_labels_of_exemplars_have_a_bound() -> None:
    body = OPEN.replace(b'trace_id="a"', b'trace_id="%s"' % (b"x" * 121))
    column = Reader().series.read(body, OPENMETRICS, AT)
    assert column.extras is not None
    assert not column.extras.exemplars


NATIVE = {
    "count": 3,
    "sum": 1.0,
    "schema": 2,
    "positive_span": [{"offset": 1, "length": 3}],
    "positive_delta": [1, 0, 0],
}


def test_native_histograms_keep_their_limits() -> None:
    body = delimited(family("h", HISTOGRAM, {"histogram": NATIVE}))
    job = "scrape_native_histograms: true, native_histogram_bucket_limit: 2"
    column = Reader(job).series.read(body, PROTO, AT)
    assert column.extras is not None
    (found,) = column.extras.histograms
    assert is_histogram(column.values).tolist() == [True]
    assert (found.schema, found.positive.counts.tolist()) == (1, [2, 1])
    assert Reader().series.read(body, PROTO, AT).extras is None  # its classic form has no buckets


def test_too_many_buckets_in_any_resolution_fail_the_scrape() -> None:
    spans = [{"offset": -5000, "length": 1}, {"offset": 9000, "length": 1}]
    value = NATIVE | {"count": 2, "schema": 3, "positive_span": spans, "positive_delta": [1, 0]}
    body = delimited(family("h", HISTOGRAM, {"histogram": value}))
    job = "scrape_native_histograms: true, native_histogram_bucket_limit: 1"
    column = Reader(job).series.read(body, PROTO, AT)
    assert (column.error, column.limit) == (
        "histogram bucket limit exceeded",
        "native_histogram_bucket_limit",
    )


def test_a_refused_series_ends_the_count_of_what_was_scraped() -> None:
    reader = Reader("label_limit: 3")
    for _ in range(2):
        column = reader.series.read(b'a 1\nb{x="y"} 2\nc 3\n', TEXT, AT)
        assert (column.scraped, column.kept, column.limit) == (2, 1, "label_limits")
