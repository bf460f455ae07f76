from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import NORMAL_NAN_BITS, is_histogram
from appliance.wire.exposition import ParseOptions, Scrape, ScrapeParser

TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def found(parser: ScrapeParser, scrape: Scrape) -> dict[Labels, float]:
    rows = scrape.rows.tolist()
    assert len(set(rows)) == len(rows)
    return {parser.labels[row]: value for row, value in zip(rows, scrape.values, strict=True)}


def body(value: int) -> bytes:
    return b'# TYPE a counter\na{x="1 2"} %d\na{x="2"} %d\nb NaN\n' % (value, value + 1)


def test_rows_stay_the_same_and_values_follow() -> None:
    parser = ScrapeParser()
    first = parser.parse(body(1), TEXT)
    second = parser.parse(body(5), TEXT)

    assert first.rows.tolist() == second.rows.tolist() == [0, 1, 2]
    assert second.values[:2].tolist() == [5, 6]
    assert second.values.view(np.uint64)[2] == NORMAL_NAN_BITS
    assert len(first.new_labels) == 3
    assert not second.new_labels
    assert second.sample_count == 3


def test_metadata_is_given_only_when_it_changes() -> None:
    parser = ScrapeParser()

    assert parser.parse(body(1), TEXT).metadata["a"].type == "counter"
    assert not parser.parse(body(2), TEXT).metadata
    assert not parser.parse(body(3) + b"new 1\n", TEXT).metadata
    changed = parser.parse(body(4).replace(b"counter", b"gauge"), TEXT).metadata
    assert changed["a"].type == "gauge"


def test_new_and_vanished_series() -> None:
    parser = ScrapeParser()
    parser.parse(body(1), TEXT)

    grown = parser.parse(b"c 3\n" + body(2), TEXT)
    shrunk = parser.parse(b"c 4\n", TEXT)

    assert grown.new_labels == [Labels.of({"__name__": "c"})]
    assert grown.rows.tolist() == [3, 0, 1, 2]
    assert shrunk.rows.tolist() == [3]
    assert shrunk.values.tolist() == [4]


def test_a_line_may_change_its_shape() -> None:
    """`a 1` and `a 1 1000` share their beginning but are read differently."""
    parser = ScrapeParser()
    parser.parse(b"a 1\nb 1\n", TEXT)

    stamped = parser.parse(b"a 7 1000\nb 2\n", TEXT)
    again = parser.parse(b"a 8 2000\nb 2\n", TEXT)
    plain = parser.parse(b"a 9\nb 2\n", TEXT)

    assert stamped.stamped == [(0, 1000, 7.0)]
    assert stamped.rows.tolist() == [1]
    assert again.stamped == [(0, 2000, 8.0)]
    assert plain.values.tolist() == [9, 2]
    assert not plain.stamped


@pytest.mark.parametrize("value", ["NaN", "+Inf", "1e5"])
def test_explicit_times_come_with_the_right_values(value: str) -> None:
    parser = ScrapeParser()
    line = f'a{{b="c d"}} {value} 1700000000000\n'.encode()

    parser.parse(line, TEXT)
    parser.parse(line, TEXT)
    scrape = parser.parse(line, TEXT)

    assert scrape.sample_count == 1
    assert scrape.stamped[0][:2] == (0, 1700000000000)
    np.testing.assert_equal(scrape.stamped[0][2], float(value))


def test_exemplars_do_not_disturb() -> None:
    parser = ScrapeParser()
    text = b'a_bucket{le="1"} %d # {trace_id="x%d"} 0.5 1.6e9\na_count %d\n# EOF\n'

    parser.parse(text % (0, 0, 0), OPENMETRICS)
    parser.parse(text % (1, 1, 1), OPENMETRICS)
    scrape = parser.parse(text % (2, 2, 2), OPENMETRICS)

    assert scrape.values.tolist() == [2, 2]
    assert parser.labels[0].get("le") == "1"
    assert len(parser.labels) == 2


def test_an_exemplar_look_alike_inside_a_label_is_text() -> None:
    parser = ScrapeParser()
    line = b'a{b="x 1 # {y} 2"} 5\nc 1\n'

    scrapes = [parser.parse(line, TEXT) for _ in range(3)]

    assert [scrape.values.tolist() for scrape in scrapes] == [[5, 1]] * 3
    assert parser.labels[0].get("b") == "x 1 # {y} 2"


def test_of_duplicates_the_first_counts() -> None:
    parser = ScrapeParser()
    text = b'a{x="1",y="2"} 1\na{y="2",x="1"} 2\nb 3\na{x="1",y="2"} 4\n'

    for _ in range(2):  # the second time by the remembered layout
        scrape = parser.parse(text, TEXT)
        assert found(parser, scrape) == {
            Labels.of({"__name__": "a", "x": "1", "y": "2"}): 1,
            Labels.of({"__name__": "b"}): 3,
        }
        assert scrape.duplicates == 2
        assert scrape.sample_count == 4


