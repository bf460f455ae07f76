"""Targets that an HTTP server lists (Prometheus, configuration, `<http_sd_config>`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from appliance.base.errors import BadInput, Unavailable
from appliance.config.http_client import HttpClientConfig
from appliance.config.scalars import Duration
from appliance.config.schema import section
from appliance.ingest.discovery.static import TargetGroup

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.http_client.client import HttpClient

_JSON = re.compile(r'application/json(?:;\s*charset=(?:"utf-8"|utf-8))?', re.IGNORECASE)
_MAX_BODY_BYTES = 64 << 20


@section
class HttpSdConfig(HttpClientConfig):
    """A server that lists targets as JSON."""

    url: str = ""
    refresh_interval: Duration = Duration(60_000)

    def check(self, report: Report) -> None:
        """There is an address of a server."""
        HttpClientConfig.check(self, report)
        parts = urlsplit(self.url)
        if not self.url:
            report.error(self, "url", "URL is missing", code="missing-key")
        elif parts.scheme not in {"http", "https"}:
            report.error(self, "url", "URL scheme must be 'http' or 'https'")
        elif not parts.hostname:
            report.error(self, "url", "host is missing in URL")


class HttpDiscovery:
    """Asks one server; implements `Discoverer`."""

    mechanism = "http"

    def __init__(self, config: HttpSdConfig, client: HttpClient) -> None:
        self.place = config.url
        self.refresh_seconds = config.refresh_interval.seconds
        self._client = client

    async def refresh(self) -> list[TargetGroup]:
        """The groups the server lists.

        Raises:
            Unavailable, TimedOut: No answer, or none of use.
            BadInput: The answer is not a list of groups.
        """
        headers = {
            "Accept": "application/json",
            "X-Prometheus-Refresh-Interval-Seconds": f"{self.refresh_seconds:g}",
        }
        async with self._client.request(
            self.place, headers=headers, timeout_seconds=self.refresh_seconds
        ) as response:
            if response.status != 200:
                status = f"{response.status} {response.reason or ''}".strip()
                raise Unavailable(f"server returned HTTP status {status}")
            kind = response.headers.get("Content-Type", "").strip()
            if not _JSON.fullmatch(kind):
                raise BadInput(f"unsupported content type {kind!r}")
            chunks = []
            size = 0
            async for chunk in response.content.iter_any():
                size += len(chunk)
                if size > _MAX_BODY_BYTES:
                    raise BadInput(f"the answer is longer than {_MAX_BODY_BYTES} bytes")
                chunks.append(chunk)
        return groups_of(b"".join(chunks), self.place)


def groups_of(body: bytes, url: str) -> list[TargetGroup]:
    """The groups of a JSON list.

    Raises:
        BadInput: It is something else.
    """
    try:
        listed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the answer is not JSON: {error}") from error
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise BadInput("the answer is not a list of target groups")
    return [_group(item, f"{url}:{index}", url) for index, item in enumerate(listed)]


def _group(item: Any, source: str, url: str) -> TargetGroup:
    if item is None:
        raise BadInput("nil target group item found")
    if not isinstance(item, dict):
        raise BadInput(f"a target group is an object, not {type(item).__name__}")
    targets, labels = item.get("targets") or [], item.get("labels") or {}
    if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
        raise BadInput("targets of a group are a list of texts")
    if not isinstance(labels, dict) or not all(isinstance(one, str) for one in labels.values()):
        raise BadInput("labels of a group are texts by name")
    found = [{"__address__": target} for target in targets]
    return TargetGroup(source, found, {**labels, "__meta_url": url})
