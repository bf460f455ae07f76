"""The queue's readers: one for each server that samples are sent on to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.config.secret import mask_url_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.ingest.scrape.remote_config import RemoteWriteConfig
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.store.forward.queue import ForwardQueue


@dataclass(frozen=True, slots=True)
class SenderParts:
    """What every sender works with.

    Attributes:
        metadata: What is known of metrics, by name.
        external: Labels of this server.
        directory: Where files of the configuration are.
    """

    queue: ForwardQueue
    clock: Clock
    metadata: Callable[[], Mapping[str, MetricMetadata]]
    external: Labels
    directory: Path


def reader_name(config: RemoteWriteConfig) -> str:
    """What a server is called in the queue; a changed address is another server."""
    shown = f"{config.name} {mask_url_passwords(config.url)}".strip()
    if shown.endswith(str(config.url)):
        return shown
    # The queue's file keeps no secret.
    digest = hashlib.sha256(str(config.url).encode()).hexdigest()
    return f"{shown} {digest[:12]}"
