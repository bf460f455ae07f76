"""Pipelines: what stands between `{{` and `}}` (Go's text/template/parse).

pipeline = [ variable [ "," variable ] ( ":=" | "=" ) ] command { "|" command }
command  = operand { space operand }
operand  = term { field }
term     = literal | identifier | "." | field | variable | "nil" | "(" pipeline ")"
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.gotemplate.ast import (
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
    text_of,
)
from appliance.gotemplate.lexer import (
    ASSIGN,
    BOOL,
    CHAR,
    CLOSE,
    COMMA,
    DECLARE,
    DOT,
    FIELD,
    IDENTIFIER,
    KEYWORDS,
    NIL,
    NUMBER,
    OPEN,
    PIPE,
    RIGHT,
    SPACE,
    STRING,
    VARIABLE,
)
from appliance.syntax.lexer import END, ERROR, Token
from appliance.syntax.quoting import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_MAX_PARENTHESES = 60
_STARTS = {BOOL, CHAR, DOT, FIELD, IDENTIFIER, NUMBER, NIL, STRING, VARIABLE, OPEN}


class PipelineParser:
    """A reader of tokens that knows pipelines.

    Attributes:
        variables: Those that are declared where the reader is; `$` is the first.
        action_start: The `{{` of the action being read.
    """

    def __init__(
        self, name: str, text: str, found: Sequence[Token], functions: Container[str]
    ) -> None:
        self.name = name
        self.text = text
        self.variables = ["$"]
        self.action_start: Token | None = None
        self._tokens = found
        self._at = 0
        self._functions = functions
        self._open = 0

    # -- tokens

    def peek(self) -> Token:
        """The next token, unread."""
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def next(self) -> Token:
        """Read a token."""
        token = self.peek()
        self._at += 1
        return token

    def back(self) -> None:
        """Unread the last token."""
        self._at -= 1

    def peek_non_space(self) -> Token:
        """Skip blanks; the next token, unread."""
        while self.peek().kind == SPACE:
            self._at += 1
        return self.peek()

    def next_non_space(self) -> Token:
        """Skip blanks and read a token."""
        self.peek_non_space()
        return self.next()

    def peek_beyond(self, kind: str) -> Token:
        """The first token that is no blank after one of this kind."""
        at = self._at + (self.peek().kind == kind)
        while self._tokens[at].kind == SPACE:
            at += 1
        return self._tokens[at]

    def expect_non_space(self, kind: str, context: str) -> Token:
        """Read a token that has to be of this kind."""
        token = self.next_non_space()
        if token.kind != kind:
            raise self.unexpected_token(token, context)
        return token

    # -- errors

    def failure(self, message: str) -> BadInput:
        """An error where the reader is."""
        last = self._tokens[max(0, min(self._at, len(self._tokens)) - 1)]
        return BadInput(f"template: {self.name}:{self._line(last)}: {message}")

    def unexpected_token(self, token: Token, context: str) -> BadInput:
        """The error for a token that does not fit."""
        if token.kind != ERROR:
            return self.failure(f"unexpected {_shown(token)} in {context}")
        message, start = token.text, self.action_start
        if start is not None and self._line(start) != self._line(token):
            extra = f" in action started at {self.name}:{self._line(start)}"
            message += extra.removeprefix(" in action") if message.endswith(" action") else extra
        return self.failure(message)

    def _line(self, token: Token) -> int:
        return self.text.count("\n", 0, token.position) + 1

    # -- grammar

    def pipeline(self, context: str, end: str) -> Pipe:
        """A pipeline and the token that ends it."""
        position = self.peek_non_space().position
        variables, is_assignment = self._declarations(context)
        commands: list[Command] = []
        while (token := self.next_non_space()).kind != end:
            if token.kind not in _STARTS:
                raise self.unexpected_token(token, context)
            self.back()
            commands.append(self._command())
        if not commands:
            raise self.failure(f"missing value for {context}")
        for number, command in enumerate(commands[1:], 2):
            if isinstance(command.args[0], Dot | Nil | Literal):
                raise self.failure(f"non executable command in pipeline stage {number}")
        return Pipe(position, tuple(variables), is_assignment, tuple(commands))

    def _declarations(self, context: str) -> tuple[list[Variable], bool]:
        found: list[Variable] = []
        while self.peek_non_space().kind == VARIABLE:
            start = self._at
            token = self.next()
            following = self.peek_non_space()
            if following.kind not in {ASSIGN, DECLARE, COMMA}:
                self._at = start
                break
            self.next_non_space()
            found.append(Variable(token.position, token.text))
            if following.kind != COMMA:
                self.variables += [variable.name for variable in found]
                return found, following.kind == ASSIGN
            if context != "range" or len(found) > 1:
                raise self.failure(f"too many declarations in {context}")
            if self.peek_non_space().kind not in {VARIABLE, RIGHT, CLOSE}:
                raise self.failure("range can only initialize variables")
        return found, False

    def _check_declared(self, found: Sequence[Variable]) -> None:
        for variable in found:
            if variable.name not in self.variables:
                raise self.failure(f"undefined variable {quote(variable.name)}")

    def _command(self) -> Command:
        position = self.peek_non_space().position
        args: list[Operand] = []
        while True:
            self.peek_non_space()
            if (operand := self._operand()) is not None:
                args.append(operand)
            token = self.next()
            if token.kind == SPACE:
                continue
            if token.kind in {RIGHT, CLOSE}:
                self.back()
            elif token.kind != PIPE:
                raise self.unexpected_token(token, "operand")
            break
        if not args:
            raise self.failure("empty command")
        return Command(position, tuple(args))

    def _operand(self) -> Operand | None:
        node = self._term()
        if node is None or self.peek().kind != FIELD:
            return node
        position, names = self.peek().position, []
        while self.peek().kind == FIELD:
            names.append(self.next().text[1:])
        match node:
            case Field(names=first):
                return Field(position, (*first, *names))
            case Variable(name=name):
                return Variable(position, name, tuple(names))
            case Dot() | Nil() | Literal():
                raise self.failure(f"unexpected . after term {quote(text_of(node))}")
            case _:
                return Chain(position, node, tuple(names))

    def _term(self) -> Operand | None:  # noqa: PLR0911 - one case for each kind
        token = self.next_non_space()
        at = token.position
        match token.kind:
            case "identifier":
                if token.text not in self._functions:
                    raise self.failure(f"function {quote(token.text)} not defined")
                return Identifier(at, token.text)
            case "dot":
                return Dot(at)
            case "nil":
                return Nil(at)
            case "variable":
                self._check_declared([Variable(at, token.text)])
                return Variable(at, token.text)
            case "field":
                return Field(at, (token.text[1:],))
            case "bool":
                return Literal(at, token.text == "true", token.text)
            case "number" | "char" | "string":
                return self._literal(token)
            case "open":
                return self._parenthesized()
        self.back()
        return None

    def _parenthesized(self) -> Pipe:
        self._open += 1
        if self._open > _MAX_PARENTHESES:
            raise self.failure(f"nested more than {_MAX_PARENTHESES} deep")
        pipe = self.pipeline("parenthesized pipeline", CLOSE)
        self._open -= 1
        return pipe

    def _literal(self, token: Token) -> Literal:
        try:
            return Literal(token.position, _value(token), token.text)
        except BadInput as error:
            raise self.failure(error.message) from None


def _value(token: Token) -> float | str:
    """The value of a number, character or string.

    Raises:
        BadInput: It has none.
    """
    text = token.text
    if token.kind == NUMBER:
        return _number(text)
    try:
        value = unquote(text)
    except BadInput:
        raise BadInput("invalid syntax") from None
    if token.kind == STRING:
        return value
    if not value:
        raise BadInput("invalid syntax")
    if len(value) != 1:
        raise BadInput(f"malformed character constant: {text}")
    return ord(value)


def _number(text: str) -> float:
    """An int where the text is one, else a float; `1e3` is a float.

    Raises:
        BadInput: It is neither.
    """
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
    is_octal = len(digits) > 1 and digits[0] == "0" and digits.replace("_", "").isdigit()
    try:
        whole = sign * (int(digits, 8) if is_octal else int(digits, 0))
    except ValueError:
        whole = None
    if whole is not None and -(2**63) <= whole < 2**64:
        return whole
    try:
        is_hex = digits[:2].lower() == "0x" and "p" in digits.lower()
        value = sign * (float.fromhex(digits) if is_hex else float(digits))
    except (ValueError, OverflowError):
        value = math.inf
    if math.isinf(value):
        raise BadInput(f"illegal number syntax: {quote(text)}")
    if not set(text) & set(".eEpP"):
        raise BadInput(f"integer overflow: {quote(text)}")
    return value


def _shown(token: Token) -> str:
    """A token as Go's messages show it."""
    if token.kind == END:
        return "EOF"
    if token.kind in KEYWORDS or token.kind in {DOT, NIL}:
        return f"<{token.text}>"
    return quote(token.text[:10]) + "..." if len(token.text) > 10 else quote(token.text)
