"""Stand-ins that were entered while the server runs; they outlive it."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload
from appliance.oncall.schedule import Span

if TYPE_CHECKING:
    from appliance.oncall.deps import OncallDeps

_KIND = "oncall-override"
#: Ones that are over are shown so long.
_KEPT_NS = 30 * 24 * 3600 * 10**9
_MOST = 1000


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """Somebody stands in; an empty user means nobody."""

    id: str
    rota: str
    user: str
    starts_ns: int
    ends_ns: int
    by: str
    at_ns: int


class Overrides:
    """Used on the event loop only; schedules ask from other threads, too."""

    def __init__(self, deps: OncallDeps) -> None:
        self._deps = deps
        self._all: tuple[StoredOverride, ...] = ()

    async def load(self) -> None:
        """Take over what is stored."""
        found = [StoredOverride(**one) for one in (await self._documents()).values()]
        self._all = tuple(sorted(found, key=lambda one: one.at_ns))

    async def _documents(self) -> dict[str, dict[str, Any]]:
        return await offload(self._deps.store.documents, _KIND)

    def all(self) -> tuple[StoredOverride, ...]:
        """All, in the order in which they were made."""
        return self._all

    def spans(self, rota: str) -> list[Span]:
        """Those of a rota."""
        return [Span(one.user, one.starts_ns, one.ends_ns) for one in self._all if one.rota == rota]

    async def add(self, rota: str, user: str, span: tuple[int, int], *, by: str) -> StoredOverride:
        """Enter one; when it returns, it is durable.

        Args:
            span: Start and end in nanoseconds.

        Raises:
            BadInput: It ends before it begins, or there are too many.
            Unavailable: It cannot be stored.
        """
        if span[1] <= span[0]:
            raise BadInput("an override ends after it begins")
        now_ns = self._deps.clock.now_ns()
        for one in [one for one in self._all if one.ends_ns < now_ns - _KEPT_NS]:
            await self.remove(one.id)
        if len(self._all) >= _MOST:
            raise BadInput(f"there are {_MOST} overrides already; remove some")
        made = StoredOverride(secrets.token_hex(4), rota, user, *span, by, now_ns)
        document = dataclasses.asdict(made)
        await asyncio.wrap_future(self._deps.store.put_document(_KIND, made.id, document))
        self._all = (*self._all, made)
        return made

    async def remove(self, override_id: str) -> None:
        """Take one back.

        Raises:
            NotFound: There is none with this id.
        """
        if all(one.id != override_id for one in self._all):
            raise NotFound(f"there is no override {override_id[:50]!r}")
        await asyncio.wrap_future(self._deps.store.delete_document(_KIND, override_id))
        self._all = tuple(one for one in self._all if one.id != override_id)
