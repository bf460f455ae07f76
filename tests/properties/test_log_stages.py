"""Stages make of each entry of a chunk what they make of it alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.logql.stages.running import run
from tests.properties.test_json_fields import LINES as JSON_LINES
from tests.properties.test_logfmt_fields import LINES as LOGFMT_LINES

STAGES = st.lists(
    st.sampled_from(
        [
            "| json", "| logfmt", "| logfmt --strict", "| logfmt --keep-empty", "| unpack",
            '| json a="a", x="b.a", t="tags[0]"', '| logfmt a, l="level"',
            '| pattern "<a>:<b>,<_>"', '| regexp "(?P<a>[a-z]+).(?P<n>[0-9]*)"',
            '| a="1"', "| a > 1", '| a=~"x.*" or b < 5ms', '| __error__=""', '| level!="x"',
            "| drop a, level", '| keep a, b=~".+"', "| label_format n=a", '|= "a"', '!~ "[0-9]$"',
            '| line_format "{{.a}} {{__line__}}"', "| decolorize",
        ]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)  # fmt: skip
METADATA = st.sampled_from([(), (("a", "m"),), (("app", "m"), ("level", "m"))])
WANTED = st.none() | st.frozensets(st.sampled_from(["a", "b", "level", "app_extracted"]))


@given(JSON_LINES | LOGFMT_LINES, st.data(), STAGES, WANTED)
def test_each_entry_is_treated_as_alone(
    lines: list[bytes], data: st.DataObject, stages: str, wanted: frozenset[str] | None
) -> None:
    metadata = [data.draw(METADATA) for _ in lines]

    together = run(stages, *lines, metadata=metadata, wanted=wanted)

    alone = [
        outcome
        for line, pairs in zip(lines, metadata, strict=True)
        for outcome in run(stages, line, metadata=[pairs], wanted=wanted)
    ]
    assert together == alone
