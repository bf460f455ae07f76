"""Services and operations."""

from __future__ import annotations

from tests.api.jaeger_app import get


async def test_services_and_operations() -> None:
    services = await get("/services")
    assert services["data"] == ["db", "münchen ☕", "web"]
    assert services["total"] == 3
    assert services["errors"] is None
    assert (await get("/services/web/operations"))["data"] == ["GET /", "POST /"]
    assert (await get("/services/münchen ☕/operations"))["data"] == ["GET /größe"]
    assert (await get("/services/none/operations"))["data"] == []


async def test_operations_with_their_kinds() -> None:
    found = await get("/operations", service="db")
    assert found["data"] == [{"name": "SELECT", "spanKind": "client"}]
    assert found["total"] == 1
    assert (await get("/operations", service="db", spanKind="server"))["data"] == []


async def test_operations_need_a_service() -> None:
    [error] = (await get("/operations", status=400))["errors"]
    assert error == {"code": 400, "msg": "parameter 'service' is required"}
