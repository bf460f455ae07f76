"""What Tempo's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import tenant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.model.sources import SpanSource


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class TempoDeps:
    """What the API needs.

    Attributes:
        spans: Spans of a tenant.
        settings: The settings in use by name, without secrets.
    """

    spans: Callable[[str], SpanSource]
    settings: Callable[[], Mapping[str, str]] = _nothing


TEMPO = web.AppKey("tempo", TempoDeps)


def source_of(request: web.Request) -> SpanSource:
    """The tenant's spans.

    Raises:
        BadInput: Not one tenant's name; queries over several (`a|b`) are off.
    """
    return request.app[TEMPO].spans(tenant_of(request))
