"""Which fields a search's answer shows of each span.

As in Tempo these are the values that the query's conditions made it read: a value is shown when it
satisfies a condition on its field (or on another attribute of the same scope, as Tempo reads them
with one list of tests), and always when select() or a grouping names its field. Of arrays the
elements that satisfy are shown. Events and links: the last one of the span that satisfies.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql import ast
from appliance.traceql.ast import Intrinsic, Op, Scope, UnaryOp
from appliance.traceql.expressions.compare import ELEMENTS, binary
from appliance.traceql.expressions.evaluate import matching_items
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.fields import field_column
from appliance.traceql.fields_items import item_column, item_kind
from appliance.traceql.pipeline.conditions import Condition
from appliance.traceql.static import NIL, TRUE, Static, Type
from appliance.traceql.types import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        tests: A value that satisfies one of them is shown; fields read together share them.
        own: The same, of this field only.
        is_absence_shown: The query asks where it is absent, so that nil is shown there.
        items: Of events or links: all conditions of a query that needs all of them.
    """

    field: ast.Field
    tests: Tests
    own: Tests
    is_absence_shown: bool
    items: Sequence[Condition] = ()

    @property
    def key(self) -> str:
        """What the answer calls it."""
        if isinstance(self.field, ast.Attribute):
            return self.field.name
        return _OLD_NAMES.get(self.field.intrinsic, self.field.intrinsic.value)

    def values(self, block: Block, rows: NDArray[np.int64]) -> list[Static | None]:
        """What is shown of each of some spans; None: nothing."""
        block.check()
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
        if self.tests.pass_all or self.own.pass_all:
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
            _satisfies(value, test, is_own=self.field in _scoped(test.field))
            for test in itertools.chain(self.tests.conditions, self.own.conditions)
        )


class Tests:
    """Conditions of which one has to hold.

    Attributes:
        pass_all: One of them lets any value through.
    """

    def __init__(self) -> None:
        self.conditions: list[Condition] = []
        self.pass_all = False

    def add(self, condition: Condition) -> None:
        """One more."""
        self.conditions.append(condition)
        self.pass_all |= condition.operand is None


def shown_fields(conditions: Conditions) -> list[ShownField]:
    """The fields to show for a query, in its order; the name among them."""
    first = [one for one in conditions.first if one.op is not UnaryOp.NOT_EXISTS]
    shared: defaultdict[ast.Field | Scope, Tests] = defaultdict(Tests)
    own: defaultdict[ast.Field, Tests] = defaultdict(Tests)
    for condition in first:
        for group in dict.fromkeys(map(_group_of, _scoped(condition.field))):
            shared[group].add(condition)
        for intrinsic in condition.numbers:
            own[ast.IntrinsicField(intrinsic)].add(Condition())
    for condition in conditions.second:
        for field in _scoped(condition.field):
            own[field].add(condition)
    absent = [one for one in conditions.first if one.op is UnaryOp.NOT_EXISTS]
    absences = {field for one in absent for field in _scoped(one.field)}
    items = _by_item_kind(first) if conditions.needs_all else {}
    every = (*conditions.first, *conditions.second)
    return [
        ShownField(
            field,
            shared[_group_of(field)],
            own[field],
            field in absences,
            items.get(item_kind(field), ()),
        )
        for field in dict.fromkeys(field for one in every for field in _scoped(one.field))
    ]


def _by_item_kind(conditions: Iterable[Condition]) -> dict[str | None, list[Condition]]:
    """Those on events and those on links."""
    found: dict[str | None, list[Condition]] = {}
    for one in conditions:
        kind = item_kind(one.field) if one.field is not None else None
        if kind is not None:
            found.setdefault(kind, []).append(one)
    return found


def _scoped(field: ast.Field | None) -> list[ast.Field]:
    """The fields of one scope that are read for a field of a query."""
    if field is None or field.is_parent:
        return []
    if isinstance(field, ast.IntrinsicField):
        return [] if field.intrinsic in _HIDDEN else [field]
    return [ast.Attribute(field.name, scope) for scope in _SCOPES.get(field.scope, (field.scope,))]


def _group_of(field: ast.Field) -> ast.Field | Scope:
    """What fields have in common whose values are shown when they pass one another's tests."""
    if not isinstance(field, ast.Attribute) or field == _SERVICE:
        return field
    return field.scope


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
