"""Targets: what discovery found, relabelled into an address to scrape (Prometheus 3, scrape).

Labels that start with `__` steer the scrape and do not reach the series; `__meta_*` labels exist
only until relabelling is done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from appliance.base.duration import parse_duration, print_duration
from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.relabel import relabel_builder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.ingest.discovery.static import TargetGroup
    from appliance.ingest.scrape.config import ScrapeConfig

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_PARAM = "__param_"


@dataclass(frozen=True, slots=True)
class Target:
    """One address that is scraped.

    Attributes:
        key: Names the target within its job: the same as long as address and labels are.
        labels: What its series get.
        discovered_labels: Before relabelling.
        url: With parameters.
    """

    key: str
    labels: Labels
    discovered_labels: Labels
    url: str
    interval_ms: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class DroppedTarget:
    """A target that relabelling has dropped."""

    scrape_pool: str
    discovered_labels: Labels


@dataclass(frozen=True, slots=True)
class Discovered:
    """The targets of one job: those to scrape, those dropped, and what is wrong with others."""

    targets: Sequence[Target]
    dropped: Sequence[DroppedTarget]
    errors: Sequence[str]


def build_targets(job: ScrapeConfig, groups: Sequence[TargetGroup]) -> Discovered:
    """The targets of a job; of equal ones the first holds.

    Args:
        job: With the defaults filled in.
        groups: What discovery found.
    """
    targets: dict[str, Target] = {}
    dropped: list[DroppedTarget] = []
    errors: list[str] = []
    for group in groups:
        for index, own in enumerate(group.targets):
            before = _with_defaults(job, {**group.labels, **own})
            try:
                target = _build(job, before)
            except BadInput as error:
                errors.append(f"instance {index} in group {group.source}: {error.message}")
                continue
            if target is None:
                dropped.append(DroppedTarget(job.job_name, Labels.of(before)))
            else:
                targets.setdefault(target.key, target)
    return Discovered(list(targets.values()), dropped, errors)


def _with_defaults(job: ScrapeConfig, found: Mapping[str, str]) -> dict[str, str]:
    """Labels before relabelling: what the job says goes under what discovery says."""
    labels = {
        "job": job.job_name,
        "__scrape_interval__": print_duration(int(job.scrape_interval)),
        "__scrape_timeout__": print_duration(int(job.scrape_timeout)),
        "__metrics_path__": job.metrics_path,
        "__scheme__": job.scheme,
    }
    labels |= {_PARAM + name: values[0] for name, values in job.params.items() if values}
    return labels | {name: value for name, value in found.items() if value}


def _build(job: ScrapeConfig, before: Mapping[str, str]) -> Target | None:
    """The target, or None when relabelling drops it.

    Raises:
        BadInput: What is left cannot be scraped.
    """
    labels = dict(before)
    if not relabel_builder(labels, job.relabel_configs):
        return None
    address = labels.get("__address__", "")
    if not address:
        raise BadInput("no address")
    if "/" in address:
        raise BadInput(f"{address!r} is not a valid hostname")
    interval, timeout = _times(labels)
    public = {name: value for name, value in labels.items() if not name.startswith("__")}
    public.setdefault("instance", address)
    url = _url(job, labels)
    found = Labels.of(public)
    digest = hashlib.blake2b(found.encode() + b"\xff\xff" + url.encode(), digest_size=8)
    return Target(
        key=digest.hexdigest(),
        labels=found,
        discovered_labels=Labels.of(before),
        url=url,
        interval_ms=interval,
        timeout_ms=timeout,
    )


def _times(labels: Mapping[str, str]) -> tuple[int, int]:
    interval_text = labels.get("__scrape_interval__", "")
    timeout_text = labels.get("__scrape_timeout__", "")
    interval, timeout = parse_duration(interval_text), parse_duration(timeout_text)
    if interval == 0 or timeout == 0:
        what = "interval" if interval == 0 else "timeout"
        raise BadInput(f"scrape {what} cannot be 0")
    if timeout > interval:
        raise BadInput(
            "scrape timeout cannot be greater than scrape interval"
            f" ({timeout_text!r} > {interval_text!r})"
        )
    return interval, timeout


def _url(job: ScrapeConfig, labels: Mapping[str, str]) -> str:
    """The address with path and parameters; `__param_x` replaces the first value of `x`."""
    scheme = labels.get("__scheme__", "")
    if scheme not in {"http", "https"}:
        raise BadInput(f"unsupported protocol scheme {scheme!r}; http or https")
    params = {name: list(values) for name, values in job.params.items() if values}
    for name, value in labels.items():
        if name.startswith(_PARAM):
            values = params.setdefault(name.removeprefix(_PARAM), [""])
            values[0] = value
    path = quote(labels.get("__metrics_path__", ""), safe="/:@!$&'()*+,;=~-._%")
    if path and not path.startswith("/"):
        path = "/" + path
    query = urlencode(sorted(params.items()), doseq=True)
    url = f"{scheme}://{labels['__address__']}{path}"
    return f"{url}?{query}" if query else url


def global_url(url: str, host_name: str) -> str:
    """A target's address as other machines reach it: local names give way to the host's name."""
    parts = urlsplit(url)
    if parts.hostname not in _LOCAL_HOSTS:
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{host_name}{port}").geturl()
