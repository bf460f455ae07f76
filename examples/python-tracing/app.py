"""A shop that asks an inventory, both traced without a line of tracing code.

export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true
pip install aiohttp opentelemetry-distro opentelemetry-exporter-otlp-proto-http
pip install opentelemetry-instrumentation-aiohttp-server opentelemetry-instrumentation-aiohttp-client
OTEL_SERVICE_NAME=inventory opentelemetry-instrument python app.py inventory 8081 &
OTEL_SERVICE_NAME=shop opentelemetry-instrument python app.py shop 8080 http://127.0.0.1:8081 &
curl http://127.0.0.1:8080/checkout/lamp
appliance query traceql '{ resource.service.name = "shop" } >> { resource.service.name = "inventory" }'
"""

from __future__ import annotations

import argparse
import logging

from aiohttp import ClientSession, web

STOCK = {"lamp": 3, "chair": 0}
_log = logging.getLogger("shop")


async def stock(request: web.Request) -> web.Response:
    """How many there are of an item."""
    item = request.match_info["item"]
    if item not in STOCK:
        raise web.HTTPNotFound(text=f"no {item} here\n")
    return web.json_response({"item": item, "left": STOCK[item]})


async def checkout(request: web.Request) -> web.Response:
    """Ask the inventory, then sell."""
    item = request.match_info["item"]
    async with ClientSession() as session, session.get(f"{INVENTORY}/stock/{item}") as answer:
        if answer.status != web.HTTPOk.status_code:
            _log.warning("nobody knows %s", item)
            raise web.HTTPBadGateway(text=f"cannot sell {item}\n")
        left = (await answer.json())["left"]
    _log.info("sold %s, %d left", item, left - 1)
    return web.Response(text=f"sold {item}\n")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("service", choices=("shop", "inventory"))
parser.add_argument("port", type=int)
parser.add_argument("inventory", nargs="?", default="")
arguments = parser.parse_args()
INVENTORY = arguments.inventory
logging.basicConfig(level=logging.INFO)

app = web.Application()
if arguments.service == "shop":
    app.router.add_get("/checkout/{item}", checkout)
else:
    app.router.add_get("/stock/{item}", stock)
web.run_app(app, host="127.0.0.1", port=arguments.port, print=None)
