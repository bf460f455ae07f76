"""Template text → trees (Go's text/template/parse).

    template = { text | action | control | definition }
    control  = "if"|"with"|"range" pipeline body [ "else" ( body | "if"… | "with"… ) ] "end"

Pipelines are in `parser_pipeline.py`. Names of functions and variables are checked here, as in Go:
a template that parses can fail only on its data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.gotemplate.ast import Action, Branch, Call, Jump, Text, Tree
from appliance.gotemplate.lexer import LEFT, RIGHT, STRING, TEXT, tokens
from appliance.gotemplate.parser_pipeline import PipelineParser
from appliance.syntax.lexer import END
from appliance.syntax.quoting import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from appliance.gotemplate.ast import Node

_MAX_NESTING = 60


class _Stop:
    """What ended a body: `{{end}}` or `{{else…}}`; `keyword` is the if or with of an else."""

    def __init__(self, word: str, keyword: str = "") -> None:
        self.word = word
        self.keyword = keyword


def parse(name: str, text: str, functions: Container[str]) -> list[Tree]:
    """The trees of a text: its own, named `name`, first; then those that it defines.

    Args:
        functions: Names of all functions that there are.

    Raises:
        BadInput: In Go's words, `template: NAME:LINE: …`.
    """
    return _Parser(name, text, functions).templates()


class _Parser(PipelineParser):
    def __init__(self, name: str, text: str, functions: Container[str]) -> None:
        super().__init__(name, text, tokens(text), functions)
        self._defined: dict[str, Tree] = {}
        self._ranges = 0
        self._depth = 0

    def templates(self) -> list[Tree]:
        """All trees; see `parse`."""
        body: list[Node] = []
        while self.peek().kind != END:
            if self.peek().kind == LEFT and self.peek_beyond(LEFT).kind == "define":
                self._definition()
                continue
            node = self._node()
            if isinstance(node, _Stop):
                raise self.failure(f"unexpected {{{{{node.word}}}}}")
            body.append(node)
        main = Tree(self.name, self.name, self.text, body)
        return [main, *self._defined.values()]

    def _definition(self) -> None:
        self.next()
        self.next_non_space()
        outer, self.variables = self.variables, ["$"]
        name = self._name("define clause")
        self.expect_non_space(RIGHT, "define clause")
        body, stop = self._body()
        if stop.word != "end":
            raise self.failure(f"unexpected {{{{{stop.word}}}}} in define clause")
        self.variables = outer
        self._define(name, body)

    def _define(self, name: str, body: list[Node]) -> None:
        if name in self._defined and not is_blank(self._defined[name].body):
            if not is_blank(body):
                raise self.failure(f"template: multiple definition of template {quote(name)}")
            return
        self._defined[name] = Tree(name, self.name, self.text, body)

    def _name(self, context: str) -> str:
        token = self.next_non_space()
        if token.kind != STRING:
            raise self.unexpected_token(token, context)
        return unquote(token.text)

    def _body(self) -> tuple[list[Node], _Stop]:
        """Nodes up to `{{end}}` or `{{else}}`."""
        self._depth += 1
        if self._depth > _MAX_NESTING:
            raise self.failure(f"nested more than {_MAX_NESTING} deep")
        nodes: list[Node] = []
        while self.peek().kind != END:
            node = self._node()
            if isinstance(node, _Stop):
                self._depth -= 1
                return nodes, node
            nodes.append(node)
        raise self.failure("unexpected EOF")

    def _node(self) -> Node | _Stop:
        token = self.next()
        if token.kind == TEXT:
            return Text(token.position, token.text)
        if token.kind != LEFT:
            raise self.unexpected_token(token, "input")
        self.action_start = token
        try:
            return self._action()
        finally:
            self.action_start = None

    def _action(self) -> Node | _Stop:  # noqa: PLR0911 - one case for each kind
        token = self.next_non_space()
        match token.kind:
            case "if" | "with" | "range":
                return self._control(token.kind)
            case "end":
                self.expect_non_space(RIGHT, "end")
                return _Stop("end")
            case "else":
                return self._else()
            case "block":
                return self._block()
            case "template":
                return self._call()
            case "break" | "continue":
                return self._jump(token.kind, token.position)
        self.back()
        start = self.peek().position
        return Action(start, self.pipeline("command", RIGHT))

    def _else(self) -> _Stop:
        following = self.peek_non_space()
        if following.kind in {"if", "with"}:
            return _Stop("else", following.kind)
        self.expect_non_space(RIGHT, "else")
        return _Stop("else")

    def _control(self, keyword: str) -> Branch:
        known = len(self.variables)
        pipe = self.pipeline(keyword, RIGHT)
        self._ranges += keyword == "range"
        body, stop = self._body()
        self._ranges -= keyword == "range"
        otherwise: list[Node] | None = None
        if stop.word == "else":
            if stop.keyword and stop.keyword == keyword:
                self.next_non_space()
                otherwise = [self._control(keyword)]
            elif stop.keyword:
                raise self.unexpected_token(self.peek_non_space(), "input")
            else:
                otherwise, stop = self._body()
                if stop.word != "end":
                    raise self.failure("expected end; found {{else}}")
        del self.variables[known:]
        return Branch(pipe.position, keyword, pipe, body, otherwise)

    def _block(self) -> Call:
        position = self.peek_non_space().position
        name = self._name("block clause")
        pipe = self.pipeline("block clause", RIGHT)
        outer, ranges = self.variables, self._ranges
        self.variables, self._ranges = ["$"], 0
        body, stop = self._body()
        if stop.word != "end":
            raise self.failure(f"unexpected {{{{{stop.word}}}}} in block clause")
        self.variables, self._ranges = outer, ranges
        self._define(name, body)
        return Call(position, name, pipe)

    def _call(self) -> Call:
        position = self.peek_non_space().position
        name = self._name("template clause")
        if self.peek_non_space().kind == RIGHT:
            self.next_non_space()
            return Call(position, name, None)
        return Call(position, name, self.pipeline("template clause", RIGHT))

    def _jump(self, keyword: str, position: int) -> Jump:
        token = self.next_non_space()
        if token.kind != RIGHT:
            raise self.unexpected_token(token, "{{" + keyword + "}}")
        if not self._ranges:
            raise self.failure(f"{{{{{keyword}}}}} outside {{{{range}}}}")
        return Jump(position, keyword)


def is_blank(body: Sequence[Node]) -> bool:
    """Whether a body prints nothing but blanks; such a definition does not replace another."""
    return all(isinstance(node, Text) and not node.text.strip() for node in body)