def test_odd_blanks_are_read_every_time() -> None:
    parser = ScrapeParser()

    for _ in range(3):
        scrape = parser.parse(b"a\t1\nb 2 \n c  3\n\nd 4\n", TEXT)
        assert scrape.values.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(("line", "stamps"), [(b"a 5\t\n", 0), (b"a 5\t1000\n", 1), (b"a\t5\n", 0)])
def test_a_known_series_may_be_written_differently(line: bytes, stamps: int) -> None:
    parser = ScrapeParser()
    parser.parse(b"a 1\nb 2\n", TEXT)

    scrape = parser.parse(line + b"b 2\n", TEXT)

    values = [value for _, _, value in scrape.stamped] + scrape.values.tolist()
    assert values == [5, 2]
    assert len(scrape.stamped) == stamps


@pytest.mark.parametrize(
    "broken",
    [
        b"a 1\nb\n",  # same tokens, other lines
        b"a 1 b 2\n",
        b"a 1\nb 2 3 4\n",
        b"a\n1 b 2\n",
        b"a 1\nb x\n",
        b"a 1\nb 2,3\n",
        b"a 1\nb \n",
    ],
)
def test_a_known_target_is_still_read_strictly(broken: bytes) -> None:
    parser = ScrapeParser()
    parser.parse(b"a 1\nb 2\n", TEXT)
    parser.parse(b"a 1\nb 2\n", TEXT)

    with pytest.raises(BadInput, match="line"):
        parser.parse(broken, TEXT)


def test_new_series_of_a_failed_scrape_are_reported_by_the_next() -> None:
    parser = ScrapeParser()
    with pytest.raises(BadInput, match="line 2"):
        parser.parse(b"a 1\nb{ 2\n", TEXT)

    assert parser.parse(b"a 1\nb 2\n", TEXT).new_labels == parser.labels


def test_rows_are_forgotten_when_a_target_keeps_changing() -> None:
    parser = ScrapeParser()
    lines = b""
    for scrape in range(100):
        lines = b"".join(b'a{scrape="%d",i="%d"} 1\n' % (scrape, i) for i in range(100))
        parser.parse(lines, TEXT)
        assert len(parser.labels) < 1500

    assert parser.generation > 0
    last = parser.parse(lines, TEXT)
    assert len(found(parser, last)) == 100


def test_a_reset_reports_every_row_again() -> None:
    parser = ScrapeParser()
    parser.parse(b"".join(b"m%d 1\n" % i for i in range(1500)), TEXT)
    parser.parse(b"a 1\n", TEXT)

    scrape = parser.parse(b"a 1\nb 2\n", TEXT)

    assert parser.generation == 1
    assert list(scrape.new_labels) == parser.labels
    assert scrape.rows.tolist() == [0, 1]


def test_the_format_may_change_between_scrapes() -> None:
    parser = ScrapeParser()
    parser.parse(b"a 1\nb 2\n", TEXT)

    with pytest.raises(BadInput, match="EOF"):
        parser.parse(b"a 1\nb 2\n", OPENMETRICS)
    assert parser.parse(b"a 1\nb 2\n# EOF\n", OPENMETRICS).rows.tolist() == [0, 1]


def test_a_body_without_its_last_newline() -> None:
    parser = ScrapeParser()

    assert parser.parse(b"a 1\nb 2", TEXT).values.tolist() == [1, 2]
    assert parser.parse(b"a 3\nb 4", TEXT).values.tolist() == [3, 4]


def test_an_empty_body() -> None:
    scrape = ScrapeParser().parse(b"", TEXT)

    assert scrape.sample_count == 0
    assert scrape.rows.dtype == np.int64


def test_bounds_are_normalised_by_the_type_of_their_family() -> None:
    body = (
        b'# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\n# TYPE g gauge\n'
        b'g{le="1",quantile="1"} 1\n# TYPE s summary\ns{quantile="5e-1"} 3\n'
    )
    parser = ScrapeParser()
    for _ in range(2):
        parser.parse(body, TEXT)
    assert [labels.get("le") + labels.get("quantile") for labels in parser.labels] == [
        *("1.0", "+Inf", "11", "0.5"),
    ]


def test_a_family_that_changes_its_type_changes_its_bounds() -> None:
    parser = ScrapeParser()
    parser.parse(b'# TYPE h gauge\nh{le="1"} 1\n', TEXT)
    scrape = parser.parse(b'# TYPE h histogram\nh{le="1"} 1\n', TEXT)
    assert parser.labels[int(scrape.rows[0])].get("le") == "1.0"


