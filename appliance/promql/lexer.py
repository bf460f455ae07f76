"""Tokens of PromQL (Prometheus 3.14, promql/parser/lex.go).

Invariants:
- The last token is END, or an ERROR whose text says what is wrong. Whoever reads the tokens
  complains about an earlier token before it meets the ERROR, as in Prometheus.
- Words and marks that mean something are tokens of a kind of their own, in lower case; all other
  tokens are of one of the kinds named in capitals.

Inside brackets only durations, arithmetic and a few words are known; braces know no keywords.
"""

from __future__ import annotations

import re

from appliance.promql.lexer_errors import bad_number, escape_error, rune
from appliance.syntax.lexer import END, ERROR, Token

IDENTIFIER, METRIC_IDENTIFIER, NUMBER, DURATION, STRING = (
    "identifier",
    "metric identifier",
    "number",
    "duration",
    "string",
)
AGGREGATORS = frozenset(
    [
        "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk",
        "count_values", "quantile", "limitk", "limit_ratio",
    ]
)  # fmt: skip
#: Binary operators that are words.
WORD_OPERATORS = frozenset(["and", "or", "unless", "atan2"])
OPERATORS = frozenset(
    [
        "+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "@", "</", ">/",
    ]
) | WORD_OPERATORS  # fmt: skip
#: Only a following parenthesis makes these a keyword.
FILLS = frozenset(["fill", "fill_left", "fill_right"])
#: Words that cannot be metric names.
RESERVED = frozenset(["bool", "on", "ignoring", "group_left", "group_right"])
KEYWORDS = RESERVED | FILLS | {"offset", "by", "without", "anchored", "smoothed"}
#: Functions of the query's bounds, and those of durations.
DURATION_WORDS = frozenset(["step", "range", "min_of", "max_of"])
START_WORD, END_WORD = "start", "end word"
BOUNDS = DURATION_WORDS | {START_WORD, END_WORD}

_WORDS = {word: word for word in AGGREGATORS | WORD_OPERATORS | KEYWORDS | DURATION_WORDS}
_WORDS |= {"start": START_WORD, "end": END_WORD}
_WORDS |= {"inf": NUMBER, "nan": NUMBER}

_DIGITS = r"(?:\d|_(?![._eE]|\Z))*"
_EXPONENT = rf"[eE][+-]?(?![._eE]|\Z){_DIGITS}"
_FRACTION = rf"\.(?![._]){_DIGITS}"
_HEXADECIMAL = r"0[xX]_?\.?[0-9a-fA-F_]*"
_DECIMAL = (
    rf"(?:0\.?\d?|\.?\d){_DIGITS}(?:{_FRACTION}(?:{_EXPONENT})?|{_EXPONENT}(?:{_FRACTION})?)?"
)
_NUMBER = rf"(?P<number>(?:{_HEXADECIMAL}|{_DECIMAL})(?![a-zA-Z0-9_.]))"
_DURATION = (
    r"(?P<duration>(?:\d+[smhdwy]s?|"
    rf"(?:{_HEXADECIMAL}|{_DECIMAL})[smhdwy]s?(?:\d+[smhdw]s?)*)(?![a-zA-Z0-9_]))"
)
_BLANK = r"(?P<blank>(?:[ \t\r\n]+|#[^\r\n]*)+)"
_STRING = r"""(?P<string>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`[^`]*`)"""
_STATEMENT = re.compile(
    rf"{_BLANK}|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<bracket>[\[\]{{()])"
    rf"|(?P<mark>==|!=|<=|>=|</|>/|[-+*/%^<>,@]|=(?!~))|{_NUMBER}|{_DURATION}|{_STRING}"
)
_IN_BRACES = re.compile(
    rf"{_BLANK}|(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)|(?P<mark>=~|!~|!=|=|,)|{_STRING}|(?P<close>\}})"
)
_IN_BRACKETS = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<bracket>[\]():])|(?P<mark>[-+*/%^,])"
    rf"|{_NUMBER}|{_DURATION}|(?P<word>(?i:step|range|min_of|max_of)(?![a-zA-Z_]))"
)
_NUMBER_START = re.compile(r"\.?[0-9]")
_LETTERS = re.compile(r"[a-zA-Z_]+")
_OPENS_PARENTHESIS = re.compile(r"[ \t\r\n]*\(")


