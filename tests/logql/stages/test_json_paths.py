from __future__ import annotations

from tests.logql.stages.running import parsed, run


def test_values_at_paths_become_labels() -> None:
    lines = ['{"a":{"b":"x"},"c":[1,"y"]}', '{"a":{"b":2.50}}', '{"a":null}']

    assert parsed('| json ab="a.b", c1="c[1]", a', *lines) == [
        {"ab": "x", "c1": "y", "a": '{"b":"x"}'},
        {"ab": "2.50", "c1": "", "a": '{"b":2.50}'},
        {"ab": "", "c1": "", "a": ""},
    ]


def test_labels_that_are_there_already() -> None:
    (one,) = run('| json app="a", user="u", n="n"', '{"a":1,"u":2}', metadata=[(("user", "m"),)])

    assert one.parsed == {"app_extracted": "1", "user_extracted": "2", "n": ""}
    assert one.metadata == {"user": "m"}
    assert parsed('| json app="nothing"', '{"a":1}') == [{}]


def test_labels_are_set_anew() -> None:
    assert parsed('| logfmt | line_format `{"a":"new"}` | json a', "a=old") == [{"a": "new"}]


def test_lines_that_are_no_json() -> None:
    assert parsed('| json a="a"', "text", ' {"a":1}', '"string"', "", '{"a":nope}') == [
        {"__error__": "JSONParserErr"},
        {"__error__": "JSONParserErr"},
        {"a": ""},
        {},
        {"a": "", "__error__": "JSONParserErr"},
    ]
