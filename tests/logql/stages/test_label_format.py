"""Labels renamed and made by templates."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.lines.column import coded
from appliance.logql.ast import LabelFormat, LabelFormatItem
from appliance.logql.rows import Rows, rows_of
from appliance.logql.stages.label_format import compile_label_format, label_format_reads
from tests.sources import Entry, labels, make_chunk


def stage(**items: str) -> LabelFormat:
    """`b=":a"` renames a to b; anything else is a template."""
    return LabelFormat(
        tuple(
            LabelFormatItem(label, value.removeprefix(":"), not value.startswith(":"))
            for label, value in items.items()
        )
    )


def two() -> Rows:
    chunk = make_chunk(labels(app="api", env="dev"), [Entry(1, "l0"), Entry(2, "l1")])
    return rows_of(chunk).with_parsed({"x": coded(["a", None]), "n": coded(["2", "0"])})


def formatted(rows: Rows, **items: str) -> list[dict[str, str]]:
    made = compile_label_format(stage(**items))(rows)
    return [dict(found.merged()) for found in made.label_sets(range(len(made)))]


BASE = {"app": "api", "env": "dev"}
ONE, OTHER = {**BASE, "n": "2", "x": "a"}, {**BASE, "n": "0"}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({"y": ":x"}, [{**BASE, "n": "2", "y": "a"}, {**BASE, "n": "0"}]),
        ({"app": ":x"}, [{"app": "a", "env": "dev", "n": "2"}, {**BASE, "n": "0"}]),
        ({"app": ":env"}, [{"app": "dev", "n": "2", "x": "a"}, {"app": "dev", "n": "0"}]),
        ({"y": ":missing"}, [{**BASE, "n": "2", "x": "a"}, {**BASE, "n": "0"}]),
        ({"x": ":x"}, [{**BASE, "n": "2"}, {**BASE, "n": "0"}]),
        ({"y": "{{.x}}-{{.n}}"}, [{**ONE, "y": "a-2"}, {**OTHER, "y": "-0"}]),
        (
            {"y": "", "x": "{{__line__}}"},
            [{**ONE, "x": "l0", "y": ""}, {**OTHER, "x": "l1", "y": ""}],
        ),
        ({"x": "1", "y": "{{.x}}"}, [{**ONE, "x": "1", "y": "a"}, {**OTHER, "x": "1", "y": ""}]),
        (
            {"z": ":n", "y": "{{.z}}{{.n}}"},
            [{**BASE, "x": "a", "z": "2", "y": "2"}, {**BASE, "z": "0", "y": "0"}],
        ),
    ],
)
def test_labels(items: dict[str, str], expected: list[dict[str, str]]) -> None:
    assert formatted(two(), **items) == expected


def test_a_label_stays_as_it_is_where_its_template_fails() -> None:
    made = compile_label_format(stage(n="{{ div 6 .n }}", y="{{.n}}"))(two())
    assert made.column("n").texts() == ["3", "0"]  # type: ignore[union-attr]  # it is there
    assert made.column("y").texts() == ["2", "0"]  # type: ignore[union-attr]
    assert made.errors is not None
    assert made.errors.texts() == [None, "TemplateFormatErr"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            LabelFormat((*stage(a=":b").items, *stage(a=":c").items)),
            "multiple label name 'a' not allowed in a single format operation",
        ),
        (stage(__error__="x"), "__error__ cannot be formatted"),
        (stage(a="{{"), "invalid template for label 'a': template: label:1: unclosed action"),
    ],
)
def test_what_is_no_stage(found: LabelFormat, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        compile_label_format(found)
    assert str(caught.value) == message


def test_reads() -> None:
    reads = label_format_reads(stage(a=":b", c="{{.d}}{{__line__}}"))
    assert (reads.names, reads.line) == (frozenset("bd"), True)
