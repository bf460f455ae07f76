"""Which services call which (Tempo documentation, "Service graphs").

A client's span and the server's span that is its child make an edge. The side that comes first
waits for the other; one that waits in vain may still show a service that sends no spans.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.ingest.span_metrics.peers import Peers, peers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.model.trace import SpanBatch

_SERVER, _CLIENT, _PRODUCER, _CONSUMER = 2, 3, 4, 5
_ERROR = 2


@dataclass(slots=True)
class Edge:
    """A request between two services, as far as it is known.

    Attributes:
        client, server: Empty as long as that side has not come.
        connection: `messaging_system`, `database`, `virtual_node` or empty.
        peer: What the span says of the other side.
        is_root: Whether it is a server's span without a parent.
    """

    trace_id: bytes
    expires_ms: int
    client: str = ""
    server: str = ""
    connection: str = ""
    client_seconds: float = 0.0
    server_seconds: float = 0.0
    has_failed: bool = False
    peer: str = ""
    is_root: bool = False


@dataclass(slots=True)
class ServiceGraph:
    """The edges of one tenant that wait for their other side.

    Attributes:
        wait_ms: How long.
        limit: How many; later spans are dropped, and counted in `dropped`.
    """

    wait_ms: int = 10_000
    limit: int = 100_000
    dropped: int = 0
    _waiting: dict[tuple[bytes, int], Edge] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._waiting)

    def pair(self, batch: SpanBatch, rows: NDArray[np.int64], now_ms: int) -> list[Edge]:
        """Take in the spans of requests; returns the edges that are complete.

        Args:
            rows: int64[span]: spans of services that have a name.
        """
        kinds = batch.kinds[rows]
        rows = rows[(kinds >= _SERVER) & (kinds <= _CONSUMER)]
        asked = np.isin(batch.kinds[rows], (_CLIENT, _PRODUCER)) | (batch.parent_ids[rows] == 0)
        peers = peers_of(batch, rows, asked)
        traces = batch.trace_ids[rows].tobytes()
        done = []
        spans = enumerate(_spans_of(batch, rows))
        for at, (kind, span_id, parent_id, service, seconds, has_failed) in spans:
            trace_id = traces[16 * at : 16 * at + 16]
            is_client = kind in {_CLIENT, _PRODUCER}
            key = trace_id, span_id if is_client else parent_id
            edge = self._edge(key, now_ms)
            if edge is None:
                continue
            edge.has_failed |= has_failed
            edge.connection = "messaging_system" if kind in {_PRODUCER, _CONSUMER} else ""
            name = batch.services[service]
            if is_client:
                edge.client, edge.client_seconds = name, seconds
                _note_peers(edge, peers, at, seconds)
            else:
                edge.server, edge.server_seconds = name, seconds
                if parent_id == 0:
                    edge.is_root, edge.peer = True, peers.nodes[at] or edge.peer
            if edge.client and edge.server:
                done.append(edge)
                del self._waiting[key]
        return done

    def expire(self, now_ms: int) -> tuple[list[Edge], int]:
        """Edges whose other side has not come.

        Returns:
            Those with a service that we only hear of, and how many say nothing.
        """
        found = []
        lost = 0
        while self._waiting:
            key, edge = next(iter(self._waiting.items()))  # they wait in the order of arrival
            if edge.expires_ms > now_ms:
                break
            del self._waiting[key]
            edge.connection = "virtual_node"
            if not edge.client and edge.is_root:
                edge.client = edge.peer or "user"
            elif edge.client and not edge.server and edge.peer:
                edge.server = edge.peer
            else:
                lost += 1
                continue
            found.append(edge)
        return found, lost

    def _edge(self, key: tuple[bytes, int], now_ms: int) -> Edge | None:
        found = self._waiting.get(key)
        if found is not None:
            return found
        if len(self._waiting) >= self.limit:
            self.dropped += 1
            return None
        made = self._waiting[key] = Edge(key[0], now_ms + self.wait_ms)
        return made


def _spans_of(
    batch: SpanBatch, rows: NDArray[np.int64]
) -> Iterator[tuple[int, int, int, int, float, bool]]:
    """Kind, id, parent's id, number of the service, seconds, and whether it failed, of each."""
    return zip(
        batch.kinds[rows].tolist(),
        batch.span_ids[rows].tolist(),
        batch.parent_ids[rows].tolist(),
        batch.service_ids[rows].tolist(),
        (batch.duration_ns[rows] / 1e9).tolist(),
        (batch.statuses[rows] == _ERROR).tolist(),
        strict=True,
    )


def _note_peers(edge: Edge, peers: Peers, at: int, seconds: float) -> None:
    """What a client's span says of who it called; a database sends no span of its own."""
    edge.peer = peers.nodes[at] or edge.peer
    if peers.is_database[at]:
        edge.connection = "database"
        edge.server_seconds = seconds
        edge.server = peers.databases[at] or edge.server
