"""Targets found among Docker's containers, over a real socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import orjson
import pytest
from aiohttp import web

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, Unavailable
from appliance.base.telemetry import Telemetry
from appliance.ingest.discovery.config import ScrapeDiscoveryConfig
from appliance.ingest.discovery.docker import DockerFilter, DockerSdConfig, container_targets
from appliance.ingest.discovery.sources import DiscoverySources
from tests.ingest.servers import serving


def network(name: str, ip: str) -> dict[str, Any]:
    return {name: {"NetworkID": f"id-{name}", "IPAddress": ip}}


def container(name: str, networks: dict[str, Any], mode: str = "front") -> dict[str, Any]:
    return {
        "Id": f"c-{name}",
        "Names": [f"/{name}"],
        "Labels": {"com.docker.x": "y"},
        "Ports": [],
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Networks": networks},
    }


NETWORKS = [
    {
        "Id": "id-front",
        "Name": "front",
        "Scope": "local",
        "Internal": False,
        "Ingress": False,
        "Labels": {"a.b": "c"},
    }
]
WEB = container("web", network("front", "172.19.0.2")) | {
    "Ports": [
        {"PrivatePort": 9100, "Type": "tcp", "PublicPort": 19100, "IP": "0.0.0.0"},
        {"PrivatePort": 8080, "Type": "tcp"},
        {"PrivatePort": 53, "Type": "udp"},
    ]
}


def targets(*containers: dict[str, Any], **options: Any) -> list[dict[str, str]]:
    config = DockerSdConfig(host="unix:///x", **options)
    return list(container_targets(list(containers), NETWORKS, config))


def test_each_tcp_port_is_a_target_with_all_labels() -> None:
    found = targets(WEB)
    assert [target["__address__"] for target in found] == ["172.19.0.2:9100", "172.19.0.2:8080"]
    assert found[0] == {
        "__address__": "172.19.0.2:9100",
        "__meta_docker_container_id": "c-web",
        "__meta_docker_container_name": "/web",
        "__meta_docker_container_network_mode": "front",
        "__meta_docker_container_label_com_docker_x": "y",
        "__meta_docker_network_id": "id-front",
        "__meta_docker_network_name": "front",
        "__meta_docker_network_scope": "local",
        "__meta_docker_network_internal": "false",
        "__meta_docker_network_ingress": "false",
        "__meta_docker_network_label_a_b": "c",
        "__meta_docker_network_ip": "172.19.0.2",
        "__meta_docker_port_private": "9100",
        "__meta_docker_port_public": "19100",
        "__meta_docker_port_public_ip": "0.0.0.0",
    }


def test_without_tcp_ports_the_configured_one_is_used() -> None:
    job = container("job", network("front", "10.0.0.5"))
    assert [one["__address__"] for one in targets(job, port=81)] == ["10.0.0.5:81"]
    host = container("h", network("host", ""), mode="host")
    assert [one["__address__"] for one in targets(host, host_networking_host="box")] == ["box"]


def test_of_several_networks_the_first_counts_unless_all_do() -> None:
    both = container("b", network("z", "10.1.0.1") | network("a", "10.2.0.1"))
    assert [one["__address__"] for one in targets(both)] == ["10.2.0.1:80"]
    found = targets(both, match_first_network=False)
    assert {one["__address__"] for one in found} == {"10.1.0.1:80", "10.2.0.1:80"}


def test_a_container_may_use_the_network_of_another_one() -> None:
    guest = container("guest", {}, mode="container:c-web")
    assert [one["__address__"] for one in targets(WEB, guest)][-1] == "172.19.0.2:80"
    lost = container("lost", {}, mode="container:gone")
    circle = container("circle", {}, mode="container:c-circle")
    assert targets(lost, circle) == []


class Daemon:
    """Answers as Docker's daemon does."""

    def __init__(self) -> None:
        self.queries: list[str] = []
        self.status = 200

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.queries.append(request.path_qs)
        found = [WEB] if request.path == "/containers/json" else NETWORKS
        return web.json_response(found, status=self.status)


async def test_the_daemon_is_asked_over_its_socket(tmp_path: Path) -> None:
    daemon, socket = Daemon(), tmp_path / "docker.sock"
    filters = (DockerFilter(name="label", values=("a", "b")),)
    section = DockerSdConfig(host=f"unix://{socket}", filters=filters)
    config = ScrapeDiscoveryConfig(docker_sd_configs=(section,))
    stirred: list[bool] = []
    sources = DiscoverySources(
        aiohttp.ClientSession, ManualClock(), Telemetry(), changed=lambda: stirred.append(True)
    )
    async with serving(daemon.handle, socket=socket):
        discoverer = sources._discoverer(section, tmp_path)
        (group,) = await discoverer.refresh()
        assert len(group.targets) == 2
        assert daemon.queries[0].startswith("/containers/json?filters=")
        query = parse_qs(daemon.queries[0].partition("?")[2])
        assert orjson.loads(query["filters"][0]) == {"label": ["a", "b"]}
        daemon.status = 500
        with pytest.raises(Unavailable, match="error while listing containers: HTTP status 500"):
            await discoverer.refresh()
    assert sources.groups("j", config, tmp_path) == []
    await sources.stop()


async def test_an_answer_of_another_form_is_refused() -> None:
    async def odd(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"message": "no"})

    async with serving(odd) as address, aiohttp.ClientSession() as session:
        sources = DiscoverySources(
            lambda: session, ManualClock(), Telemetry(), changed=lambda: None
        )
        section = DockerSdConfig(host=f"tcp://{address}")
        with pytest.raises(BadInput, match="unknown form"):
            await sources._discoverer(section, Path()).refresh()
        await sources.stop()
