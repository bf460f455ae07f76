"""The ways of finding targets that a job may name (Prometheus 3, configuration, `*_sd_configs`)."""

from __future__ import annotations

from typing import Any

from appliance.config.http_client import HttpClientConfig
from appliance.config.schema import key, section
from appliance.ingest.discovery.dns import DnsSdConfig
from appliance.ingest.discovery.docker import DockerSdConfig
from appliance.ingest.discovery.file import FileSdConfig
from appliance.ingest.discovery.http import HttpSdConfig
from appliance.ingest.discovery.static import StaticConfig


def _later() -> Any:
    """A way of discovery that is accepted and finds nothing yet."""
    return key(default=(), unavailable=True)


@section
class DiscoveryConfig(HttpClientConfig):
    """Discovery of targets, and how to reach them: what all who look for targets know."""

    static_configs: tuple[StaticConfig, ...] = ()
    file_sd_configs: tuple[FileSdConfig, ...] = ()
    aws_sd_configs: tuple[Any, ...] = _later()
    azure_sd_configs: tuple[Any, ...] = _later()
    consul_sd_configs: tuple[Any, ...] = _later()
    digitalocean_sd_configs: tuple[Any, ...] = _later()
    dns_sd_configs: tuple[Any, ...] = _later()
    docker_sd_configs: tuple[Any, ...] = _later()
    dockerswarm_sd_configs: tuple[Any, ...] = _later()
    ec2_sd_configs: tuple[Any, ...] = _later()
    eureka_sd_configs: tuple[Any, ...] = _later()
    gce_sd_configs: tuple[Any, ...] = _later()
    hetzner_sd_configs: tuple[Any, ...] = _later()
    http_sd_configs: tuple[Any, ...] = _later()
    ionos_sd_configs: tuple[Any, ...] = _later()
    kubernetes_sd_configs: tuple[Any, ...] = _later()
    kuma_sd_configs: tuple[Any, ...] = _later()
    lightsail_sd_configs: tuple[Any, ...] = _later()
    linode_sd_configs: tuple[Any, ...] = _later()
    marathon_sd_configs: tuple[Any, ...] = _later()
    nerve_sd_configs: tuple[Any, ...] = _later()
    nomad_sd_configs: tuple[Any, ...] = _later()
    openstack_sd_configs: tuple[Any, ...] = _later()
    outscale_sd_configs: tuple[Any, ...] = _later()
    ovhcloud_sd_configs: tuple[Any, ...] = _later()
    puppetdb_sd_configs: tuple[Any, ...] = _later()
    scaleway_sd_configs: tuple[Any, ...] = _later()
    serverset_sd_configs: tuple[Any, ...] = _later()
    stackit_sd_configs: tuple[Any, ...] = _later()
    triton_sd_configs: tuple[Any, ...] = _later()
    uyuni_sd_configs: tuple[Any, ...] = _later()
    vultr_sd_configs: tuple[Any, ...] = _later()


@section
class ScrapeDiscoveryConfig(DiscoveryConfig):
    """Discovery for scrapes; jobs inherit from it.

    What is left marked as unavailable looks for targets beyond this machine and its network.
    """

    http_sd_configs: tuple[HttpSdConfig, ...] = ()
    dns_sd_configs: tuple[DnsSdConfig, ...] = ()
    docker_sd_configs: tuple[DockerSdConfig, ...] = ()
