"""What Zipkin's API needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ingest.spans import TranslatedSpans
    from appliance.model.sources import SpanSource

SPANS: web.AppKey[Callable[[str], SpanSource]] = web.AppKey("zipkin_spans")


@dataclass(frozen=True, slots=True)
class ZipkinDeps:
    """What the API needs.

    Attributes:
        door: Where spans enter.
        spans: What is stored for a tenant.
    """

    door: TranslatedSpans
    spans: Callable[[str], SpanSource]
