"""What the remote protocols are given to work with: write, read, federation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.remote_write import RemoteWriteDoor
    from appliance.model.labels import Labels
    from appliance.model.sources import SeriesSource


@dataclass(frozen=True, slots=True)
class RemoteDeps:
    """What the handlers need.

    Attributes:
        series: Samples of a tenant.
        external_labels: What is added to every series that leaves (`global.external_labels`).
        lookback_ms: How old a federated sample may be.
    """

    door: RemoteWriteDoor
    series: Callable[[str], SeriesSource]
    external_labels: Callable[[], Labels]
    lookback_ms: int


REMOTE = web.AppKey("remote", RemoteDeps)
