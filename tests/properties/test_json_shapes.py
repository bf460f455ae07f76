"""Lines of a shape have the labels that the reader of single lines finds, and no others have it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.json_line import BrokenLineError, walk
from appliance.lines.json_shapes import shaped_fields
from appliance.lines.spans import code_spans, words_of
from appliance.model.log import PlainLines, offsets_of
from tests.random_examples import examples

SCALARS = [
    *("0", "-0", "7", "42", "12345678", "123456789", "1234567890123456", "12345678901234567890"),
    *("1.5", "1.50", "-3e7", "1E400", "true", "false", "null", "01", "00", "1.", ".5", "+1", "-"),
    *("1e", "nul", "nulll", "truefalse", "12:34", "1 2", "", "0x1", "/", ":", "1a345678", "NaN"),
    *("012345678", "1234567a9", "12345678901234567a", "\u0661", "[1]", "[]", "{}", "1,2"),
]
STRINGS = [
    *('""', '"x"', '"null"', '"true"', '"eight by"', '"nine byte"', '"a longer text of bytes"'),
    *('"a longer text of bytez"', '"é"', '"\ufffd"', '" "', '"\\""', '"\\u0041"', '"a\tb"', '"{}"'),
    *('"a":"b"', '"', "x", '"," "', '","b":"'),
]
KEYS = st.sampled_from(["a", "b", "a_b", "a.b", "0", "", " ", "é", "a long key of a log", "\ufffd"])
VALUES = st.sampled_from([*SCALARS, *STRINGS])
BLANKS = st.sampled_from(["", "", "", " ", "\t"])
MARK = "\x00"


@st.composite
def forms(draw: st.DrawFn, depth: int = 0) -> str:
    """A JSON object with marks for values."""
    fields = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=4)):
        kind = draw(st.sampled_from(["value", "value", "value", "object", "array"]))
        value = MARK
        if kind == "object" and depth < 2:
            value = draw(forms(depth + 1))
        elif kind == "array" and depth < 2:
            value = draw(
                st.sampled_from(["[]", "[\x00]", '["x",\x00]', '[{"a":\x00},"y"]', "[1,2]"])
            )
        fields.append(f'"{key}"{draw(BLANKS)}:{draw(BLANKS)}{value}')
    return "{" + f"{draw(BLANKS)},".join(fields) + "}"


@st.composite
def texts(draw: st.DrawFn) -> list[bytes]:
    """Lines of one or two forms, with all kinds of values and a few that are broken elsewhere."""
    chosen = draw(st.lists(forms(), min_size=1, max_size=2))
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        first, *rest = draw(st.sampled_from(chosen)).split(MARK)
        line = (first + "".join(draw(VALUES) + piece for piece in rest)).encode()
        if draw(st.integers(0, 5)) == 0:
            at = draw(st.integers(0, len(line)))
            put = draw(
                st.sampled_from([b"", b'"', b"}", b",", b"\n", b"\xff", b"\xc3", b" ", b"5"])
            )
            line = line[:at] + put + line[at + draw(st.integers(0, 1)) :]
        lines.append(line)
    return lines


@examples(400)
@given(texts(), st.none() | st.frozensets(st.sampled_from(["a", "b", "a_b", "_0", "a_a"])))
def test_lines_with_a_shape_have_the_labels_of_the_single_reader(
    lines: list[bytes], names: frozenset[str] | None
) -> None:
    plain = PlainLines.of(lines)

    columns, is_done = shaped_fields(plain.text, plain.offsets, names, min_lines=1)

    for row, line in enumerate(lines):
        found = {name: text for name, c in columns.items() if (text := c.get(row)) is not None}
        wanted: dict[str, str] = {}
        if is_done[row]:
            try:
                for name, value in walk(line):
                    if name and (names is None or name in names):
                        wanted.setdefault(name, value)
            except BrokenLineError as error:
                raise AssertionError(line) from error
        assert found == wanted


PIECES = st.lists(
    st.sampled_from(
        [b"", b"a", b"ab", b"eight by", b"eight bz", b"nine byte", b"x" * 257, b"x" * 300]
    )
    | st.binary(min_size=1, max_size=24).map(lambda data: data.replace(b"\0", b"")),
    min_size=1,
    max_size=40,
)


@given(PIECES)
def test_codes_are_equal_where_pieces_are(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    bounds = offsets_of(PlainLines.of(pieces).offsets[1:] - PlainLines.of(pieces).offsets[:-1] - 1)

    codes, first = code_spans(text, words_of(text), bounds[:-1], bounds[1:])

    assert [pieces[row] for row in first[codes].tolist()] == pieces
    assert len(set(pieces)) == len(first)