def tokens(text: str) -> list[Token]:
    """The tokens of an expression."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.found


class _Scanner:
    """The state of Prometheus' lexer: what is open, and whether a duration was seen in brackets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Token] = []
        self.pattern = _STATEMENT
        self.depth = 0
        self.in_bracket = False
        self.got_colon = False
        self.got_duration = False

    def scan(self) -> None:
        text, found, at = self.text, self.found, 0
        while True:
            match = self.pattern.match(text, at)
            if match is None:
                break
            group, end = match.lastgroup, match.end()
            if group == "blank":
                at = end
                continue
            if group in {"word", "bracket"}:
                end = self._word(at, end) if group == "word" else self._bracket(at)
            elif group == "string":
                wrong = escape_error(text, at, end)
                if wrong:
                    self._error(wrong, at)
                else:
                    found.append(Token(STRING, text[at:end], at, end))
            elif group in {"number", "duration"}:
                found.append(Token(group, text[at:end], at, end))
                if self.in_bracket:
                    self.got_duration = True
                    self.pattern = _STATEMENT
            else:
                self._mark(group or "", at, end)
            if found[-1].kind == ERROR:
                return
            at = end
        self._stopped(at)

    def _error(self, message: str, at: int) -> None:
        self.found.append(Token(ERROR, message, at, at))

    def _mark(self, group: str, at: int, end: int) -> None:
        mark = self.text[at:end]
        if group == "close":
            self.pattern = _STATEMENT
        self.found.append(Token(IDENTIFIER if group == "name" else mark, mark, at, end))

    def _word(self, at: int, end: int) -> int:
        """A word or, in brackets, a colon; returns where it ends."""
        text = self.text
        if self.in_bracket:
            return self._word_in_brackets(at)
        word = text[at:end]
        kind = _WORDS.get(word.lower())
        if kind is None or (kind in FILLS and not _OPENS_PARENTHESIS.match(text, end)):
            kind = METRIC_IDENTIFIER if ":" in word else IDENTIFIER
        self.found.append(Token(kind, word, at, end))
        return end

    def _word_in_brackets(self, at: int) -> int:
        text = self.text
        if text[at] == ":":
            if self.got_colon:
                self._error("unexpected colon ':'", at)
            else:
                self.got_colon = True
                self.found.append(Token(":", ":", at, at + 1))
            return at + 1
        match = _LETTERS.match(text, at)
        word = match[0] if match else ""
        if word.lower() in DURATION_WORDS:
            self.found.append(Token(word.lower(), word, at, at + len(word)))
        else:
            self._error(f"unexpected character: {rune(text[at])}, expected ':'", at)
        return at + len(word)

    def _bracket(self, at: int) -> int:
        """A parenthesis, bracket, opening brace, or a colon in brackets."""
        bracket, end = self.text[at], at + 1
        if bracket == "[" and self.in_bracket:
            self._error("unexpected left bracket '['", at)
            return end
        if bracket == "]" and not self.in_bracket:
            self._error("unexpected right bracket ']'", at)
            return end
        # As in Prometheus, what is wrong with these is noticed behind them.
        wrong = ""
        if bracket == "(":
            self.depth += 1
        elif bracket == ")":
            self.depth -= 1
            wrong = "unexpected right parenthesis ')'" if self.depth < 0 else ""
        elif bracket == "{":
            self.pattern = _IN_BRACES
        elif bracket == ":":
            wrong = self._colon()
        else:
            self.in_bracket = bracket == "["
            self.got_colon = False
            self.pattern = _IN_BRACKETS if self.in_bracket else _STATEMENT
        self.found.append(
            Token(ERROR if wrong else bracket, wrong or bracket, end if wrong else at, end)
        )
        return end

    def _colon(self) -> str:
        """What is wrong with a colon behind a word such as `step()`, if anything."""
        seen = self.got_duration or any(token.kind in DURATION_WORDS for token in self.found)
        if not seen:
            return "unexpected colon before duration in duration expression"
        if self.got_colon:
            return "unexpected repeated colon in duration expression"
        self.got_colon = True
        return ""

    def _stopped(self, at: int) -> None:
        """Nothing matches: the end, or something wrong."""
        text = self.text
        if at < len(text):
            self._error(self._wrong(at), at)
        elif self.pattern is _IN_BRACES:
            self._error("unexpected end of input inside braces", at)
        elif self.pattern is _IN_BRACKETS:
            self._error("unexpected end of input in duration expression", at)
        elif self.depth:
            self._error("unclosed left parenthesis", at)
        elif self.in_bracket:
            self._error("unclosed left bracket", at)
        else:
            self.found.append(Token(END, "", at, at))

    def _wrong(self, at: int) -> str:
        """What is wrong with the character at a position."""
        char, following = self.text[at], self.text[at + 1 : at + 2]
        in_braces = self.pattern is _IN_BRACES
        if not in_braces and _NUMBER_START.match(self.text, at):
            return bad_number(self.text, at)
        if self.pattern is _IN_BRACKETS:
            return f"unexpected character in duration expression: {rune(char)}"
        if char in "\"'`":
            return escape_error(self.text, at, len(self.text))
        where = " inside braces" if in_braces else ""
        message = f"unexpected character{where}: {rune(char)}"
        if char == "!":
            message = f"unexpected character after '!'{where}: {rune(following)}"
        elif char == "=":
            message = "unexpected character after '=': '~'"
        elif char == "{":
            message = "unexpected left brace '{'"
        return message
