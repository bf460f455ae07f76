"""Targets found by DNS records, asked of a real server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from appliance.base.errors import Unavailable
from appliance.ingest.discovery.dns import DnsDiscovery, DnsSdConfig, join_host_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RECORDS = {
    ("_m._tcp.x.", "SRV"): ["0 0 9100 a.x.", "0 0 9101 b.x."],
    ("a.x.", "A"): ["10.0.0.1", "10.0.0.2"],
    ("a.x.", "AAAA"): ["fd00::1"],
    ("alias.x.", "A"): ["10.0.0.9"],
    ("x.", "MX"): ["10 mail.x."],
    ("x.", "NS"): ["ns.x."],
}


class Names(asyncio.DatagramProtocol):
    """A name server that knows `RECORDS`, and fails for names under `broken.`."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.failing: set[str] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(query)
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in RECORDS:
            found = dns.rrset.from_text(name, 60, "IN", kind, *RECORDS[name, kind])
            answer.answer.append(found)
        elif name not in {known for known, _ in RECORDS}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)

    def resolver(self) -> dns.asyncresolver.Resolver:
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers = ["127.0.0.1"]
        made.port = self.transport.get_extra_info("sockname")[1]
        made.lifetime = 5
        return made


@pytest.fixture
async def names() -> AsyncIterator[Names]:
    made = Names()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    yield made
    made.transport.close()


def discovery(names: Names, kind: str, *looked_up: str, port: int = 80) -> DnsDiscovery:
    return DnsDiscovery(DnsSdConfig(names=looked_up, type=kind, port=port), names.resolver)


@pytest.mark.parametrize(
    ("kind", "name", "targets"),
    [
        (
            "SRV",
            "_m._tcp.x",
            [
                {
                    "__address__": f"{host}:{port}",
                    "__meta_dns_srv_record_target": f"{host}.",
                    "__meta_dns_srv_record_port": port,
                }
                for host, port in (("a.x", "9100"), ("b.x", "9101"))
            ],
        ),
        ("A", "a.x", [{"__address__": "10.0.0.1:80"}, {"__address__": "10.0.0.2:80"}]),
        ("aaaa", "a.x", [{"__address__": "[fd00::1]:80"}]),
        ("MX", "x", [{"__address__": "mail.x:80", "__meta_dns_mx_record_target": "mail.x."}]),
        ("NS", "x", [{"__address__": "ns.x:80", "__meta_dns_ns_record_target": "ns.x."}]),
        ("SRV", "a.x", []),
        ("A", "unknown.x", []),
    ],
)
async def test_records_become_targets(
    names: Names, kind: str, name: str, targets: list[dict[str, str]]
) -> None:
    (group,) = await discovery(names, kind, name).refresh()
    expected = [target | {"__meta_dns_name": name} for target in targets]
    assert sorted(group.targets, key=str) == sorted(expected, key=str)
    assert group.source == name


async def test_a_name_that_fails_keeps_its_targets(names: Names) -> None:
    both = discovery(names, "A", "a.x", "alias.x")
    assert [len(group.targets) for group in await both.refresh()] == [2, 1]
    names.failing = {"a.x."}
    assert [len(group.targets) for group in await both.refresh()] == [2, 1]
    names.failing = {"a.x.", "alias.x."}
    with pytest.raises(Unavailable, match="could not resolve 'a.x'"):
        await both.refresh()


def test_addresses_of_version_6_are_put_into_brackets() -> None:
    assert join_host_port("::1", 80) == "[::1]:80"
    assert join_host_port("a", "80") == "a:80"
