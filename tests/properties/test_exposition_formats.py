"""Formats of expositions: arbitrary bytes, and prometheus_client's parsers as oracles."""

from __future__ import annotations

import math
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import is_histogram
from appliance.wire.exposition import ParseOptions, ScrapeParser
from tests.random_examples import examples
from tests.wire.exposition.protobuf import (
    COUNTER,
    GAUGE,
    HISTOGRAM,
    PROTO,
    delimited,
    family,
    instant,
    pairs,
)

bounded = examples(40)
TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"

names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
labels = st.dictionaries(
    names.filter(lambda name: name not in {"le", "quantile"}), texts, max_size=3
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.lists(st.integers(0, 50), min_size=1, max_size=4)
Found = dict[tuple[tuple[str, str], ...], float]


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def line(name: str, pairs_of: dict[str, str], value: float, more: str = "") -> str:
    inside = ",".join(f'{key}="{escaped(text)}"' for key, text in pairs_of.items())
    return f"{name}{{{inside}}} {value!r}{more}\n"


def histogram_lines(name: str, own: dict[str, str], parts: list[int]) -> str:
    total, found = 0, ""
    for bound, count in enumerate(parts):
        total += count
        found += line(f"{name}_bucket", own | {"le": f"{bound}.0"}, total)
    found += line(f"{name}_bucket", own | {"le": "+Inf"}, total)
    return found + line(f"{name}_count", own, total) + line(f"{name}_sum", own, 1.5)


def ours(body: str, content_type: str) -> Found:
    parser = ScrapeParser()
    scrape = parser.parse(body.encode(), content_type)
    again = parser.parse(body.encode(), content_type)
    assert again.rows.tolist() == scrape.rows.tolist()
    rows = zip(scrape.rows.tolist(), scrape.values.tolist(), strict=True)
    return {tuple(parser.labels[row]): value for row, value in rows}


def key(name: str, found: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(Labels.of(found | {"__name__": name}))


@bounded
@given(names, labels, numbers, counts)
def test_text_is_read_as_the_python_client_reads_it(
    name: str, own: dict[str, str], value: float, parts: list[int]
) -> None:
    body = (
        f"# HELP {name}_g Some.\n# TYPE {name}_g gauge\n{line(name + '_g', own, value)}"
        f"# TYPE {name}_h histogram\n{histogram_lines(name + '_h', own, parts)}"
    )
    expected = {
        key(sample.name, sample.labels): sample.value
        for one in parse_text(body)
        for sample in one.samples
    }
    assert ours(body, TEXT) == expected


@bounded
@given(names, labels, st.floats(0, 1e9), counts, st.integers(0, 2**31))
def test_openmetrics_is_read_as_the_python_client_reads_it(
    name: str, own: dict[str, str], value: float, parts: list[int], created: int
) -> None:
    exemplar = ' # {trace_id="x"} 0.5 12.5'
    body = (
        f"# TYPE {name}_c_seconds counter\n# UNIT {name}_c_seconds seconds\n"
        f"{line(name + '_c_seconds_total', own, value, exemplar)}"
        f"{line(name + '_c_seconds_created', own, created)}"
        f"# TYPE {name}_h histogram\n{histogram_lines(name + '_h', own, parts)}# EOF\n"
    )
    families = list(parse_openmetrics(body))  # type: ignore[no-untyped-call]  # not ours
    expected = {
        key(sample.name, sample.labels): float(sample.value)
        for one in families
        for sample in one.samples
    }
    assert ours(body, OPENMETRICS) == expected
    parser = ScrapeParser()
    scrape = parser.parse(body.encode(), OPENMETRICS)
    theirs = next(sample.exemplar for one in families for sample in one.samples if sample.exemplar)
    ((row, found),) = scrape.exemplars
    assert parser.labels[row].get("__name__") == f"{name}_c_seconds_total"
    assert (dict(found.labels), found.value) == (theirs.labels, theirs.value)
    assert found.timestamp_ms == float(theirs.timestamp or 0) * 1000
    assert scrape.starts_ms is None or scrape.starts_ms[0] == created * 1000


@bounded
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_as_protobuf_or_refused(
    body: bytes,
    convert: bool,  # noqa: FBT001 - hypothesis passes by position
) -> None:
    with suppress(BadInput):
        ScrapeParser(ParseOptions(custom_buckets=convert)).parse(body, PROTO)


VALID = delimited(
    family("c_total", COUNTER, {"labels": {"a": "b"}, "counter": {"value": 1.5}}),
    family(
        "h",
        HISTOGRAM,
        {
            "histogram": {
                "count": 3,
                "sum": 2.0,
                "schema": 1,
                "positive_span": [{"offset": 1, "length": 2}],
                "positive_delta": [1, 1],
                "created": instant(5),
                "exemplar": [{"label": pairs({"t": "u"}), "value": 1, "timestamp": instant(7)}],
            }
        },
    ),
    family("g", GAUGE, {"gauge": {"value": math.nan}}),
)


@bounded
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=4))
def test_damaged_protobuf_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    body = bytearray(VALID)
    for at, byte in changes:
        body[at] = byte
    parser = ScrapeParser(ParseOptions())
    with suppress(BadInput):
        scrape = parser.parse(bytes(body), PROTO)
        assert int(is_histogram(scrape.values).sum()) <= len(scrape.histograms)
        assert scrape.exemplars is not None
    assert len(parser.parse(VALID, PROTO).rows) == 3


@bounded
@given(st.text('# {}"ab=\n\\ 1.5eTYPEUNITHELOF_createdhistogramcounter', max_size=80))
def test_any_text_is_read_as_openmetrics_or_refused(text: str) -> None:
    for options in (ParseOptions(), ParseOptions(custom_buckets=True, skip_created=True)):
        parser = ScrapeParser(options)
        for body in (text, text + "# EOF\n", text + "\n# EOF\n"):
            with suppress(BadInput):
                scrape = parser.parse(body.encode(), OPENMETRICS)
                assert len(scrape.rows) == len(scrape.values) == len(set(scrape.rows.tolist()))


@bounded
@given(names, labels, counts)
def test_converted_histograms_hold_every_observation(
    name: str, own: dict[str, str], parts: list[int]
) -> None:
    body = f"# TYPE {name} histogram\n{histogram_lines(name, own, parts)}"
    parser = ScrapeParser(ParseOptions(custom_buckets=True))
    for _ in range(2):
        scrape = parser.parse(body.encode(), TEXT)
        (histogram,) = scrape.histograms
        assert histogram.count == sum(parts) == histogram.positive.counts.sum()
        assert histogram.custom_values.tolist() == [float(at) for at in range(len(parts))]
        assert parser.labels[int(scrape.rows[0])] == Labels.of(own | {"__name__": name})
