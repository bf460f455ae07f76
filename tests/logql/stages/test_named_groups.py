from __future__ import annotations

import re

import pytest

from appliance.base.errors import BadInput
from tests.logql.stages.running import parsed, run


def test_groups_become_labels() -> None:
    stages = '| regexp "(?P<method>GET|PUT) (?P<rest>x)?"'

    assert parsed(stages, "a GET x", "PUT y", "none") == [
        {"method": "GET", "rest": "x"},
        {"method": "PUT", "rest": ""},
        {},
    ]


def test_holes_become_labels() -> None:
    assert parsed('| pattern "<a> - <b> - <_>"', "1 - 2 - 3", "1 - 2", "x") == [
        {"a": "1", "b": "2"},
        {"a": "1", "b": "2"},
        {"a": "x"},
    ]


def test_labels_that_are_there_already() -> None:
    (one,) = run('| pattern "<app> <user>"', "1 2", metadata=[(("user", "m"),)])

    assert one.parsed == {"app_extracted": "1", "user_extracted": "2"}


def test_names_of_groups_become_names_of_labels() -> None:
    (found,) = parsed('| regexp "(?P<1a>x)(?P<_1a>y)"', "xy")
    assert found == {"_1a": "x"}


def test_bytes_that_are_no_text() -> None:
    assert parsed('| pattern "<a> <b>"', "\xff 1", "\xfe 1", "x 2")[2] == {"a": "x", "b": "2"}


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ('| regexp "x"', "invalid regexp parser: at least one named capture must be supplied"),
        ('| regexp "(x)"', "invalid regexp parser: at least one named capture must be supplied"),
        (
            '| regexp "(?P<a>x)(?P<a>y)"',
            "invalid regexp parser: duplicate extracted label name 'a'",
        ),
        ('| regexp "(?P<ü>x)"', "invalid named capture: `(?P<ü>`"),
        ('| regexp "(?P<a>x"', "error parsing regexp"),
        ('| pattern "none"', "invalid pattern parser: at least one capture is required"),
    ],
)
def test_expressions_that_are_none(stage: str, error: str) -> None:
    with pytest.raises(BadInput, match=re.escape(error)):
        run(stage, "x")


@pytest.mark.parametrize(
    "stages", ['| pattern "<a> - <b> =<_>"', '| regexp "(?P<a>[0-9]) - (?P<b>[0-9]*)(?P<c>5)?"']
)
def test_many_lines_are_as_single_ones(stages: str) -> None:
    lines = [
        f"{number % 7} - {number} =\xff" if number % 3 else f"{number}" for number in range(99)
    ]
    alone = [one for line in lines for one in parsed(stages, line)]

    assert parsed(stages, *lines) == alone
    assert parsed(stages, *lines, "1 - \0b =") == [*alone, *parsed(stages, "1 - \0b =")]
    assert parsed(f'|= "=" {stages}', *lines) == [one for one in alone if "b" in one]
