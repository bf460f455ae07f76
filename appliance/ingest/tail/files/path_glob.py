"""Files that a promtail path names (`__path__`; github.com/bmatcuk/doublestar, patterns).

`*`, `?`, `[a-z]`, `[^a-z]`, `{a,b}` and `**` for any number of folders; `*` also takes names that
begin with a dot.
"""

from __future__ import annotations

import functools
import glob
import re
from pathlib import Path

_MAGIC = re.compile(r"[*?\[{\\]")
_NEGATED = re.compile(r"\[\^")
_REPEATED = re.compile(r"(?:/\*\*){2,}(?=/|$)")
#: What means something in a set of Python's alone.
_IN_SETS = re.compile(r"[\[&~|]")


def expand(pattern: str) -> list[str]:
    """Absolute names of all files that a pattern matches, sorted; folders are left out.

    A name that exists is taken as it is, whatever characters it has.
    """
    if not pattern:
        return []
    if not _MAGIC.search(pattern) or Path(pattern).is_file():
        return [_absolute(pattern)] if Path(pattern).is_file() else []
    found = {
        name
        for plain in braces(pattern)
        for name in glob.iglob(_python_style(plain), recursive=True, include_hidden=True)  # noqa: PTH207 - Path.glob has no hidden, no absolute patterns
    }
    return sorted(_absolute(name) for name in found if Path(name).is_file())


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches an absolute name; nothing is looked up. An empty one does not."""
    return bool(pattern) and any(
        (compiled := _compiled(_absolute(plain))) is not None and compiled.fullmatch(path)
        for plain in braces(pattern)
    )


def is_wanted(pattern: str, exclude: str, path: str) -> bool:
    """Whether one pattern matches an absolute name, and another one does not."""
    return matches(pattern, path) and not matches(exclude, path)


def fixed_folder(pattern: str) -> str:
    """The folder in which a pattern begins to leave anything open."""
    found = _MAGIC.search(pattern)
    fixed = pattern if found is None else pattern[: found.start()]
    return fixed.rpartition("/")[0] or ("/" if fixed.startswith("/") else ".")


@functools.lru_cache(maxsize=256)
def braces(pattern: str) -> tuple[str, ...]:
    """The patterns that one with alternatives in braces stands for."""
    start = pattern.find("{")
    if start < 0:
        return (pattern,)
    depth, begin, parts = 0, start + 1, []
    for index in range(start, len(pattern)):
        letter = pattern[index]
        depth += (letter == "{") - (letter == "}")
        if depth == 0 or (depth == 1 and letter == ","):
            parts.append(pattern[begin:index])
            begin = index + 1
        if depth == 0:
            rest = braces(pattern[index + 1 :])
            found = [
                pattern[:start] + inner + tail
                for part in parts
                for inner in braces(part)
                for tail in rest
            ]
            return tuple(dict.fromkeys(found))
    return (pattern,)


def _absolute(name: str) -> str:
    """Like Go's filepath.Abs: no symbolic link is followed."""
    path = Path(name)
    return str(path if path.is_absolute() else Path.cwd() / path)


def _python_style(pattern: str) -> str:
    once = _REPEATED.sub("/**", pattern)  # each of them would go through all folders again
    escaped = re.sub(r"\\(.)", r"[\1]", once)
    return _NEGATED.sub("[!", escaped)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern without braces; None when it has a set that is none, and so matches nothing."""
    try:
        return re.compile("".join(_pieces(pattern)), re.DOTALL)
    except re.error:
        return None


def _pieces(pattern: str) -> list[str]:
    """The parts of a regular expression for a pattern without braces."""
    token = re.compile(r"/\*\*(?=/|$)|^\*\*/|\*+|\?|\[\^?\]?[^\]]*\]|\\.|.", re.DOTALL)
    made = []
    for found in token.finditer(pattern):
        text = found.group()
        if text == "/**":
            made.append("(?:/[^/]+)*")
        elif text == "**/":
            made.append("(?:[^/]+/)*")
        elif text.startswith("*"):
            made.append("[^/]*")
        elif text == "?":
            made.append("[^/]")
        elif text.startswith("[") and len(text) > 1:
            made.append("[" + _IN_SETS.sub(r"\\\g<0>", text[1:]))
        else:
            made.append(re.escape(text[1:] if text.startswith("\\") and len(text) > 1 else text))
    return made
