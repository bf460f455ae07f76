"""Targets found among Docker's containers (Prometheus, configuration, `<docker_sd_config>`).

Invariant: one target for each TCP port of a container in each of its networks; a container without
such ports has one with the section's port.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import orjson

from appliance.base.errors import BadInput, Unavailable
from appliance.config.http_client import HttpClientConfig
from appliance.config.scalars import Duration
from appliance.config.schema import key, section
from appliance.ingest.discovery.dns import join_host_port
from appliance.ingest.discovery.static import TargetGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.config.report import Report
    from appliance.http_client.client import HttpClient

_LABEL = "__meta_docker_"
_ODD = re.compile(r"[^a-zA-Z0-9_]")
_MAX_BODY_BYTES = 64 << 20
_SCHEMES = {"unix", "http", "https", "tcp"}


@section
class DockerFilter:
    """Which containers are listed; Docker's own filters."""

    name: str = ""
    values: tuple[str, ...] = ()


@section
class DockerSdConfig(HttpClientConfig):
    """A Docker daemon."""

    host: str = ""
    port: int = 80
    filters: tuple[DockerFilter, ...] = key(default=())
    host_networking_host: str = "localhost"
    match_first_network: bool = True
    refresh_interval: Duration = Duration(60_000)

    def check(self, report: Report) -> None:
        """There is a daemon, at an address of a kind that is known."""
        HttpClientConfig.check(self, report)
        if not self.host:
            report.error(self, "host", "host missing", code="missing-key")
        elif urlsplit(self.host).scheme not in _SCHEMES:
            hint = "for example unix:///var/run/docker.sock or http://localhost:2375"
            report.error(self, "host", f"unable to parse docker host {self.host!r}", hint=hint)

    @property
    def socket_path(self) -> str:
        """The daemon's Unix socket; empty when it is reached otherwise."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else ""


class DockerDiscovery:
    """Asks one daemon; implements `Discoverer`.

    Args:
        config: Where it is, and which containers count.
        client: Reaches it; its session goes through the socket, if there is one.
    """

    mechanism = "docker"

    def __init__(self, config: DockerSdConfig, client: HttpClient) -> None:
        self.place = config.host
        self.refresh_seconds = config.refresh_interval.seconds
        self._config = config
        self._client = client
        url = config.host.replace("tcp://", "http://", 1)
        self._url = "http://docker" if config.socket_path else url.rstrip("/")

    async def refresh(self) -> list[TargetGroup]:
        """All containers as one group.

        Raises:
            Unavailable, TimedOut, BadInput: The daemon does not answer, or not with a list.
        """
        filters: dict[str, list[str]] = {}
        for one in self._config.filters:
            filters.setdefault(one.name, []).extend(one.values)
        query = "?" + urlencode({"filters": orjson.dumps(filters)}) if filters else ""
        containers = await self._get(f"/containers/json{query}", "listing containers")
        networks = await self._get("/networks", "computing network labels")
        try:
            targets = list(container_targets(containers, networks, self._config))
        except (KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"the daemon's answer has an unknown form: {error!r}") from error
        return [TargetGroup("Docker", targets, {})]

    async def _get(self, path: str, what: str) -> Any:
        url = self._url + path
        async with self._client.request(url, timeout_seconds=self.refresh_seconds) as response:
            body = await response.content.read(_MAX_BODY_BYTES)
            while chunk := await response.content.read(_MAX_BODY_BYTES):
                body += chunk
            if response.status != 200:
                text = body.decode("utf-8", "replace")[:200].strip()
                raise Unavailable(f"error while {what}: HTTP status {response.status}: {text}")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"error while {what}: {error}") from error


def container_targets(
    containers: list[dict[str, Any]], networks: list[dict[str, Any]], config: DockerSdConfig
) -> Iterator[dict[str, str]]:
    """Labels of all targets.

    Args:
        containers: Docker's `/containers/json`.
        networks: Docker's `/networks`.
        config: Ports and networks that count.
    """
    by_id = {container["Id"]: container for container in containers}
    network_labels = {network["Id"]: _network_labels(network) for network in networks}
    for container in containers:
        if not container.get("Names"):
            continue
        common = _container_labels(container)
        joined = _networks_of(container, by_id)
        if config.match_first_network and len(joined) > 1:
            joined = dict(sorted(joined.items())[:1])
        for network in joined.values():
            more = network_labels.get(network.get("NetworkID", ""), {})
            for own in _addresses(container, network.get("IPAddress", ""), config):
                yield {**own, **common, **more}


def _networks_of(
    container: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Settings by network; of a container that uses another one's network, the other one's."""
    seen = set()
    while True:
        found = (container.get("NetworkSettings") or {}).get("Networks") or {}
        joined = {name: settings for name, settings in found.items() if settings is not None}
        mode = _mode(container)
        other = mode.removeprefix("container:")
        if joined or other == mode or other in seen or other not in by_id:
            return joined
        seen.add(other)
        container = by_id[other]


def _addresses(
    container: Mapping[str, Any], ip: str, config: DockerSdConfig
) -> Iterator[dict[str, str]]:
    ports = [port for port in container.get("Ports") or () if port.get("Type") == "tcp"]
    for port in ports:
        private = str(port["PrivatePort"])
        labels = {
            "__address__": join_host_port(ip, private),
            f"{_LABEL}network_ip": ip,
            f"{_LABEL}port_private": private,
        }
        if port.get("PublicPort"):
            labels[f"{_LABEL}port_public"] = str(port["PublicPort"])
            labels[f"{_LABEL}port_public_ip"] = port.get("IP", "")
        yield labels
    if not ports:
        is_host = _mode(container) == "host"
        address = config.host_networking_host if is_host else join_host_port(ip, config.port)
        yield {"__address__": address, f"{_LABEL}network_ip": ip}


def _mode(container: Mapping[str, Any]) -> str:
    return str((container.get("HostConfig") or {}).get("NetworkMode") or "")


def _container_labels(container: Mapping[str, Any]) -> dict[str, str]:
    labels = {
        f"{_LABEL}container_id": container["Id"],
        f"{_LABEL}container_name": container["Names"][0],
        f"{_LABEL}container_network_mode": _mode(container),
    }
    for name, value in (container.get("Labels") or {}).items():
        labels[f"{_LABEL}container_label_{_ODD.sub('_', name)}"] = value
    return labels


def _network_labels(network: Mapping[str, Any]) -> dict[str, str]:
    labels = {
        f"{_LABEL}network_id": network["Id"],
        f"{_LABEL}network_name": network.get("Name", ""),
        f"{_LABEL}network_scope": network.get("Scope", ""),
        f"{_LABEL}network_internal": str(bool(network.get("Internal"))).lower(),
        f"{_LABEL}network_ingress": str(bool(network.get("Ingress"))).lower(),
    }
    for name, value in (network.get("Labels") or {}).items():
        labels[f"{_LABEL}network_label_{_ODD.sub('_', name)}"] = value
    return labels
