"""The shop's behaviour: who calls whom, how long it takes, what goes wrong.

Everything follows from a seeded random generator and the time asked for; nothing here sends.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

SERVICES = ("storefront", "checkout", "billing")
_PRODUCTS = ("lamp", "chair", "desk", "shelf", "rug", "mirror")
_CITIES = ("Graz", "Wien", "Linz", "Salzburg", "Innsbruck")

OK, UNSET, ERROR = 1, 0, 2
SERVER, CLIENT, INTERNAL = 2, 3, 1


@dataclass(slots=True)
class Operation:
    """One unit of work, a span to be.

    Attributes:
        start_ns, end_ns: Since the Unix epoch.
        parent: The operation that called it, None for a request from outside.
        lines: (timestamp_ns, Pino level, message, fields) it logged.
    """

    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    span_id: bytes
    parent: Operation | None = None
    attributes: dict[str, str | int | float | bool] = field(default_factory=dict)
    error: str = ""
    lines: list[tuple[int, int, str, dict[str, object]]] = field(default_factory=list)


@dataclass(slots=True)
class Request:
    """One visit: a trace with its operations, the first one is the root."""

    trace_id: bytes
    method: str
    route: str
    status: int
    operations: list[Operation]

    @property
    def duration_seconds(self) -> float:
        """How long the visitor waited."""
        root = self.operations[0]
        return (root.end_ns - root.start_ns) / 1e9


class Shop:
    """Makes requests; the mix changes slowly with time so that charts have a shape."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a demo, not a secret

    def requests_between(self, start_ns: int, end_ns: int, *, per_second: float) -> list[Request]:
        """Visits that begin in [start_ns, end_ns), ascending."""
        found: list[Request] = []
        at = start_ns
        while True:
            wave = 1 + 0.5 * math.sin(at / 1e9 / 120 * math.tau)
            at += int(self._random.expovariate(per_second * wave) * 1e9)
            if at >= end_ns:
                return found
            found.append(self._visit(at))

    def _visit(self, at_ns: int) -> Request:
        kind = self._random.random()
        if kind < 0.6:
            return self._browse(at_ns)
        return self._order(at_ns) if kind < 0.95 else self._billing_run(at_ns)

    def _browse(self, at_ns: int) -> Request:
        product = self._random.choice(_PRODUCTS)
        missing = self._random.random() < 0.04
        status = 404 if missing else 200
        root = self._start("storefront", "GET /products/:id", SERVER, at_ns, self._ms(12, 60))
        root.attributes = self._http("GET", "/products/:id", status) | {"shop.product": product}
        query = self._child(root, "SELECT products", CLIENT, 0.2, 0.6)
        query.attributes = _sql("SELECT * FROM products WHERE id = $1")
        text = "product not found" if missing else "product shown"
        self._log(root, 40 if missing else 30, text, statusCode=status, product=product)
        return self._request("GET", "/products/:id", status, [root, query])

    def _order(self, at_ns: int) -> Request:
        declined = self._random.random() < 0.08
        status = 502 if declined else 201
        root = self._start("storefront", "POST /orders", SERVER, at_ns, self._ms(120, 900))
        root.attributes = self._http("POST", "/orders", status)
        call = self._child(root, "POST checkout/orders", CLIENT, 0.05, 0.9)
        order = self._child(call, "POST /checkout", SERVER, 0.04, 0.92, service="checkout")
        order.attributes = self._http("POST", "/checkout", status)
        stock = self._child(order, "UPDATE stock", CLIENT, 0.05, 0.2)
        stock.attributes = _sql("UPDATE stock SET free = free - 1 WHERE product = $1")
        pay = self._child(order, "charge card", CLIENT, 0.3, 0.5)
        bill = self._child(order, "create invoice", SERVER, 0.82, 0.15, service="billing")
        city, total = self._random.choice(_CITIES), round(self._random.uniform(9, 480), 2)
        order.attributes |= {"shop.city": city, "shop.total_eur": total}
        self._log(order, 30, "order received", city=city, total=total)
        operations = [root, call, order, stock, pay, bill]
        if declined:
            operations.remove(bill)
            self._decline(root, order, pay)
        else:
            self._log(bill, 30, "invoice created", total=total)
            self._log(root, 30, "order placed", statusCode=201, duration=_duration_ms(root))
        return self._request("POST", "/orders", status, operations)

    def _decline(self, root: Operation, order: Operation, pay: Operation) -> None:
        for operation in (root, order, pay):
            operation.error = "payment provider timed out"
        self._log(pay, 50, "payment failed", error="payment provider timed out", retries=2)
        self._log(root, 50, "order failed", statusCode=502, duration=_duration_ms(root))

    def _billing_run(self, at_ns: int) -> Request:
        conflict = self._random.random() < 0.2
        root = self._start("billing", "billing run", INTERNAL, at_ns, self._ms(800, 4000))
        lines = self._random.randint(20, 200)
        root.attributes = {"billing.lines": lines, "billing.conflict": conflict}
        upsert = self._child(root, "UPSERT invoice_lines", CLIENT, 0.1, 0.8)
        upsert.attributes = _sql("INSERT INTO invoice_lines VALUES … ON CONFLICT DO UPDATE")
        if conflict:
            self._log(root, 40, "upsert conflict", lines=lines)
        self._log(root, 30, "billing run finished", lines=lines, duration=_duration_ms(root))
        return self._request("RUN", "billing", 200, [root, upsert])

    def _request(
        self, method: str, route: str, status: int, operations: list[Operation]
    ) -> Request:
        return Request(self._random.randbytes(16), method, route, status, operations)

    def _start(self, service: str, name: str, kind: int, at_ns: int, took_ns: int) -> Operation:
        return Operation(service, name, kind, at_ns, at_ns + took_ns, self._random.randbytes(8))

    def _child(
        self,
        parent: Operation,
        name: str,
        kind: int,
        begin: float,
        share: float,
        *,
        service: str = "",
    ) -> Operation:
        """A part of the parent: it begins after `begin` of it and takes `share` of it (ratios)."""
        whole = parent.end_ns - parent.start_ns
        child = self._start(
            service or parent.service, name, kind, parent.start_ns + int(begin * whole),
            int(share * whole),
        )  # fmt: skip
        child.parent = parent
        return child

    def _http(self, method: str, route: str, status: int) -> dict[str, str | int | float | bool]:
        return {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "client.address": f"10.0.0.{self._random.randint(2, 250)}",
            "user_agent.original": "Mozilla/5.0 (shop demo)",
        }

    def _log(self, operation: Operation, level: int, text: str, **fields: object) -> None:
        at = operation.end_ns - self._random.randint(0, 400_000)
        operation.lines.append((at, level, text, fields))

    def _ms(self, low: float, high: float) -> int:
        """A duration between bounds, mostly near the lower one, in nanoseconds."""
        share = min(1.0, self._random.expovariate(4))
        return int((low + (high - low) * share) * 1e6)


def _sql(statement: str) -> dict[str, str | int | float | bool]:
    return {"db.system": "postgresql", "db.query.text": statement, "server.address": "db"}


def _duration_ms(operation: Operation) -> float:
    return round((operation.end_ns - operation.start_ns) / 1e6, 1)
