"""Spansets, pipelines, numbers of spansets, and whole queries.

    query     := (spansets | pipeline | wrapped | comparison | metrics {second}) {hints}
    spansets  := filter | "(" spansets ")" | spansets STRUCTURAL spansets
    wrapped   := "(" pipeline ")" | "(" wrapped ")" | wrapped STRUCTURAL wrapped
    pipeline  := (spansets | condition | by | select) {"|" (spansets | condition | by | select
               | coalesce)}
    condition := scalar COMPARISON scalar
    scalar    := ["-"] NUMBER | aggregate | "(" scalar ")" | scalar ARITHMETIC scalar
    comparison := numbers COMPARISON (numbers | static)
    numbers   := "(" pipeline "|" aggregate ")" | "(" numbers ")" | numbers ARITHMETIC numbers
    metrics   := pipeline "|" first {second}
               | "(" pipeline "|" first {second} ")" | "(" metrics ")"
               | metrics ("+" | "-" | "*" | "/") (metrics | constant) | constant … metrics

As in Tempo, brackets around spansets alone are no pipeline, so that `({ }) && ({ } | count() > 1)`
does not fit while the reverse does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traceql.ast import (
    Aggregate,
    AggregateOp,
    Coalesce,
    GroupBy,
    Literal,
    MetricsOperation,
    MetricsPipeline,
    Op,
    Pipeline,
    Query,
    ScalarFilter,
    Select,
    SpansetFilter,
    SpansetOp,
    SpansetOperation,
)
from appliance.traceql.lexer import AGGREGATES, DURATION, END, FLOAT, INTEGER, METRICS
from appliance.traceql.parsing.chains import Chain
from appliance.traceql.parsing.metrics import COMPARISONS, MetricsReader
from appliance.traceql.parsing.parts import (
    ARITHMETIC_SHAPES,
    MOST_TOLD,
    SCALAR_SHAPES,
    Part,
    Shape,
    combine,
    constant,
    with_stage,
)

if TYPE_CHECKING:
    from appliance.syntax.lexer import Token
    from appliance.traceql.ast import PipelineElement, ScalarExpression, SpansetExpression

_SPANSET_OPS = {op.value: op for op in SpansetOp}
_SPANSET_LEVELS = {op.value: 1 if op in {SpansetOp.AND, SpansetOp.UNION} else 2 for op in SpansetOp}
_ARITHMETIC_LEVELS = dict.fromkeys("+-", 3) | dict.fromkeys("*/%", 5) | {"^": 6}
_OPS = {op.value: op for op in Op}
_SCALAR_STARTS = AGGREGATES | {INTEGER, FLOAT, DURATION, "-"}
_METRICS_OPERATORS = frozenset("+-*/")


class QueryReader(MetricsReader):
    """Reads queries."""

    def query(self) -> Query:
        """All of a query."""
        part = self._body(is_root=True)
        if part.shape is Shape.METRICS:
            part = self._second_stages(part)
        hints = self.hints()
        if self.peek().kind != END:
            raise self.unexpected(self.peek(), expected="with")
        node = part.node
        if isinstance(node, MetricsPipeline | MetricsOperation):
            return Query(metrics=node, hints=hints)
        pipeline = node if isinstance(node, Pipeline) else Pipeline((_element(part),))
        return Query(pipeline=pipeline, hints=hints)

    def _body(self, *, is_root: bool = False) -> Part:
        """What stands alone or in brackets."""
        token = self.peek()
        if token.kind in {"by", "select"}:
            return self._pipeline([self._element()], token, is_root=is_root)
        part = self._started()
        following = self.peek()
        if part.shape is Shape.SPANSETS and following.kind == "|":
            return self._pipeline([_element(part)], following, is_root=is_root)
        if part.shape in SCALAR_SHAPES and (following.kind in COMPARISONS or is_root):
            return self._pipeline([self._condition(part)], following, is_root=is_root)
        if part.shape is Shape.SCALAR_PIPELINE and is_root:
            return self._comparison(part)
        return part

    def _started(self) -> Part:
        """Operands and operators of one kind, up to what cannot belong to them."""
        token = self.peek()
        if token.kind == "{":
            return Part(Shape.SPANSETS, self._spansets(None), token)
        if token.kind in _SCALAR_STARTS:
            return self._arithmetic(None)
        part = self._bracketed()
        if part.shape is Shape.SPANSETS:
            return Part(Shape.SPANSETS, self._spansets(_spanset(part)), part.mark)
        if part.shape is Shape.PIPELINE:
            return self._wrapped(part)
        return self._arithmetic(part)

    def _bracketed(self) -> Part:
        token = self.peek()
        if token.kind != "(":
            raise self.unexpected(token)
        self.next()
        with self.deeper(token):
            part = self._body()
        is_open = part.shape is Shape.PIPELINE and not isinstance(part.node, SpansetOperation)
        self.close(") or |" if is_open else "")
        return part

    def _spansets(self, first: SpansetExpression | None) -> SpansetExpression:
        """Spansets and structural operators.

        Args:
            first: The first operand, if it has been read.
        """
        chain: Chain[SpansetExpression] = Chain(self._related)
        chain.add_operand(first or self.spanset_filter())
        while (token := self.peek()).kind in _SPANSET_LEVELS:
            level = _SPANSET_LEVELS[self.next().kind]
            chain.settle(level)
            chain.add_operator(token, level)
            operand = self.peek()
            if operand.kind == "{":
                chain.add_operand(self.spanset_filter())
                continue
            if operand.kind != "(":
                raise self.unexpected(operand, expected="{ or (")
            chain.add_operand(_spanset(self._of(self._bracketed(), Shape.SPANSETS)))
        return chain.finish()

    def _wrapped(self, first: Part) -> Part:
        """Pipelines in brackets and structural operators."""
        if self.peek().kind not in _SPANSET_LEVELS:
            return first
        chain: Chain[SpansetExpression] = Chain(self._related)
        chain.add_operand(_spanset(first))
        while (token := self.peek()).kind in _SPANSET_LEVELS:
            level = _SPANSET_LEVELS[self.next().kind]
            chain.settle(level)
            chain.add_operator(token, level)
            if self.peek().kind != "(":
                raise self.unexpected(self.peek(), expected="(")
            operand = self._of(self._bracketed(), Shape.SPANSETS, Shape.PIPELINE)
            chain.add_operand(_spanset(operand))
        return Part(Shape.PIPELINE, chain.finish(), first.mark)

    def _related(
        self, token: Token, left: SpansetExpression, right: SpansetExpression
    ) -> SpansetExpression:
        return SpansetOperation(_SPANSET_OPS[token.kind], left, right, position=token.position)

    def _of(self, part: Part, *shapes: Shape) -> Part:
        """A part that has to have one of some shapes."""
        if part.shape not in shapes:
            raise self.unexpected(part.mark)
        return part

    def _arithmetic(self, first: Part | None) -> Part:
        """Scalars, scalar pipelines or metrics, and arithmetic with them."""
        chain: Chain[Part] = Chain(self._combined)
        chain.add_operand(first or self._arithmetic_operand())
        while (level := _ARITHMETIC_LEVELS.get(self.peek().kind)) is not None:
            token = self.peek()
            chain.settle(level, is_right_associative=token.kind == "^")
            if chain.top().shape is Shape.METRICS and token.kind not in _METRICS_OPERATORS:
                break
            self.next()
            chain.add_operator(token, level)
            chain.add_operand(self._arithmetic_operand())
        return chain.finish()

    def _arithmetic_operand(self) -> Part:
        token = self.peek()
        if token.kind in AGGREGATES:
            return Part(Shape.SCALAR, self._aggregate(), token)
        if token.kind in _SCALAR_STARTS:
            return constant(self.signed_number(), token)
        return self._of(self._bracketed(), *ARITHMETIC_SHAPES)

    def _combined(self, token: Token, left: Part, right: Part) -> Part:
        part = combine(_OPS[token.kind], left, right, token)
        if part is None:
            raise self.unexpected(token)
        return part

    def _aggregate(self) -> Aggregate:
        token = self.next()
        op = AggregateOp(token.kind)
        self.need("(")
        if op is AggregateOp.COUNT:
            self.need(")")
            return Aggregate(op, position=token.position)
        expression = self.expression()
        self.close()
        return Aggregate(op, expression, position=token.position)

    def _pipeline(self, elements: list[PipelineElement], mark: Token, *, is_root: bool) -> Part:
        """The rest of a pipeline that may become a metrics query or a scalar pipeline."""
        told = 0
        while self.accept("|"):
            token = self.peek()
            if token.kind in METRICS:
                node = MetricsPipeline(Pipeline(tuple(elements)), self.first_stage())
                return self._second_stages(Part(Shape.METRICS, node, token))
            element = self._element()
            elements.append(element)
            told += isinstance(element, GroupBy | ScalarFilter)
            if told > MOST_TOLD:
                message = f"parse error : more than {MOST_TOLD} groupings and aggregates"
                raise BadInput(message, position=token.position)
            if isinstance(element, Aggregate):
                if is_root:
                    raise self.unexpected(self.peek())
                return Part(Shape.SCALAR_PIPELINE, Pipeline(tuple(elements)), token)
        return Part(Shape.PIPELINE, Pipeline(tuple(elements)), mark)

    def _element(self) -> PipelineElement:
        """What stands between pipes; an aggregate alone only where a bracket closes."""
        token = self.peek()
        match token.kind:
            case "by":
                self.next()
                self.need("(")
                expression = self.expression()
                self.close()
                return GroupBy(expression, position=token.position)
            case "select":
                self.next()
                return Select(self.fields(), position=token.position)
            case "coalesce":
                self.next()
                self.need("(")
                self.need(")")
                return Coalesce(position=token.position)
        part = self._started()
        if part.shape is Shape.SPANSETS:
            return _element(part)
        if isinstance(part.node, Aggregate) and self.peek().kind == ")":
            return part.node
        return self._condition(self._of(part, *SCALAR_SHAPES))

    def _condition(self, left: Part) -> ScalarFilter:
        """What compares a scalar that has been read with another one."""
        token = self.peek()
        if token.kind not in COMPARISONS:
            raise self.unexpected(token)
        self.next()
        right = self._of(self._arithmetic(None), *SCALAR_SHAPES)
        return ScalarFilter(
            COMPARISONS[token.kind], _scalar(left), _scalar(right), position=token.position
        )

    def _comparison(self, left: Part) -> Part:
        """What compares a scalar pipeline with another one or with a constant."""
        token = self.peek()
        if token.kind not in COMPARISONS:
            raise self.unexpected(token)
        self.next()
        if self.peek().kind == "(":
            right = _scalar(self._of(self._arithmetic(None), Shape.SCALAR_PIPELINE))
        else:
            right = Literal(self.static(), position=token.position)
        condition = ScalarFilter(
            COMPARISONS[token.kind], _scalar(left), right, position=token.position
        )
        return Part(Shape.PIPELINE, Pipeline((condition,)), token)

    def _second_stages(self, part: Part) -> Part:
        while True:
            token = self.peek()
            if token.kind not in COMPARISONS and token.kind != "|":
                return part
            is_ranking = self.accept("|") is not None
            part = with_stage(part, self.second_stage(is_ranking=is_ranking))


def _spanset(part: Part) -> SpansetExpression:
    node = part.node
    if not isinstance(node, SpansetFilter | SpansetOperation | Pipeline):
        raise TypeError(f"{part.shape} is no spanset")
    return node


def _element(part: Part) -> PipelineElement:
    return _spanset(part)


def _scalar(part: Part) -> ScalarExpression:
    node = part.node
    if isinstance(node, SpansetFilter | SpansetOperation | MetricsPipeline | MetricsOperation):
        raise TypeError(f"{part.shape} is no scalar")
    return node
