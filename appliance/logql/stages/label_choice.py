"""`| drop …` and `| keep …`: which labels stay (Loki 3, drop_labels.go, keep_labels.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logql.rows import ERROR, ERROR_DETAILS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from appliance.logql.ast import Drop, Keep
    from appliance.logql.rows import Rows
    from appliance.model.matcher import Matcher


def compile_drop(stage: Drop) -> Callable[[Rows], Rows]:
    """`drop` as a function of rows: labels go where their condition holds."""

    def run(rows: Rows) -> Rows:
        for item in stage.items:
            name = item if isinstance(item, str) else item.name
            column = rows.column(name)
            if column is None:
                continue
            mask = column.present()
            if not isinstance(item, str):
                mask &= column.test(item.matches, absent=False)
            if mask.any():
                rows = rows.without([name], mask)
        return rows

    return run


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
