from __future__ import annotations

import pytest

from tests.logql.stages.running import parsed, run


@pytest.mark.parametrize(
    ("stages", "line", "labels"),
    [
        ('| logfmt l="level"', "level=info x=1", {"l": "info"}),
        ("| logfmt level, x", "level=info", {"level": "info", "x": ""}),
        ("| logfmt d", "d=1 d=2", {"d": "2"}),
        ('| logfmt a="b"', "b=1 a=2", {"a": "2"}),
        ('| logfmt a="b"', "a=2 b=1", {"a": "1"}),
        ("| logfmt a", "a=1=2", {"a": ""}),
        ("| logfmt --strict a", "a=1 b=2=3", {"a": "1", "__error__": "LogfmtParserErr"}),
        ("| logfmt app", "app=y", {"app_extracted": "y"}),
        ("| logfmt app", "b=y", {}),
    ],
)
def test_values_of_keys_become_labels(stages: str, line: str, labels: dict[str, str]) -> None:
    assert parsed(stages, line) == [labels]
    assert parsed(stages, "z=1", line)[1] == labels


def test_labels_of_metadata_are_kept_beside() -> None:
    one, two = run("| logfmt a", "a=1", "a=2", metadata=[(("a", "meta"),)])

    assert (one.metadata, one.parsed) == ({"a": "meta"}, {"a_extracted": "1"})
    assert two.parsed == {"a": "2"}


def test_labels_that_another_parser_found_are_set_anew() -> None:
    assert parsed('| json | line_format "b=1" | logfmt a, b', '{"a":"x"}') == [{"a": "", "b": "1"}]
