"""Which fields a search's answer shows of each span.

As in Tempo these are the values that the query's conditions made it read: a value is shown when it
satisfies a condition on its field (or on another attribute of the same scope, as Tempo reads them
with one list of tests), and always when select() or a grouping names its field. Of arrays the
elements that satisfy are shown. Events and links: the last one of the span that satisfies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, UnaryOp
from appliance.traceql.expressions.compare import ELEMENTS, NUMERIC, binary
from appliance.traceql.expressions.evaluate import matching_items
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.fields import field_column
from appliance.traceql.fields_items import item_column, item_kind
from appliance.traceql.pipeline.conditions import Condition
from appliance.traceql.static import NIL, TRUE, Static, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.traceql.block import Block
    from appliance.traceql.pipeline.conditions import Conditions

#: What answers tell anyway, or not of spans.
_HIDDEN = frozenset(
    {
        Intrinsic.DURATION,
        Intrinsic.TRACE_DURATION,
        Intrinsic.ROOT_SERVICE,
        Intrinsic.ROOT_NAME,
        Intrinsic.TRACE_ID,
        Intrinsic.SPAN_ID,
    }
)
_OLD_NAMES = {
    Intrinsic.STATUS: "status",
    Intrinsic.STATUS_MESSAGE: "statusMessage",
    Intrinsic.KIND: "kind",
    Intrinsic.NAME: "name",
}
_EQUALITY = frozenset({Op.EQUAL, Op.NOT_EQUAL})
_SCOPES = {Scope.NONE: (Scope.SPAN, Scope.RESOURCE)}
_SERVICE = ast.Attribute("service.name", Scope.RESOURCE)


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of one scope.

    Attributes:
        tests: A value that satisfies one of them is shown.
        is_absence_shown: The query asks where it is absent, so that nil is shown there.
        items: Of events or links: all conditions of a query that needs all of them.
    """

    field: ast.Field
    tests: tuple[Condition, ...]
    is_absence_shown: bool
    items: tuple[Condition, ...] = ()

    @property
    def key(self) -> str:
        """What the answer calls it."""
        if isinstance(self.field, ast.Attribute):
            return self.field.name
        return _OLD_NAMES.get(self.field.intrinsic, self.field.intrinsic.value)

    def values(self, block: Block, rows: NDArray[np.int64]) -> list[Static | None]:
        """What is shown of each of some spans; None: nothing."""
        if item_kind(self.field) is not None:
            return self._item_values(block, rows)
        codes, statics = group_codes(field_column(self.field, block), rows)
        shown = [self._shown(static) for static in statics]
        return [shown[code] for code in codes.tolist()]

    def _item_values(self, block: Block, rows: NDArray[np.int64]) -> list[Static | None]:
        kind = item_kind(self.field) or ""
        of_spans = block.columns.items(kind).rows
        candidates = np.arange(len(of_spans))
        if self.items:
            expressions = [condition.expression for condition in self.items]
            candidates = np.flatnonzero(matching_items(expressions, kind, block))
        candidates = candidates[np.isin(of_spans[candidates], rows)]
        codes, statics = group_codes(item_column(self.field, block), candidates)
        shown = [self._shown(static) for static in statics]
        last: dict[int, Static] = {}
        for row, code in zip(of_spans[candidates].tolist(), codes.tolist(), strict=True):
            value = shown[code]
            if value is not None:
                last[row] = value
        return [last.get(row) for row in rows.tolist()]

    def _shown(self, value: Static) -> Static | None:
        if value == NIL:
            return Static(Type.STRING, "nil") if self.is_absence_shown else None
        if any(test.operand is None for test in self.tests):
            return value
        if value.type not in ELEMENTS:
            return value if self._passes(value) else None
        elements: tuple[str | bool | float, ...] = value.value  # type: ignore[assignment]  # an array's
        kind = ELEMENTS[value.type]
        passing = tuple(one for one in elements if self._passes(Static(kind, one)))
        if len(passing) > 1:
            return Static(value.type, passing)  # type: ignore[arg-type]  # of one type
        return Static(kind, passing[0]) if passing else None

    def _passes(self, value: Static) -> bool:
        return any(
            _satisfies(value, test, is_own=self.field in _scoped(test.field)) for test in self.tests
        )


def shown_fields(conditions: Conditions) -> list[ShownField]:
    """The fields to show for a query, in its order; the name among them."""
    fields: dict[ast.Field, None] = {}
    for condition in (*conditions.first, *conditions.second):
        fields.update(dict.fromkeys(_scoped(condition.field)))
    return [_shown_field(field, conditions) for field in fields]


def _shown_field(field: ast.Field, conditions: Conditions) -> ShownField:
    first = [one for one in conditions.first if one.op is not UnaryOp.NOT_EXISTS]
    tests = [one for one in first if _are_read_together(field, one.field)]
    tests += [one for one in conditions.second if field in _scoped(one.field)]
    if isinstance(field, ast.IntrinsicField):
        tests += [Condition(field) for one in first if field.intrinsic in one.numbers]
    kind = item_kind(field)
    is_absence_shown = any(
        one.op is UnaryOp.NOT_EXISTS and field in _scoped(one.field) for one in conditions.first
    )
    items = [
        one
        for one in first
        if kind is not None and conditions.needs_all and one.field and item_kind(one.field) == kind
    ]
    return ShownField(field, tuple(tests), is_absence_shown, tuple(items))


def _scoped(field: ast.Field | None) -> list[ast.Field]:
    """The fields of one scope that are read for a field of a query."""
    if field is None or field.is_parent:
        return []
    if isinstance(field, ast.IntrinsicField):
        return [] if field.intrinsic in _HIDDEN else [field]
    return [ast.Attribute(field.name, scope) for scope in _SCOPES.get(field.scope, (field.scope,))]


def _are_read_together(field: ast.Field, other: ast.Field | None) -> bool:
    """Whether a field's values are shown when they pass the tests of another one."""
    fields = _scoped(other)
    if field in fields:
        return True
    if not isinstance(field, ast.Attribute) or field == _SERVICE:
        return False
    return any(
        isinstance(one, ast.Attribute) and one.scope is field.scope and one != _SERVICE
        for one in fields
    )


def _satisfies(value: Static, test: Condition, *, is_own: bool) -> bool:
    """Whether a value passes a test, which may be one of another attribute."""
    if not isinstance(test.op, Op) or test.operand is None:
        return True
    if isinstance(test.field, ast.Attribute) and value.type is not test.operand.type:
        are_numbers = {value.type, test.operand.type} <= NUMERIC
        if not (is_own and are_numbers) or test.op in _EQUALITY:
            return False
    return binary(test.op, value, test.operand) == TRUE


def split_name(
    fields: Sequence[ShownField],
) -> tuple[ShownField | None, list[ShownField]]:
    """The span's name, which answers have a place of its own for, and the other fields."""
    names = [one for one in fields if one.key == "name" and _is_intrinsic(one.field)]
    others = [one for one in fields if one not in names]
    return (names[0] if names else None), others


def _is_intrinsic(field: ast.Field) -> bool:
    return isinstance(field, ast.IntrinsicField)
