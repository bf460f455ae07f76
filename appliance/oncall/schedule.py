"""Who is on call by a rota: overrides before its calendar before its turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.oncall.rota import Hours, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.oncall.config import Rota

_DAY_NS = 24 * 3600 * 10**9
#: How far ahead the end of a shift is looked for.
_HORIZONS_DAYS = (2, 15, 60, 400)


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody's time; the end is not included."""

    user: str
    starts_ns: int
    ends_ns: int

    def holds(self, at_ns: int) -> bool:
        """Whether an instant lies in it."""
        return self.starts_ns <= at_ns < self.ends_ns


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's time, and why: `turns`, `calendar` or `override`.

    Attributes:
        user: Empty for nobody.
        ends_ns: 0 when no end is in sight.
    """

    user: str
    starts_ns: int
    ends_ns: int
    source: str


class Schedule:
    """One rota.

    Args:
        overrides: Those besides the file's, later ones before earlier ones.
        calendar: Spans of its calendar.
    """

    def __init__(
        self,
        name: str,
        rota: Rota,
        *,
        overrides: Callable[[], Sequence[Span]] = tuple,
        calendar: Callable[[], Sequence[Span]] = tuple,
    ) -> None:
        self.name = name
        self._turns = Turns(rota)
        self._hours = Hours(rota)
        self.zone = self._turns.zone
        self._given = [
            Span(one.user, one.from_.ns(self.zone), one.to.ns(self.zone)) for one in rota.overrides
        ]
        self._overrides = overrides
        self._calendar = calendar

    def user_at(self, at_ns: int) -> tuple[str, str]:
        """Who is on call at an instant, and why; an empty name for nobody."""
        for one in (*reversed(self._overrides()), *reversed(self._given)):
            if one.holds(at_ns):
                return one.user, "override"
        entered = [one for one in self._calendar() if one.holds(at_ns)]
        if entered:
            return max(entered, key=lambda one: one.starts_ns).user, "calendar"
        return (self._turns.user_at(at_ns) if self._hours.hold(at_ns) else ""), "turns"

    def shifts(self, start_ns: int, end_ns: int) -> list[Shift]:
        """Who is on call from one time to another; gaps are shifts of nobody."""
        changes = {start_ns}
        changes.update(self._turns.changes(start_ns, end_ns))
        changes.update(self._hours.changes(start_ns, end_ns))
        for one in (*self._overrides(), *self._given, *self._calendar()):
            changes.update(at for at in (one.starts_ns, one.ends_ns) if start_ns < at < end_ns)
        found: list[Shift] = []
        for at_ns in sorted(changes):
            user, source = self.user_at(at_ns)
            if found and (found[-1].user, found[-1].source) == (user, source):
                continue
            if found:
                found[-1] = _until(found[-1], at_ns)
            found.append(Shift(user, at_ns, end_ns, source))
        return found

    def now_and_next(self, at_ns: int) -> tuple[Shift, Shift | None]:
        """The shift at an instant, from then on, and the first one of somebody else."""
        found: list[Shift] = []
        for days in _HORIZONS_DAYS:
            found = _merged(self.shifts(at_ns, at_ns + days * _DAY_NS))
            if len(found) > 2:
                return found[0], found[1]
        now = found[0] if len(found) > 1 else _until(found[0], 0)
        return now, _until(found[1], 0) if len(found) > 1 else None


def _until(shift: Shift, ends_ns: int) -> Shift:
    return Shift(shift.user, shift.starts_ns, ends_ns, shift.source)


def _merged(shifts: Sequence[Shift]) -> list[Shift]:
    """Shifts of one user in a row as one."""
    found: list[Shift] = []
    for shift in shifts:
        if found and found[-1].user == shift.user:
            found[-1] = _until(found[-1], shift.ends_ns)
        else:
            found.append(shift)
    return found
