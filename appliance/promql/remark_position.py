"""Where remarks of functions over ranges point to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.ast import Subquery
from appliance.promql.invariant import unwrapped

if TYPE_CHECKING:
    from appliance.promql.ast import Call


def argument_position(call: Call) -> int:
    """The position of a function's first argument.

    Prometheus has put a selector of its own in the place of a subquery, which is at the beginning.
    """
    argument = unwrapped(call.args[0])
    return 0 if isinstance(argument, Subquery) else argument.position
