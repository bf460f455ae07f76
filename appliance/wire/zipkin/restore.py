"""What of a span was Zipkin's own before it became OTLP: endpoints and the mark of shared spans."""

from __future__ import annotations

from typing import Any

_LOCAL = ("net.host.ip", "net.host.port")
_REMOTE = ("net.peer.ip", "net.peer.port")


def restore(span: dict[str, Any]) -> dict[str, Any]:
    """A span as JSON object, with endpoints taken from its tags."""
    tags: dict[str, str] = span["tags"]
    span["localEndpoint"] |= _endpoint(tags, _LOCAL)
    remote = _endpoint(tags, _REMOTE)
    if "peer.service" in tags:
        remote = {"serviceName": tags.pop("peer.service")} | remote
    if remote:
        span["remoteEndpoint"] = remote
    if tags.pop("zipkin.shared", "") == "true":
        span["shared"] = True
    if tags.pop("otel.zipkin.absentField.startTime", "") == "true":
        del span["timestamp"]
    return span


def _endpoint(tags: dict[str, str], keys: tuple[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ip, port = (tags.get(key, "") for key in keys)
    if ip:
        found["ipv6" if ":" in ip else "ipv4"] = ip
    if port.isdecimal() and 0 < int(port[:6]) <= 0xFFFF:
        found["port"] = int(port)
    for key, taken in zip(keys, (ip, found.get("port")), strict=True):
        if taken:
            del tags[key]
    return found
