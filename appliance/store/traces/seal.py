"""Sealing: the oldest parts of a head become a block, their inbox rows go, in one transaction."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.store.traces import inbox
from appliance.store.traces.sealed.block import encode_block

if TYPE_CHECKING:
    import sqlite3

    from appliance.base.clock import Clock
    from appliance.store.database import Database
    from appliance.store.traces.head import Head, HeadState
    from appliance.store.traces.sealed.block import BlockLimits


@dataclass(frozen=True, slots=True)
class SealPolicy:
    """When a head becomes a block.

    Attributes:
        spans: A head with so many spans is sealed.
        age_ms: Or one whose oldest request came so long ago.
        head_bytes: Or, while all heads together take more memory, the largest.
        block_spans, block_bytes: A block takes up to so much (at least one request).
    """

    spans: int = 30_000
    age_ms: int = 30 * 60_000
    head_bytes: int = 128 << 20
    block_spans: int = 50_000
    block_bytes: int = 48 << 20

    def is_due(self, state: HeadState, now_ms: int) -> bool:
        """Whether a head is full or old."""
        parts = state.parts
        if not parts:
            return False
        return (
            bool(state.sealing)  # an earlier attempt failed
            or len(state) >= self.spans
            or state.size_bytes >= self.block_bytes
            or now_ms - parts[0].arrived_ms >= self.age_ms
        )


class Sealer:
    """The compactor of one file; one pass at a time, in the caller's thread."""

    def __init__(
        self, database: Database, heads: dict[int, Head], policy: SealPolicy, clock: Clock
    ) -> None:
        self._database = database
        self._heads = heads
        self._policy = policy
        self._clock = clock
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """Whether a pass would write something."""
        states = [head.state for head in list(self._heads.values())]
        now_ms = self._clock.now_ms()
        return any(self._policy.is_due(state, now_ms) for state in states) or (
            sum(state.size_bytes for state in states) > self._policy.head_bytes
        )

    def run(self, limits: BlockLimits, *, force: bool) -> int:
        """Seal what is due, with `force` everything there is; returns blocks written.

        Raises:
            Unavailable: The database cannot write; what was not sealed stays in the head.
        """
        written = 0
        with self._lock:
            for tenant, head in self._heads.copy().items():
                # What arrives during a forced pass need not go too, or the pass might never end.
                left = len(head.state)
                while left > 0 and (force or self._policy.is_due(head.state, self._clock.now_ms())):
                    left -= self._seal(tenant, head, limits)
                    written += 1
            while self._head_bytes() > self._policy.head_bytes:
                heads = self._heads.copy()
                largest = max(heads.items(), key=lambda item: item[1].state.size_bytes)
                self._seal(*largest, limits)
                written += 1
        return written

    def _head_bytes(self) -> int:
        return sum(head.state.size_bytes for head in list(self._heads.values()))

    def _seal(self, tenant: int, head: Head, limits: BlockLimits) -> int:
        """Write one block; returns how many spans left the head for it."""
        policy = self._policy

        def rotate(_: None) -> None:
            head.rotate(policy.block_spans, policy.block_bytes)

        self._database.write(_nothing, then=rotate).result()
        parts = head.state.sealing
        block = encode_block(parts, limits)

        def swap(connection: sqlite3.Connection) -> None:
            block.insert(connection, tenant)
            inbox.forget(connection, tenant, parts[-1].last_row)

        self._database.swap(swap, lambda _: head.drop_sealed()).result()
        return sum(len(part.table) for part in parts)


def _nothing(_: sqlite3.Connection) -> None:
    """Only a turn in the writer thread is wanted."""
