"""Targets found by DNS records (Prometheus, configuration, `<dns_sd_config>`).

dnspython asks the servers of /etc/resolv.conf, with its search list: the system's own resolver
(getaddrinfo) knows no SRV, MX or NS records and no way to tell "no such name" from "no answer".
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from appliance.base.errors import Unavailable
from appliance.config.scalars import Duration
from appliance.config.schema import section
from appliance.ingest.discovery.static import TargetGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.config.report import Report

_log = logging.getLogger(__name__)
_TYPES = ("SRV", "A", "AAAA", "MX", "NS")
_LIFETIME_SECONDS = 10.0


@section
class DnsSdConfig:
    """Names that are looked up."""

    names: tuple[str, ...] = ()
    type: str = "SRV"
    port: int = 0
    refresh_interval: Duration = Duration(30_000)

    def check(self, report: Report) -> None:
        """There is a name, the type is known, and a port is there if the records have none."""
        if not self.names:
            message = "DNS-SD config must contain at least one SRV record name"
            report.error(self, "names", message, code="missing-key")
        if self.type.upper() not in _TYPES:
            hint = f"one of {', '.join(_TYPES)}"
            report.error(self, "type", f"invalid DNS-SD records type {self.type}", hint=hint)
        elif self.type.upper() != "SRV" and not self.port:
            message = "a port is required in DNS-SD configs for all record types except SRV"
            report.error(self, "port", message, code="missing-key")


class DnsDiscovery:
    """Looks up the names of one section; implements `Discoverer`.

    A name that nobody can tell anything about keeps its targets; a name that does not exist has
    none.

    Args:
        config: Names and record type.
        make_resolver: Makes a `dns.asyncresolver.Resolver`; None for that of the system.
    """

    mechanism = "dns"

    def __init__(self, config: DnsSdConfig, make_resolver: Callable[[], Any] | None = None) -> None:
        self.place = ", ".join(config.names)
        self.refresh_seconds = config.refresh_interval.seconds
        self._config = config
        self._type = config.type.upper()
        self._make_resolver = make_resolver
        self._known: dict[str, TargetGroup] = {}
        self._failures: list[str] = []

    async def refresh(self) -> list[TargetGroup]:
        """One group for each name.

        Raises:
            Unavailable: No name could be looked up.
        """
        resolver = self._resolver()
        names = self._config.names
        found = await asyncio.gather(*(self._group(resolver, name) for name in names))
        failed = [one for one in found if isinstance(one, Unavailable)]
        self._complain([one.message for one in failed])
        for one in found:
            if isinstance(one, TargetGroup):
                self._known[one.source] = one
        if failed and len(failed) == len(found):
            raise failed[0]
        return [self._known[name] for name in names if name in self._known]

    def _complain(self, failures: list[str]) -> None:
        """Log what fails now and did not before; if all fails, the caller is told as well."""
        for message in failures:
            if message not in self._failures:
                _log.warning("DNS discovery: %s", message)
        self._failures = failures

    def _resolver(self) -> Any:
        import dns.asyncresolver  # noqa: PLC0415 - 100 ms that others need not pay
        import dns.exception  # noqa: PLC0415

        if self._make_resolver is not None:
            return self._make_resolver()
        try:
            return dns.asyncresolver.Resolver()
        except (dns.exception.DNSException, OSError) as error:
            raise Unavailable(f"could not load resolv.conf: {error}") from error

    async def _group(self, resolver: Any, name: str) -> TargetGroup | Unavailable:
        import dns.exception  # noqa: PLC0415 - see above
        import dns.resolver  # noqa: PLC0415

        try:
            answer = await resolver.resolve(
                name,
                self._type,
                search=True,
                raise_on_no_answer=False,
                lifetime=_LIFETIME_SECONDS,
            )
        except dns.resolver.NXDOMAIN:
            return TargetGroup(name, [], {})
        except (dns.exception.DNSException, OSError) as error:
            return Unavailable(f"could not resolve {name!r}: {error}")
        records = answer.rrset or ()
        return TargetGroup(name, [self._target(name, record) for record in records], {})

    def _target(self, name: str, record: Any) -> dict[str, str]:
        labels = {"__meta_dns_name": name}
        port = self._config.port
        if self._type == "SRV":
            host, port = record.target.to_text(), record.port
            labels["__meta_dns_srv_record_target"] = host
            labels["__meta_dns_srv_record_port"] = str(port)
        elif self._type == "MX":
            host = labels["__meta_dns_mx_record_target"] = record.exchange.to_text()
        elif self._type == "NS":
            host = labels["__meta_dns_ns_record_target"] = record.target.to_text()
        else:
            host = record.address
        return {"__address__": join_host_port(host.rstrip("."), port), **labels}


def join_host_port(host: str, port: int | str) -> str:
    """An address; IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
