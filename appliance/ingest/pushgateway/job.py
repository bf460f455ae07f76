"""The implicit scrape job that keeps pushed metrics fresh."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from appliance.ingest.discovery.static import StaticConfig
from appliance.ingest.scrape.config import ScrapeConfig

if TYPE_CHECKING:
    from appliance.ingest.scrape.config import PrometheusConfig

JOB_NAME = "pushgateway"
#: Serves only what was pushed, not the process's own metrics.
PATH = "/pushed"


def with_pushgateway(config: PrometheusConfig, address: str) -> PrometheusConfig:
    """The configuration and a job for the own Pushgateway, unless one names it already.

    Args:
        address: `host:port` of its listener.
    """
    port = address.rpartition(":")[2]
    for job in config.scrape_configs:
        targets = {target for static in job.static_configs for target in static.targets}
        is_ours = any(target.rpartition(":")[2] == port for target in targets)
        if job.job_name == JOB_NAME or is_ours:
            return config
    job = ScrapeConfig(
        job_name=JOB_NAME,
        honor_labels=True,
        metrics_path=PATH,
        static_configs=(StaticConfig(targets=(address,)),),
    )
    return dataclasses.replace(config, scrape_configs=(*config.scrape_configs, job))
