from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.wire.exposition import ScrapeParser, parse
from tests.random_examples import examples

bounded = examples(60)

TEXT = "text/plain"
OPENMETRICS = "application/openmetrics-text"

label_names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(
    lambda x: x != "__name__"
)
names = st.from_regex(r"[a-z_:][a-z0-9_:]{0,8}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_nan=False)
series = st.tuples(names, st.dictionaries(label_names, values, max_size=3))
lines = st.lists(
    st.tuples(series, numbers, st.none() | st.integers(0, 2**50)),
    max_size=8,
    unique_by=lambda line: Labels.of(line[0][1] | {"__name__": line[0][0]}),
)
Line = tuple[tuple[str, dict[str, str]], float, int | None]


def encode(exposed: list[Line]) -> bytes:
    found = []
    for (name, labels), value, stamp in exposed:
        pairs = ",".join(
            '{}="{}"'.format(
                key, text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
            )
            for key, text in labels.items()
        )
        inside = f"{{{pairs}}}" if labels else ""
        found.append(f"{name}{inside} {value!r}" + ("" if stamp is None else f" {stamp}"))
    return ("# TYPE x counter\n" + "\n".join(found) + "\n").encode()


def labels_of(line: Line) -> Labels:
    return Labels.of(line[0][1] | {"__name__": line[0][0]})


@bounded
@given(lines)
def test_what_was_exposed_is_read(exposed: list[Line]) -> None:
    samples = parse(encode(exposed)).samples

    read = [(sample.labels, sample.value, sample.timestamp_ms) for sample in samples]
    assert read == [(labels_of(line), line[1], line[2]) for line in exposed]


@bounded
@given(st.lists(lines, min_size=1, max_size=4), st.booleans())
def test_a_scrape_parser_reads_what_a_full_parse_reads(
    scrapes: list[list[Line]],
    twice: bool,  # noqa: FBT001 - hypothesis passes by position
) -> None:
    parser = ScrapeParser()
    known: list[Labels] = []
    for exposed in scrapes * 2 if twice else [one for one in scrapes for _ in range(2)]:
        scrape = parser.parse(encode(exposed), TEXT)
        known += scrape.new_labels
        assert known == parser.labels
        plain = {labels_of(line): line[1] for line in exposed if line[2] is None}
        rows = scrape.rows.tolist()
        assert {known[row]: value for row, value in zip(rows, scrape.values, strict=True)} == plain
        stamped = [(labels_of(line), line[2], line[1]) for line in exposed if line[2] is not None]
        assert [(known[row], at, value) for row, at, value in scrape.stamped] == stamped


@bounded
@given(
    st.lists(
        st.text('ab{}"=, \n\t#\\1.5eTYPEHLOFNai:', max_size=60).map(str.encode)
        | st.binary(max_size=20),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([TEXT, OPENMETRICS]),
)
def test_arbitrary_bytes_are_read_alike_or_refused_alike(
    bodies: list[bytes], content_type: str
) -> None:
    """Whatever a parser remembers from before, it accepts what a fresh one accepts."""
    parser = ScrapeParser()
    base = b'a{b="1 2"} 1\nab 5\n# EOF\n'
    for body in [base, *bodies, base, *(base.replace(b"5", body[:5]) for body in bodies)]:
        fresh = old = None
        with suppress(BadInput):
            fresh = ScrapeParser().parse(body, content_type)
        with suppress(BadInput):
            old = parser.parse(body, content_type)
        assert (fresh is None) == (old is None)
        if fresh is not None and old is not None:
            np.testing.assert_array_equal(fresh.values, old.values)
            assert [stamped[1:] for stamped in fresh.stamped] == [one[1:] for one in old.stamped]
