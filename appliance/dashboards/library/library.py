"""All dashboards by uid: the first of a uid counts, a broken file hinders no other.

Files are looked at again when somebody asks, at most every two seconds, and read when their time
of change or size differs. Safe to be asked from several threads.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput, Conflict, NotFound
from appliance.config.problem import Problem
from appliance.dashboards.datasources import Sources
from appliance.dashboards.library.entries import (
    Entry,
    Head,
    Stamp,
    Whole,
    counts,
    read_head,
    read_whole,
    stamp_of,
)
from appliance.dashboards.library.kept import KeptDashboards
from appliance.dashboards.library.places import Found, find_files
from appliance.dashboards.reading.document import read_dashboard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.dashboards.library.places import Origin, Places

_LOOK_AGAIN_SECONDS = 2.0
#: How long one list may look for problems; the rest is done by the next ones.
_JUDGING_SECONDS = 0.5
_KEPT_WHOLE = 32


@dataclass(frozen=True, slots=True)
class Listing:
    """The dashboards there are, by folder and title, and files that cannot be shown."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _State:
    """What was found when files were last looked at."""

    at: float
    places: Places
    found: Found
    by_uid: dict[str, tuple[Origin, Head]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class DashboardLibrary:
    """The dashboards of one server."""

    def __init__(self, places: Callable[[], Places], clock: Clock) -> None:
        """Nothing is read before somebody asks.

        Args:
            places: What the configuration says now.
        """
        self._places = places
        self._clock = clock
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._heads: dict[Path, tuple[Stamp, Head]] = {}
        self._wholes: OrderedDict[Path, tuple[Stamp, Sources, Whole]] = OrderedDict()
        self._counts: dict[Path, tuple[Stamp, dict[str, int]]] = {}

    def listing(self) -> Listing:
        """All dashboards."""
        with self._lock:
            state = self._look()
            until = self._clock.monotonic() + _JUDGING_SECONDS
            entries = [self._entry(state, uid, until) for uid in state.by_uid]
            entries.sort(key=lambda one: (one.folder.lower(), one.title.lower(), one.uid))
            return Listing(tuple(entries), (*state.found.problems, *state.problems))

    def get(self, uid: str) -> Whole:
        """One dashboard with everything about it.

        Raises:
            NotFound: There is none with this uid.
            BadInput: Its file has become unreadable.
        """
        with self._lock:
            state = self._look()
            if uid not in state.by_uid:
                raise NotFound(f"there is no dashboard {uid[:80]!r}; all are listed at /dashboards")
            return self._whole(state, *state.by_uid[uid])

    def put(self, data: bytes, *, overwrite: bool = False) -> Entry:
        """Keep a dashboard that somebody brought.

        Raises:
            BadInput: It is none.
            Conflict: Another has its uid, and is not to be replaced or cannot be.
            LimitExceeded, StorageFull: There are too many; it cannot be written.
        """
        with self._lock:
            state = self._look(at_once=True)
            kept = self._kept(state)
            uid = read_dashboard(data).dashboard.uid
            origin = state.by_uid[uid][0] if uid in state.by_uid else None
            is_shipped = origin is not None and origin.shelf is not None
            if origin is not None and not origin.removable and not is_shipped:
                message = f"dashboard {uid!r} comes from {origin.file}: change that, or the uid"
                raise Conflict(message)
            if origin is not None and not is_shipped and not overwrite:
                raise Conflict(f"there is a dashboard {uid!r}; replace it with ?overwrite=true")
            is_kept = origin is not None and origin.removable
            kept.put(origin.file.stem if origin is not None and is_kept else uid, data)
            state = self._look(at_once=True)
            return self._entry(state, uid, self._clock.monotonic() + _JUDGING_SECONDS)

    def remove(self, uid: str) -> None:
        """Delete a dashboard that somebody brought.

        Raises:
            NotFound: There is none.
            Conflict: It comes from a file of the configuration.
        """
        with self._lock:
            state = self._look(at_once=True)
            if uid not in state.by_uid:
                raise NotFound(f"there is no dashboard {uid[:80]!r}")
            origin = state.by_uid[uid][0]
            if origin.shelf is not None:
                raise Conflict(f"dashboard {uid!r} comes with the product and cannot be deleted")
            if not origin.removable:
                raise Conflict(f"dashboard {uid!r} comes from {origin.file}: delete that file")
            self._kept(state).remove(origin.file.stem)
            self._look(at_once=True)

    def _kept(self, state: _State) -> KeptDashboards:
        if state.places.own is None:
            raise Conflict("this server keeps no dashboards")
        return KeptDashboards(state.places.own)

    def _look(self, *, at_once: bool = False) -> _State:
        """The files there are, looked at again when that is due."""
        now = self._clock.monotonic()
        state = self._state
        if state is not None and not at_once and now - state.at < _LOOK_AGAIN_SECONDS:
            return state
        places = self._places()
        state = _State(now, places, find_files(places))
        for origin in state.found.origins:
            self._take(state, origin)
        self._forget(state)
        self._state = state
        return state

    def _take(self, state: _State, origin: Origin) -> None:
        stamp = stamp_of(origin)
        if stamp is None:
            return
        known = self._heads.get(origin.file)
        head = known[1] if known is not None and known[0] == stamp else read_head(origin)
        self._heads[origin.file] = stamp, head
        if head.problem is not None:
            state.problems.append(head.problem)
            return
        if head.uid not in state.by_uid:
            state.by_uid[head.uid] = origin, head
        elif origin.shelf is None:  # shipped ones give way in silence
            other = state.by_uid[head.uid][0].file
            message = f"uid {head.uid!r} is that of {other}, too; this one is not shown"
            hint = "give one of them another uid"
            place = (str(origin.file), 0, 0, "")
            state.problems.append(Problem(*place, message, "duplicate-uid", hint=hint))

    def _forget(self, state: _State) -> None:
        """Drop what is known of files that are gone."""
        files = {origin.file for origin in state.found.origins}
        for file in self._heads.keys() - files:
            del self._heads[file]
            self._wholes.pop(file, None)
            self._counts.pop(file, None)

    def _entry(self, state: _State, uid: str, until: float) -> Entry:
        """An entry of the list; problems are counted while there is time."""
        origin, head = state.by_uid[uid]
        entry = self._bare(origin, head)
        stamp = self._heads[origin.file][0]
        known = self._counts.get(origin.file)
        if known is not None and known[0] == stamp:
            return dataclasses.replace(entry, problems=known[1])
        if self._clock.monotonic() > until:
            return entry
        try:
            return self._whole(state, origin, head).entry
        except BadInput:
            return entry

    def _bare(self, origin: Origin, head: Head) -> Entry:
        file = str(origin.file)
        return Entry(head.uid, head.title, origin.folder, head.tags, file, origin.removable)

    def _whole(self, state: _State, origin: Origin, head: Head) -> Whole:
        stamp = self._heads[origin.file][0]
        sources = Sources(state.found.datasources)
        known = self._wholes.get(origin.file)
        if known is not None and known[:2] == (stamp, sources):
            self._wholes.move_to_end(origin.file)
            return known[2]
        whole = read_whole(origin, self._bare(origin, head), sources)
        found = counts(whole.findings)
        whole = dataclasses.replace(whole, entry=dataclasses.replace(whole.entry, problems=found))
        self._counts[origin.file] = stamp, found
        self._wholes[origin.file] = stamp, sources, whole
        while len(self._wholes) > _KEPT_WHOLE:
            self._wholes.popitem(last=False)
        return whole
