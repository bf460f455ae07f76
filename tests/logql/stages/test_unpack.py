from __future__ import annotations

from tests.logql.stages.running import Outcome, run


def test_packed_lines_and_labels() -> None:
    packed = '{"app":"clash","pod":"p","n":5,"_entry":"say \\"hi\\""}'

    assert run("| unpack", packed) == [
        Outcome('say "hi"', {"app": "x"}, {}, {"app_extracted": "clash", "pod": "p"})
    ]


def test_lines_that_were_not_packed_stay() -> None:
    one, two, three, four = run("| unpack", '{"pod":"p"}', "text", "", '{"a":"b","_entry":"x"')

    assert (one.line, one.parsed) == ('{"pod":"p"}', {})
    assert (two.line, two.parsed["__error__"]) == ("text", "JSONParserErr")
    assert (three.line, three.parsed) == ("", {})
    assert (four.line, four.parsed["__error__"]) == ('{"a":"b","_entry":"x"', "JSONParserErr")


def test_the_unpacked_line_is_what_later_stages_see() -> None:
    found = run('| unpack |= "inner" | logfmt', '{"_entry":"inner=1"}', '{"_entry":"outer=1"}')

    assert [(one.line, one.parsed) for one in found] == [("inner=1", {"inner": "1"})]
