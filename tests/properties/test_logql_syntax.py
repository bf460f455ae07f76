"""LogQL: what is printed is read back; anything else is read or refused."""

from __future__ import annotations

import contextlib
import itertools

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    Binary,
    BothConditions,
    Cardinality,
    CompareOp,
    Condition,
    Decolorize,
    Drop,
    EitherCondition,
    Extraction,
    FilterOp,
    FilterText,
    Grouping,
    IpCondition,
    Json,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelFormatItem,
    LabelReplace,
    LineFilter,
    LineFormat,
    Literal,
    Logfmt,
    LogRange,
    Matching,
    Metric,
    NumberCondition,
    Pattern,
    Pipeline,
    RangeAggregation,
    Regexp,
    Stage,
    TextCondition,
    Unit,
    Unpack,
    Unwrap,
    Variants,
    VectorAggregation,
    VectorLiteral,
)
from appliance.logql.parser import parse
from appliance.logql.prettier import pretty
from appliance.logql.printer import print_query
from appliance.model.matcher import Matcher, MatchOp
from tests.random_examples import examples

NAMES = st.sampled_from(["a", "rate", "sum", "ü", "_x", "level"])
TEXTS = st.text(alphabet='ab"`\\\n\tü', max_size=4)
EXPRESSIONS = st.sampled_from(["", "x", "a|b", ".*", "[ab]+\\d", "`"])
MATCHERS = st.builds(
    Matcher, NAMES, st.sampled_from([MatchOp.EQUAL, MatchOp.NOT_EQUAL]), TEXTS
) | st.builds(Matcher, NAMES, st.sampled_from([MatchOp.REGEX, MatchOp.NOT_REGEX]), EXPRESSIONS)
POSITIVE = st.sampled_from([FilterOp.CONTAINS, FilterOp.PATTERN])
FILTERS = st.builds(
    LineFilter,
    POSITIVE,
    st.lists(st.builds(FilterText, TEXTS), min_size=1, max_size=3).map(tuple),
) | st.builds(
    LineFilter,
    st.sampled_from([FilterOp.LACKS, FilterOp.NO_MATCH]),
    st.builds(FilterText, EXPRESSIONS).map(lambda text: (text,)),
)
SECONDS = st.integers(-(10**15), 10**15).map(lambda ns: ns / 1e9)
SIZES = st.integers(0, 2**50).map(float)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.builds(TextCondition, MATCHERS)
    | st.builds(NumberCondition, NAMES, st.sampled_from(CompareOp), st.just(Unit.DURATION), SECONDS)
    | st.builds(NumberCondition, NAMES, st.sampled_from(CompareOp), st.just(Unit.BYTES), SIZES)
    | st.builds(NumberCondition, NAMES, st.sampled_from(CompareOp), st.just(Unit.NUMBER), NUMBERS)
    | st.builds(IpCondition, NAMES, st.booleans(), st.sampled_from(["::1", "10.0.0.0/8"])),
    lambda inner: (
        st.builds(BothConditions, inner, inner) | st.builds(EitherCondition, inner, inner)
    ),
    max_leaves=4,
)


def extractions(expressions: list[str]) -> st.SearchStrategy[tuple[Extraction, ...]]:
    one = st.builds(Extraction, NAMES, st.sampled_from(expressions))
    return st.lists(one, max_size=2).map(tuple)


NAMED = st.lists(NAMES | MATCHERS, min_size=1, max_size=2).map(tuple)
FORMATS = st.lists(
    st.builds(LabelFormatItem, NAMES, NAMES, st.just(value=False))
    | st.builds(LabelFormatItem, NAMES, TEXTS, st.just(value=True)),
    min_size=1,
    max_size=2,
    unique_by=lambda item: item.label,
).map(tuple)
STAGES: st.SearchStrategy[Stage] = st.one_of(
    FILTERS,
    st.builds(Json, extractions(["a", "b.c", '["d"][0]'])),
    st.builds(Logfmt, extractions(["a", "b"]), st.booleans(), st.booleans()),
    st.builds(Regexp, st.sampled_from(["(?P<a>.)", 'x"(?P<b>\\w+)'])),
    st.builds(Pattern, st.sampled_from(["<a>", '<_> "<b>"'])),
    st.just(Unpack()),
    st.just(Decolorize()),
    st.builds(LabelFilter, CONDITIONS),
    st.builds(LineFormat, TEXTS),
    st.builds(LabelFormat, FORMATS),
    st.builds(Drop, NAMED),
    st.builds(Keep, NAMED),
)


