"""Template text → tokens (Go's text/template, "Text and spaces", "Actions").

Invariants:
- Text between actions is one token, already trimmed as the neighbouring markers say; empty text is
  no token. Comments are no tokens.
- Blanks within an action are tokens: they separate arguments.
"""

from __future__ import annotations

import re
from dataclasses import replace

from appliance.syntax.lexer import ERROR, Kind, Lexer, Token
from appliance.syntax.quoting import quote

TEXT, LEFT, RIGHT, SPACE = "text", "left", "right", "space"
STRING, CHAR, NUMBER, BOOL, NIL, DOT = "string", "char", "number", "bool", "nil", "dot"
FIELD, VARIABLE, IDENTIFIER = "field", "variable", "identifier"
DECLARE, ASSIGN, PIPE, COMMA, OPEN, CLOSE = "declare", "assign", "pipe", "comma", "open", "close"
#: A character that no grammar wants.
OTHER = "other"
#: Words that open or end something; a token's kind is the word itself.
KEYWORDS = frozenset(
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"]
)

_TRIM = r"(?:-(?=[ \t\r\n]))?"
_COMMENT = "comment"
_BLANKS = " \t\r\n"
#: What may follow a word; `=` may not, so `$x=1` needs a blank.
_TERMINATORS = " \t\r\n.,|:)("
#: As far as Go's lexer reads a number; the parser judges it.
_NUMBER = (
    r"(?:[+-]|(?=\.?[0-9]))(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)"
)

_TEXT_MODE = [
    Kind(_COMMENT, r"(?s:\{\{(?:-[ \t\r\n])?/\*.*?\*/(?:[ \t\r\n]-)?\}\})"),
    Kind(
        ERROR, r"(?s:\{\{(?:-[ \t\r\n])?/\*.*?\*/)", error="comment ends before closing delimiter"
    ),
    Kind(ERROR, r"\{\{(?:-[ \t\r\n])?/\*", error="unclosed comment"),
    Kind(LEFT, r"\{\{" + _TRIM, push="action"),
    Kind(TEXT, r"(?:[^{]|\{(?!\{))+"),
]
_ACTION_MODE = [
    Kind(RIGHT, r"(?:[ \t\r\n]-)?\}\}", pop=True),
    Kind(SPACE, r"(?:(?![ \t\r\n]-\}\})[ \t\r\n])+"),
    Kind(STRING, r'"(?:[^"\\\n]|\\[^\n])*"'),
    Kind(STRING, r"`[^`]*`"),
    Kind(CHAR, r"'(?:[^'\\\n]|\\[^\n])*'"),
    Kind(ERROR, r'"', error="unterminated quoted string"),
    Kind(ERROR, r"`", error="unterminated raw quoted string"),
    Kind(ERROR, r"'", error="unterminated character constant"),
    Kind(DECLARE, r":="),
    Kind(ERROR, r":", error="expected :="),
    Kind(ASSIGN, r"="),
    Kind(PIPE, r"\|"),
    Kind(COMMA, r","),
    Kind(OPEN, r"\("),
    Kind(CLOSE, r"\)"),
    Kind(VARIABLE, r"\$\w*"),
    Kind(NUMBER, _NUMBER + r"(?![\w+-])"),
    Kind(ERROR, _NUMBER + r"(?:[+-][0-9.]*|\w)?", error="bad number syntax: {text}"),
    Kind(FIELD, r"\.\w+"),
    Kind(DOT, r"\."),
    Kind(IDENTIFIER, r"\w+"),
    Kind(OTHER, r"[!-~]"),
]
_LEXER = Lexer({"text": _TEXT_MODE, "action": _ACTION_MODE}, "text", unexpected="{text}")
_WORDS = {"true": BOOL, "false": BOOL, "nil": NIL}


def tokens(text: str) -> list[Token]:
    """All tokens of a template; the last one is END or an ERROR whose text says what is wrong."""
    found: list[Token] = []
    raw = _LEXER.tokens(text)
    depth = 0
    for number, token in enumerate(raw):
        made = _token(text, token, raw, number)
        if made is None:
            continue
        depth += (made.kind == OPEN) - (made.kind == CLOSE)
        if depth < 0:
            made = replace(made, kind=ERROR, text="unexpected right paren")
        elif made.kind == RIGHT and depth:
            made = replace(made, kind=ERROR, text="unclosed left paren")
        elif made.kind == "end" and made.position == made.end and _is_inside(raw, number):
            made = replace(made, kind=ERROR, text="unclosed action")
        found.append(made)
        if made.kind == ERROR:
            break
    return found


def _is_inside(raw: list[Token], number: int) -> bool:
    """Whether the input ends within an action."""
    kinds = [token.kind for token in raw[:number] if token.kind in {LEFT, RIGHT}]
    return bool(kinds) and kinds[-1] == LEFT


def _token(text: str, token: Token, raw: list[Token], number: int) -> Token | None:
    """The token as the parser sees it; None for what it does not."""
    if token.kind == _COMMENT:
        return None
    if token.kind == TEXT:
        return _trimmed(token, raw, number)
    if token.kind == ERROR:
        return _error(text, token)
    if token.kind in {IDENTIFIER, FIELD, VARIABLE}:
        following = text[token.end : token.end + 1]
        if following and following not in _TERMINATORS and not text.startswith("}}", token.end):
            return replace(token, kind=ERROR, text=f"bad character {_shown(following)}")
        if token.kind == IDENTIFIER:
            word = token.text
            return replace(token, kind=word if word in KEYWORDS else _WORDS.get(word, IDENTIFIER))
    return token


def _trimmed(token: Token, raw: list[Token], number: int) -> Token | None:
    """Text without the blanks that markers beside it take away."""
    text, start = token.text, token.position
    if number and re.search(r"-\}\}\Z", raw[number - 1].text):
        text = text.lstrip(_BLANKS)
        start = token.end - len(text)
    if number + 1 < len(raw) and raw[number + 1].text.startswith("{{-"):
        text = text.rstrip(_BLANKS)
    return Token(TEXT, text, start, start + len(text)) if text else None


def _error(text: str, token: Token) -> Token:
    prefix, _, what = token.text.partition(": ")
    if prefix == "bad number syntax":
        return replace(token, text=f"{prefix}: {quote(what)}")
    if len(token.text) == 1 and token.text == text[token.position]:
        return replace(
            token, text=f"unrecognized character in action: {_shown(text[token.position])}"
        )
    return token


def _shown(char: str) -> str:
    """A character as Go's `%#U` prints it."""
    return f"U+{ord(char):04X}" + (f" '{char}'" if char.isprintable() else "")
