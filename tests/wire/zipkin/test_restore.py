"""Endpoints and marks come back from tags."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.wire.zipkin.restore import restore


def restored(**tags: str) -> dict[str, Any]:
    named = {key.replace("__", "."): value for key, value in tags.items()}
    found = restore({"timestamp": 5, "localEndpoint": {"serviceName": "s"}, "tags": named})
    assert found.pop("localEndpoint")["serviceName"] == "s"
    return found


@pytest.mark.parametrize("port", ["0", "-1", "70000", "x", "9" * 30])
def test_other_ports_stay_tags(port: str) -> None:
    assert restored(net__peer__port=port) == {"timestamp": 5, "tags": {"net.peer.port": port}}


def test_the_other_end_is_taken_from_tags() -> None:
    found = restored(peer__service="db", net__peer__ip="::1", net__peer__port="5432", k="v")
    assert found["remoteEndpoint"] == {"serviceName": "db", "ipv6": "::1", "port": 5432}
    assert found["tags"] == {"k": "v"}


def test_marks() -> None:
    found = restored(zipkin__shared="true", otel__zipkin__absentField__startTime="true")
    assert found == {"tags": {}, "shared": True}
