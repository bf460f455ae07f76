from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.ui.system.stage_preview import LINE_CHARS, MOST_LINES, preview, read_stages

NOW_NS = 1_700_000_000 * 10**9
STAGES = """\
- json: {expressions: {level: level, msg: msg}}
- labels: {level: }
- drop: {source: level, value: debug}
- output: {source: msg}
"""


def test_each_stage_tells_what_it_did() -> None:
    line = '{"level":"info","msg":"paid"}'
    (row,) = preview(read_stages(STAGES), [line], {"job": "shop"}, NOW_NS)
    assert [step.stage for step in row.steps] == ["json", "labels", "drop", "output"]
    assert [change.what for change in row.steps[0].changes] == ["extracted level", "extracted msg"]
    (change,) = row.steps[3].changes
    assert (change.sign, change.before, change.after) == ("~", line, "paid")
    (entry,) = row.entries
    assert entry.labels == (("job", "shop"), ("level", "info"))
    assert (entry.line, entry.time) == ("paid", "2023-11-14T22:13:20Z")


def test_dropped_lines_have_no_entry() -> None:
    (row,) = preview(read_stages(STAGES), ['{"level":"debug","msg":"x"}'], {}, NOW_NS)
    assert row.steps[-1].outcome == "dropped"
    assert row.entries == ()


def test_what_is_held_back_comes_out_at_the_end() -> None:
    stages = read_stages("- multiline: {firstline: '^START'}")
    rows = preview(stages, ["START a", "  b"], {"job": "x"}, NOW_NS)
    assert rows[0].steps[0].outcome == "held back"
    assert rows[-1].line == ""
    assert [entry.line for entry in rows[-1].entries] == ["START a\n  b"]


def test_lines_are_bounded() -> None:
    rows = preview((), ["x" * (LINE_CHARS + 9)] * (MOST_LINES + 5), {}, NOW_NS)
    assert len(rows) == MOST_LINES
    assert len(rows[0].entries[0].line) == LINE_CHARS


def test_stages_may_be_written_in_one_line_or_none_at_all() -> None:
    assert len(read_stages("[{json: {expressions: {a: b}}}]")) == 1
    assert read_stages("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- jsn: {}", r"line 1, column 3: unknown key 'jsn'; did you mean 'json'\?"),
        ("- json: {}\nfoo: 1", "line 2, column 1: "),
        ("- labels: {a: }\n- json:\n   expressions: 5", "line 3, column 17: "),
        ("x" * 70_000, "more than 64 KiB"),
    ],
)
def test_what_cannot_be_used_says_where(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_stages(text)


def test_a_stage_that_cannot_work_is_refused() -> None:
    with pytest.raises(BadInput, match="missing"):
        preview(read_stages("- regex: {expression: '('}"), ["x"], {}, NOW_NS)
