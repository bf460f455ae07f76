"""Where exported samples come from: a running server, or a data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import yaml

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata
from appliance.store.directory import DataDirectory
from appliance.transfer.sinks import open_store
from appliance.wire import snappy
from appliance.wire.exposition.print import print_name
from appliance.wire.remote.read import series_of
from appliance.wire.remote.read_client import decode_answer, encode_question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.model.matcher import Matcher
    from appliance.transfer.session import Session
    from appliance.wire.remote.read import ReadSeries

_HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Read-Version": "0.1.0",
}
_MAX_BYTES = 1 << 31


class Origin(Protocol):
    """Reads one tenant between two times, both included (milliseconds)."""

    def names(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[str]:
        """Names of metrics."""
        ...

    def metadata(self) -> Mapping[str, MetricMetadata]:
        """Type, help and unit by name."""
        ...

    def series(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[Labels]:
        """Label sets."""
        ...

    def read(self, matchers: Sequence[Matcher]) -> list[ReadSeries]:
        """Series and their samples."""
        ...

    def answered(self, labels: Labels) -> Labels:
        """The labels under which `read` answers with a series."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


class RemoteOrigin:
    """A server, by remote read."""

    def __init__(self, session: Session, start_ms: int, end_ms: int) -> None:
        self._session = session
        self._window = start_ms, end_ms
        self._external: frozenset[tuple[str, str]] | None = None

    def names(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[str]:
        """See `Origin.names`."""
        found: list[str] = self._session.get(
            "/api/v1/label/__name__/values", self._given(selectors)
        )
        return found

    def metadata(self) -> dict[str, MetricMetadata]:
        """See `Origin.metadata`."""
        known: dict[str, list[dict[str, str]]] = self._session.get("/api/v1/metadata")
        return {
            name: MetricMetadata(rows[0]["type"], rows[0]["help"], rows[0]["unit"])
            for name, rows in known.items()
            if rows
        }

    def series(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[Labels]:
        """See `Origin.series`."""
        found = self._session.ask("/api/v1/series", self._given(selectors))
        return [Labels.of(item) for item in found]

    def read(self, matchers: Sequence[Matcher]) -> list[ReadSeries]:
        """See `Origin.read`."""
        body = snappy.compress(encode_question(matchers, *self._window))
        answer = self._session.post("/api/v1/read", body, _HEADERS)
        return decode_answer(snappy.decompress(answer, limit=_MAX_BYTES))

    def answered(self, labels: Labels) -> Labels:
        """See `Origin.answered`: a server adds its external labels."""
        external = self._external_labels()
        return Labels.of([*external, *labels]) if external else labels

    def close(self) -> None:
        """See `Origin.close`."""

    def _external_labels(self) -> frozenset[tuple[str, str]]:
        if self._external is None:
            text = self._session.get("/api/v1/status/config")["yaml"]
            try:
                document: Any = yaml.safe_load(text) or {}
            except yaml.YAMLError as error:
                raise BadInput(f"the server's configuration cannot be read: {error}") from error
            given = (document.get("global") or {}).get("external_labels") or {}
            self._external = frozenset((name, str(value)) for name, value in given.items())
        return self._external

    def _given(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[tuple[str, str]]:
        start, end = self._window
        given = [("start", f"{start / 1000:.3f}"), ("end", f"{end / 1000:.3f}")]
        return given + [("match[]", print_selector(matchers)) for matchers in selectors]


def print_selector(matchers: Sequence[Matcher]) -> str:
    """Matchers as a selector in braces."""
    parts = [f"{print_name(one.name)}{str(one).removeprefix(one.name)}" for one in matchers]
    return f"{{{','.join(parts)}}}"


class _NoGuard:
    """A guard without bounds: pages bound what is read."""

    def check(self) -> None:
        """Go on."""

    def add_series(self, count: int) -> None:
        """Go on."""

    add_samples = free_samples = add_bytes = add_series


class StoreOrigin:
    """The directory of a server that is not running.

    Raises:
        Conflict: A process has the directory, or it cannot be used.
        BadInput: There is nothing in it.
    """

    def __init__(self, path: Path, clock: Clock, window: tuple[int, int], *, tenant: str) -> None:
        if not (path / "metrics.db").exists():
            raise BadInput(f"{str(path)!r} has no metrics; name a data directory with --data")
        self._window = window
        self._directory = DataDirectory(path, clock)
        try:
            self._store = open_store(self._directory, clock)
        except BaseException:
            self._directory.close()
            raise
        self._tenant = tenant
        self._source = self._store.source(tenant)

    def names(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[str]:
        """See `Origin.names`."""
        return self._source.label_values("__name__", selectors, *self._window)

    def metadata(self) -> Mapping[str, MetricMetadata]:
        """See `Origin.metadata`."""
        return self._store.metadata(self._tenant)

    def series(self, selectors: Sequence[tuple[Matcher, ...]]) -> list[Labels]:
        """See `Origin.series`."""
        return self._source.series(selectors, *self._window)

    def read(self, matchers: Sequence[Matcher]) -> list[ReadSeries]:
        """See `Origin.read`."""
        groups = self._source.select(tuple(matchers), *self._window, _NoGuard())
        return series_of(groups, Labels())

    def answered(self, labels: Labels) -> Labels:
        """See `Origin.answered`."""
        return labels

    def close(self) -> None:
        """See `Origin.close`."""
        try:
            self._store.close()
        finally:
            self._directory.close()