def are_apart(stages: tuple[Stage, ...]) -> bool:
    """Whether none is a bare name to drop before a filter that would be its condition."""
    return not any(
        isinstance(one, Drop | Keep)
        and isinstance(one.items[-1], str)
        and isinstance(following, LineFilter)
        and following.op in {FilterOp.LACKS, FilterOp.NO_MATCH}
        for one, following in itertools.pairwise(stages)
    )


PIPELINES = st.builds(
    Pipeline,
    st.lists(MATCHERS, max_size=2).map(lambda found: (Matcher("app", MatchOp.EQUAL, "x"), *found)),
    st.lists(STAGES, max_size=4).map(tuple).filter(are_apart),
)
UNWRAPS = st.builds(
    Unwrap,
    NAMES,
    st.sampled_from(["", "bytes", "duration", "duration_seconds"]),
    st.lists(st.builds(LabelFilter, CONDITIONS), max_size=2).map(tuple),
)
DURATIONS = st.integers(1, 10**10).map(lambda ms: ms * 10**6)
OFFSETS = st.integers(-(10**17), 10**17)
LABELS = st.lists(NAMES, max_size=2).map(tuple)
GROUPINGS = st.none() | st.builds(Grouping, LABELS, st.booleans())


def ranges(unwraps: st.SearchStrategy[Unwrap | None]) -> st.SearchStrategy[LogRange]:
    return st.builds(LogRange, PIPELINES, DURATIONS, unwraps, OFFSETS)


RANGED = st.builds(
    RangeAggregation, st.sampled_from(["rate", "bytes_over_time"]), ranges(st.none())
) | st.builds(
    RangeAggregation,
    st.just("quantile_over_time"),
    ranges(UNWRAPS),
    st.floats(0, 1),
    GROUPINGS,
)
MATCHINGS = (
    st.none()
    | st.builds(Matching, LABELS, st.just(value=True))
    | st.builds(Matching, LABELS, st.booleans(), st.sampled_from([*Cardinality][1:]), LABELS)
)
METRICS: st.SearchStrategy[Metric] = st.recursive(
    RANGED | st.builds(VectorLiteral, st.floats(0, 1e6)),
    lambda inner: (
        st.builds(
            VectorAggregation,
            st.sampled_from(["sum", "max"]),
            inner,
            st.none(),
            GROUPINGS.map(lambda found: None if found == Grouping() else found),
        )
        | st.builds(
            VectorAggregation, st.just("topk"), inner, st.integers(1, 10**6).map(float), st.none()
        )
        | st.builds(
            Binary,
            st.sampled_from(["+", "^", "or", "unless", "==", "<="]),
            inner,
            inner,
            st.booleans(),
            MATCHINGS,
        )
        | st.builds(Binary, st.sampled_from("-%"), NUMBERS.map(Literal), inner)
        | st.builds(LabelReplace, inner, TEXTS, TEXTS, TEXTS, EXPRESSIONS)
    ),
    max_leaves=4,
)
QUERIES = (
    PIPELINES
    | METRICS
    | NUMBERS.map(Literal)
    | st.builds(Variants, st.lists(METRICS, min_size=1, max_size=2).map(tuple), ranges(st.none()))
)


@examples(150)
@given(QUERIES)
def test_printed_queries_are_read_back(query: Pipeline | Metric) -> None:
    text = print_query(query)
    assert parse(text) == query
    assert print_query(parse(text)) == text


@examples(150)
@given(QUERIES)
def test_laid_out_queries_are_read_back(query: Pipeline | Metric) -> None:
    assert parse(pretty(query)) == query


PIECES = """
{ } ( ) [5m] [ ] = != =~ !~ == > |= |~ | or and unless + - ^ * , . a x "x" `y` 5 5m 20KB json
logfmt --strict unwrap rate sum topk by without on group_left offset bool ip label_format
line_format vector label_replace variants of # ' \\ ü
"""
WORDS = st.sampled_from([*PIECES.split(), "\n", "\0"])


@examples(500)
@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        parse(text)


@given(st.sampled_from(["(", "{a=`b`} | (", "1 ^ ", "sum(", "rate((", "[", "/*", "a=`b` or ", "-"]))
def test_repetition_is_refused_and_not_followed(piece: str) -> None:
    with contextlib.suppress(BadInput):
        parse(piece * 5000)
    with contextlib.suppress(BadInput):
        parse("{a=`b`} | " + piece * 5000)
