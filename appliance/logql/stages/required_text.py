r"""A text that everything contains in which a regular expression is found.

`"status":5\d\d` is only in lines with `"status":5`, which are found faster, and whole chunks may
be known to have none. What is not read with certainty counts as nothing.
"""

from __future__ import annotations

import re

#: What stands between the texts of an expression. Anything else that begins like one of these, such
#: as flags or `\\Q`, may change what texts mean.
_TOKEN = re.compile(
    r"""
      (?P<repeat>[*+?]|\{[0-9]+(?:,[0-9]*)?\})
    | (?P<gap>[.^$]|\\[dDwWsSbB])
    | \\(?P<escaped>[^\w\s])
    | (?P<open>\((?:\?:|\?P?<[A-Za-z0-9_]+>)?)(?!\?)
    | (?P<close>\))
    | (?P<either>\|)
    | (?P<set>\[\^?(?:[^][\\^\n-]|\\[dDwWsS]|\\[^\w\s])(?:[^][\\\n]|\\[dDwWsS]|\\[^\w\s])*\])
    | (?P<odd>[\\[\]{}(\n])
    | (?P<plain>.)
    """,
    re.VERBOSE,
)


def required_text(expression: str) -> str:
    """The longest text that is in whatever matches, as far as can be told; it may be empty."""
    texts, depth, before = [""], 0, ""
    for token in _TOKEN.finditer(expression):
        kind = token.lastgroup or ""
        is_odd = kind == "odd" or (kind == "repeat" == before and token["repeat"] != "?")
        if is_odd or (kind == "either" and not depth):
            return ""
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if kind in {"plain", "escaped"} and not depth:
            texts[-1] += token[kind]
        else:
            if kind == "repeat" and not _is_at_least_one(token["repeat"]):
                texts[-1] = texts[-1][:-1]
            texts.append("")
        before = kind
    return "" if depth else max(texts, key=len)


def _is_at_least_one(repeat: str) -> bool:
    return repeat == "+" or (repeat[0] == "{" and int(re.split("[{,}]", repeat)[1]) > 0)
