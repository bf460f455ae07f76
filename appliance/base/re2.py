"""The one wrapper over google-re2: Go's regular expression syntax in linear time."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    #: Where a match starts and ends.
    Span = tuple[int, int]

#: Of what has not been found.
NO_SPAN = (-1, -1)

#: What RE2 says → what Go's regexp/syntax says; both add the piece of the expression.
_GO_WORDS = {
    "missing )": "missing closing )",
    "unexpected )": "unexpected )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid named capture group": "invalid named capture",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid escape sequence": "invalid escape sequence",
    "invalid character class range": "invalid character class range",
    "invalid character class": "invalid character class",
    "trailing \\": "trailing backslash at end of expression",
    "invalid UTF-8": "invalid UTF-8",
}


class Pattern:
    r"""A compiled RE2 expression over bytes.

    Args:
        text: The expression in Go's syntax; `\C`, which RE2 knows and Go does not, is refused.
        anchored: Whether a match has to cover the whole input, as for label matchers.
        multi_line: Whether `^` and `$` also match at line ends.
        dot_newline: Whether `.` also matches a newline, as in Prometheus' label matchers.

    Raises:
        BadInput: Not an expression.
    """

    __slots__ = ("_compiled", "spans", "text")

    #: The places of the first match in `data` between two positions, of the whole and then of its
    #: groups: (start, end), NO_SPAN for what has none. Called without a wrapper around it, because
    #: that costs more than most searches.
    spans: Callable[[bytes, int, int], Sequence[Span]]

    def __init__(
        self,
        text: str,
        *,
        anchored: bool = False,
        multi_line: bool = False,
        dot_newline: bool = False,
    ) -> None:
        self.text = text
        flags = ("m" if multi_line else "") + ("s" if dot_newline else "")
        body = f"^(?{flags}:{text})$" if anchored and flags else text
        if anchored and not flags:
            body = f"^(?:{text})$"
        elif not anchored and flags:
            body = f"(?{flags}:{text})"
        _refuse_byte_escape(text)
        self._compiled = _compile(body, text)
        self.spans = _spans_of(self._compiled)

    def search(self, data: bytes, start: int = 0) -> Any:
        """The first match at or after `start`, or None."""
        return self._compiled.search(data, start)

    def matches(self, text: str) -> bool:
        """Whether the expression is found in `text` (all of it when anchored)."""
        data = text.encode()
        return self.spans(data, 0, len(data))[0] != NO_SPAN

    def group_numbers(self) -> dict[str, int]:
        """Numbers of the named groups, counted from 1."""
        names = self._compiled.groupindex
        return {
            name.decode() if isinstance(name, bytes) else name: int(number)
            for name, number in names.items()
        }

    def finditer(self, data: bytes) -> Iterator[Any]:
        """All matches that do not overlap."""
        return iter(self._compiled.finditer(data))


def _refuse_byte_escape(text: str) -> None:
    position = text.replace("\\\\", "\0\0").find("\\C")
    if position >= 0:
        raise BadInput("error parsing regexp: invalid escape sequence: `\\C`")


def _compile(body: str, shown: str) -> Any:
    import re2  # noqa: PLC0415 - 40 ms `--help` need not pay

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(body.encode(), options)
    except re2.error as error:
        found = error
    if body != shown:
        # What is wrong is told in terms of what was written, not of what was put around it.
        try:
            re2.compile(shown.encode(), options)
        except re2.error as error:
            found = error
    raise BadInput(f"error parsing regexp: {_in_go_words(found)}") from found


def _spans_of(compiled: Any) -> Callable[[bytes, int, int], Sequence[Span]]:
    """What searches an expression for places."""
    import re2  # noqa: PLC0415 - as above

    try:
        return functools.partial(compiled._regexp.Match, re2._Anchor.UNANCHORED)  # noqa: SLF001
    except AttributeError:  # a version of the wrapper with another inside
        return functools.partial(_spans_by_search, compiled.search, compiled.groups)


def _spans_by_search(
    search: Callable[[bytes, int, int], Any], groups: int, data: bytes, start: int, end: int
) -> Sequence[Span]:
    match = search(data, start, end)
    if match is None:
        return [NO_SPAN] * (groups + 1)
    return [match.span(group) for group in range(groups + 1)]


def _in_go_words(error: Exception) -> str:
    """What is wrong with an expression, as Go's regexp/syntax says it."""
    cause = error.args[0]
    reason = cause.decode(errors="replace") if isinstance(cause, bytes) else str(cause)
    for ours, theirs in _GO_WORDS.items():
        if reason.startswith(ours):
            fragment = reason.removeprefix(ours).removeprefix(": ")
            return f"{theirs}: `{fragment}`"
    return reason


@functools.lru_cache(maxsize=1024)
def full_match(text: str) -> Pattern:
    """The expression as a label matcher uses it: anchored at both ends, `.` matches newlines."""
    return Pattern(text, anchored=True, dot_newline=True)
