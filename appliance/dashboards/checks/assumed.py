"""Values that variables may have while nobody has chosen any, so that queries can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dashboards.interpolate import (
    ALL,
    AUTO,
    Moment,
    Value,
    built_in,
    interpolate,
    names_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.dashboards.model import Dashboard, Variable

_HOUR = Moment(1_700_000_000_000, 1_700_003_600_000)
#: What stands for a value that only a server knows: a name, a number, a duration.
STAND_INS = ("value", "1", "5m")
_ANY = ".+"


def assumed_values(dashboard: Dashboard) -> dict[str, Value]:
    """A value for each variable whose values are known, and for those every dashboard has."""
    found = built_in(_HOUR)
    for variable in dashboard.variables:
        value = _value(variable)
        if value is not None:
            found[variable.name] = value
    return found


def readings(
    text: str, values: Mapping[str, Value], names: frozenset[str], language: str
) -> Iterator[str]:
    """What a query may become: with what is known, and with stand-ins for what is not.

    Args:
        names: All variables of the dashboard.
    """
    used = [name for name in names_in(text) if name in names]
    unknown = [name for name in used if name not in values]
    first = STAND_INS[:1] if not unknown else STAND_INS
    for stand_in in first:
        given = {**values, **{name: Value((stand_in,)) for name in unknown}}
        yield interpolate(text, given, language=language)
    # A saved value may be of another kind than the query wants, such as "None".
    for stand_in in STAND_INS if used else ():
        given = {**values, **{name: Value((stand_in,)) for name in used}}
        yield interpolate(text, given, language=language)


def _value(variable: Variable) -> Value | None:
    """What a variable stands for at first; None when only a server knows."""
    chosen = tuple(one.value for one in variable.current)
    if variable.kind == "interval":
        known = [one.value for one in variable.options]
        value = chosen[0] if chosen and chosen[0] != AUTO else next(iter(known), "1m")
        return Value((value,))
    if variable.kind in {"adhoc", "datasource"}:
        return Value(("default",))
    if chosen == (ALL,) or (not chosen and variable.include_all):
        options = tuple(one.value for one in variable.options)
        if variable.all_value or not options:
            return Value(options, multi=True, literal=variable.all_value or _ANY)
        return Value(options, multi=True)
    values = chosen or tuple(one.value for one in variable.options[:1])
    return Value(values, multi=variable.multi or variable.include_all) if values else None
