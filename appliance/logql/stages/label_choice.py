"""`| drop …` and `| keep …`: which labels stay (Loki 3, drop_labels.go, keep_labels.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.logql.rows import ERROR, ERROR_DETAILS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.logql.ast import Drop, Keep
    from appliance.logql.rows import Rows
    from appliance.model.matcher import Matcher


def compile_drop(stage: Drop) -> Callable[[Rows], Rows]:
    """`drop` as a function of rows: labels go where their condition holds."""

    def run(rows: Rows) -> Rows:
        for item in stage.items:
            mask = _dropped(rows, item)
            if mask is not None and mask.any():
                rows = rows.without([item if isinstance(item, str) else item.name], mask)
        return rows

    return run


def _dropped(rows: Rows, item: str | Matcher) -> NDArray[np.bool_] | None:
    """In which rows a label goes: bool[row]; None: in no row.

    A condition that the empty text meets takes a label out also where it is absent. This shows
    when a parser finds it later: grouping by it leaves it out there.
    """
    if isinstance(item, str):
        column = rows.column(item)
        return None if column is None else column.present()
    column, absent = rows.column(item.name), item.matches("")
    if item.name in {ERROR, ERROR_DETAILS}:
        absent = False
    if column is not None:
        return column.test(item.matches, absent=absent)
    return np.ones(len(rows), dtype=bool) if absent else None


def compile_keep(stage: Keep) -> Callable[[Rows], Rows]:
    """`keep` as a function of rows: labels go where no condition on them holds; errors stay."""
    conditions: dict[str, list[str | Matcher]] = {}
    for item in stage.items:
        conditions.setdefault(item if isinstance(item, str) else item.name, []).append(item)

    def run(rows: Rows) -> Rows:
        gone = []
        for name in rows.names():
            items = conditions.get(name, [])
            if name in {ERROR, ERROR_DETAILS} or any(isinstance(item, str) for item in items):
                continue
            if not items:
                gone.append(name)
                continue
            rows = _without(rows, name, items)
        return rows.without(gone) if gone else rows

    return run


def _without(rows: Rows, name: str, items: list[str | Matcher]) -> Rows:
    """Rows without a label where none of the conditions holds."""
    column = rows.column(name)
    if column is None:
        return rows
    mask: NDArray[np.bool_] = column.present()
    for item in items:
        if not isinstance(item, str):
            mask &= ~column.test(item.matches, absent=False)
    return rows.without([name], mask) if mask.any() else rows
