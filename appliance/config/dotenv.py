r"""`.env` files: `KEY=VALUE` lines, as Docker Compose reads them.

Unquoted values end at ` #`; double quotes know `\n \t \r \" \\ \$` and may span lines; single
quotes are literal. `export KEY=VALUE` is accepted. Values are not expanded.
"""

from __future__ import annotations

import re

from appliance.config.problem import Problem

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*", re.ASCII)
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'([^']*)'")
_REST = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}


def parse_dotenv(text: str, file: str) -> tuple[dict[str, str], list[Problem]]:
    """Variables of a `.env` file; of equal names the last one holds.

    Returns:
        The variables that could be read, and a finding for every line that could not.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    variables: dict[str, str] = {}
    problems: list[Problem] = []
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        name = _NAME.match(text, at)
        value = _value(text, name.end()) if name else None
        if name is None or value is None:
            line = text.count("\n", 0, at) + 1
            problems.append(_problem(file, line, unclosed=name is not None))
            at = _line_end(text, at)
            continue
        variables[name[1]], at = value
    return variables, problems


def _value(text: str, at: int) -> tuple[str, int] | None:
    """The value that starts at `at` and where the next line starts; None for a broken quote."""
    quote = text[at : at + 1]
    if quote not in {'"', "'"}:
        rest = _REST.match(text, at)
        end = rest.end() if rest else at
        return _COMMENT.sub("", text[at:end]).strip(), _line_end(text, end)
    match = (_DOUBLE if quote == '"' else _SINGLE).match(text, at)
    tail = _BLANK.match(text, match.end()) if match else None
    if match is None or tail is None:
        return None
    value = match[1]
    if quote == '"':
        value = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[0]), value)
    return value, tail.end()


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _problem(file: str, line: int, *, unclosed: bool) -> Problem:
    if unclosed:
        message, hint = "the quoted value has no end, or text follows it", 'write KEY="value"'
    else:
        message, hint = "not a KEY=VALUE line", "names are letters, digits and underscores"
    return Problem(file, line, 1, "", message, "env-syntax", hint=hint)