OPEN = b"""# TYPE c counter
c_total 5 # {trace_id="a"} 0.5 12.5
c_created 1000.5
# TYPE h histogram
h_bucket{le="1"} 2 # {x="y"} 0.25 9
h_bucket{le="+Inf"} 3 # {x="z"} 7
h_count 3
h_sum 4.5
h_created 2000
# TYPE g gauge
g_created 7
# EOF
"""


def shown(parser: ScrapeParser, rows: Iterable[int]) -> list[str]:
    return [
        labels.get("__name__") + labels.get("le") for labels in (parser.labels[row] for row in rows)
    ]


def test_created_times_become_start_times_of_what_was_created() -> None:
    parser = ScrapeParser()
    for _ in range(2):
        scrape = parser.parse(OPEN, OPENMETRICS)
        assert scrape.starts_ms is not None
        starts = zip(shown(parser, scrape.rows), scrape.starts_ms.tolist(), strict=True)
        assert {name: start for name, start in starts if start} == {
            "c_total": 1_000_500,
            "h_bucket1.0": 2_000_000,
            "h_bucket+Inf": 2_000_000,
            "h_count": 2_000_000,
            "h_sum": 2_000_000,
        }
        assert {"c_created", "h_created", "g_created"} < set(shown(parser, scrape.rows))


def test_created_series_may_be_left_out() -> None:
    parser = ScrapeParser(ParseOptions(skip_created=True))
    scrape = parser.parse(OPEN, OPENMETRICS)
    names = shown(parser, scrape.rows)
    assert names == ["c_total", "h_bucket1.0", "h_bucket+Inf", "h_count", "h_sum", "g_created"]
    assert scrape.sample_count == len(names) == len(scrape.values)


def test_exemplars_are_reported_once() -> None:
    parser = ScrapeParser()
    found = [
        (shown(parser, [row])[0], dict(one.labels), one.value, one.timestamp_ms)
        for row, one in parser.parse(OPEN, OPENMETRICS).exemplars
    ]
    assert found == [
        ("c_total", {"trace_id": "a"}, 0.5, 12_500),
        ("h_bucket1.0", {"x": "y"}, 0.25, 9_000),
        ("h_bucket+Inf", {"x": "z"}, 7, None),
    ]
    assert parser.parse(OPEN, OPENMETRICS).exemplars == []
    changed = parser.parse(OPEN.replace(b"0.25 9", b"0.25 10"), OPENMETRICS)
    assert [one.timestamp_ms for _, one in changed.exemplars] == [10_000]
    with pytest.raises(BadInput, match="line 2"):
        parser.parse(OPEN.replace(b"0.5 12.5", b"0.5 x"), OPENMETRICS)


def test_classic_histograms_become_custom_ones() -> None:
    parser = ScrapeParser(ParseOptions(custom_buckets=True))
    for _ in range(2):
        scrape = parser.parse(OPEN, OPENMETRICS)
        assert shown(parser, scrape.rows) == ["c_total", "c_created", "h_created", "g_created", "h"]
        (histogram,) = scrape.histograms
        assert (histogram.count, histogram.sum) == (3, 4.5)
        assert histogram.positive.counts.tolist() == [2, 1]
        assert is_histogram(scrape.values).tolist() == [False] * 4 + [True]
        assert scrape.starts_ms is not None
        assert scrape.starts_ms.tolist() == [1_000_500, 0, 0, 0, 2_000_000]


def test_exemplars_go_with_the_converted_histogram_if_they_have_a_time() -> None:
    parser = ScrapeParser(ParseOptions(custom_buckets=True))
    scrape = parser.parse(OPEN, OPENMETRICS)
    assert [shown(parser, [row])[0] for row, _ in scrape.exemplars] == ["c_total", "h"]


@pytest.mark.parametrize("wrong", [b"h_count 4", b"h_count 2.5"])
def test_a_histogram_that_contradicts_itself_is_left_out(wrong: bytes) -> None:
    parser = ScrapeParser(ParseOptions(custom_buckets=True))
    parser.parse(OPEN, OPENMETRICS)
    scrape = parser.parse(OPEN.replace(b"h_count 3", wrong), OPENMETRICS)
    assert "h" not in shown(parser, scrape.rows)
    assert len(scrape.rows) == len(scrape.values) == 4


def test_a_unit_is_a_suffix() -> None:
    parser = ScrapeParser()
    parser.parse(b"# TYPE a_s gauge\n# UNIT a_s s\na_s 1\n# EOF\n", OPENMETRICS)
    with pytest.raises(BadInput, match="unit 'm' not a suffix of metric 'a_s'"):
        parser.parse(b"# UNIT a_s m\na_s 1\n# EOF\n", OPENMETRICS)
