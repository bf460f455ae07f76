"""A parser before `keep` that finds only what matters comes to the same as one that finds all."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from tests.logql.stages.running import run
from tests.properties.test_json_fields import LINES as JSON_LINES
from tests.properties.test_logfmt_fields import LINES as LOGFMT_LINES

PARSERS = st.sampled_from(["| json", "| logfmt", "| logfmt --strict", "| logfmt --keep-empty"])
STAGES = st.lists(
    st.sampled_from(
        [
            "| json", "| logfmt", '| a="1"', '| __error__=""', '| level!="x"', "| drop b, level",
            '| keep a, b=~".+"', "| keep level", "| label_format n=a, b=level", '|= "a"',
            '| label_format n="{{.b}}"', '| line_format "{{.a}} {{__line__}}"', "| decolorize",
            '| line_format "{{.}}"',
        ]
    ),
    max_size=3,
).map(" ".join)  # fmt: skip
METADATA = st.sampled_from([(), (("a", "m"),), (("app", "m"), ("level", "m"))])


ODD_LINES = st.lists(
    st.sampled_from(
        [
            b'{"a":1,"__error__":"mine","b":{"c":2}}',
            b'{"__error_details__":"mine","a":',
            b'{"a":"x","a_extracted":"y","app":"z","level":"w"}',
            b"__error__=mine a=1 b=",
        ]
    )
)


@given(JSON_LINES | LOGFMT_LINES | ODD_LINES, st.data(), PARSERS, STAGES, STAGES)
def test_what_keep_drops_need_not_be_found(
    lines: list[bytes], data: st.DataObject, parser: str, before: str, after: str
) -> None:
    metadata = [data.draw(METADATA) for _ in lines]
    stages = f"{parser} {before} | keep app, a, n, b_c {after}"

    found = run(stages, *lines, metadata=metadata)

    with patch("appliance.logql.stages.kept_names", return_value=None):
        assert found == run(stages, *lines, metadata=metadata)
