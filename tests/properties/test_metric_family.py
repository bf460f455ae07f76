"""Bodies that are pushed: arbitrary bytes are refused in words, what is printed is read back."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.wire.metric_family import (
    delimited,
    labels_of,
    parse_delimited,
    parse_text,
    points,
    print_text,
)

_PIECES = st.sampled_from(
    [
        b"# TYPE h histogram\n",
        b"# HELP h x\n",
        b'h_bucket{le="1"} 1\n',
        b"h_sum 2\n",
        b"h_count NaN\n",
        b'h_bucket{le="x"} 1\n',
        b"h_count 1e300\n",
        b"s_count -1\n",
        b's{quantile="2"} 1\n',
        b's{quantile="?"} 1\n',
        b"x{",
        b"x 1 5\n",
        b"\xff",
        b"\n",
        b'x{a="b"} +Inf\n',
        b"x",
    ]
)
_TYPES = b"# TYPE h histogram\n# TYPE s summary\n"
_NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
_SERIES = st.tuples(
    _NAMES, st.dictionaries(_NAMES.filter(lambda n: n != "__name__"), st.text(max_size=9))
)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(_PIECES, max_size=12).map(lambda parts: _TYPES + b"".join(parts)),
    )
)
def test_text_that_is_none_is_bad_input(body: bytes) -> None:
    with contextlib.suppress(BadInput):
        print_text(parse_text(body))


@given(st.binary(max_size=200))
def test_messages_that_are_none_are_bad_input(body: bytes) -> None:
    with contextlib.suppress(BadInput):
        print_text(parse_delimited(body))


@given(
    st.dictionaries(
        _SERIES.map(lambda s: (s[0], tuple(sorted(s[1].items())))), st.floats(), max_size=6
    )
)
def test_what_is_printed_is_read_back(
    series: dict[tuple[str, tuple[tuple[str, str], ...]], float],
) -> None:
    lines = []
    for (name, pairs), value in series.items():
        shown = ",".join(f'{k}="{_escaped(v)}"' for k, v in pairs)
        lines.append(f"{name}{{{shown}}} {_number(value)}\n")
    first = parse_text("".join(lines).encode())
    again = parse_delimited(delimited(parse_text(print_text(first))))
    assert _values(again) == _values(first)
    assert sum(len(family.metric) for family in first) == len(series)


def _values(families: list) -> set:  # type: ignore[type-arg]
    return {
        (name, tuple(sorted(labels_of(metric).items())), repr(value))
        for family in families
        for metric in family.metric
        for name, _, value in points(family, metric)
    }


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(value), repr(value))
