"""`.env` files."""

from __future__ import annotations

from appliance.config.dotenv import parse_dotenv


def test_all_forms_of_lines_are_read() -> None:
    text = (
        "\ufeff# comment\n\n A = plain value  # tail\r\nexport B='single # $x \\n'\n"
        'C="line\\nnext \\"q\\" \\$A"\nD=\nE="two\nlines" # tail\nF=a#b\nURL=http://h:1/p?x=1&y=2\nA=last'
    )
    variables, problems = parse_dotenv(text, ".env")
    assert problems == []
    assert variables == {
        "A": "last",
        "B": "single # $x \\n",
        "C": 'line\nnext "q" $A',
        "D": "",
        "E": "two\nlines",
        "F": "a#b",
        "URL": "http://h:1/p?x=1&y=2",
    }


def test_broken_lines_are_reported_and_the_rest_is_kept() -> None:
    variables, problems = parse_dotenv('A=1\nnot a line\nB="open\nC=3\n1X=2\n', ".env")
    assert variables == {"A": "1", "C": "3"}
    assert [problem.line for problem in problems] == [2, 3, 5]
    assert problems[0].render().startswith(".env:2:1: error[env-syntax]: not a KEY=VALUE line")
