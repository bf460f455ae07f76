"""`python -m bench waterfall`: the page of a large trace in headless Chromium.

A real server gets one trace of 5,000 spans and one of 100,000. Measured are the time until rows are
on the screen, and, as in `bench.charts`, how long the browser's main thread is busy with one step
of scrolling, one press of an arrow key, folding and unfolding everything, and a zoom.
"""

from __future__ import annotations

import argparse
import random
import shutil
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from appliance.testing import Appliance
from bench.charts import SETTLED, Meter, report

SERVICES, SECOND = 9, 1_000_000_000
NAMES = ("GET /items", "SELECT rows", "render", "auth check", "POST /pay", "cache get")


def request_of(trace_id: bytes, count: int, now_ns: int) -> bytes:
    """A tree of spans with some attributes, errors and events, as an OTLP request."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    some, message = random.Random(count), ExportTraceServiceRequest()
    scopes = []
    for number in range(SERVICES):
        group = message.resource_spans.add()
        name = group.resource.attributes.add(key="service.name")
        name.value.string_value = f"service-{number}"
        scopes.append(group.scope_spans.add())
    start = now_ns - 6 * SECOND
    known = [(some.randbytes(8), start, start + 4 * SECOND)]
    for number in range(count):
        parent_id, from_ns, to_ns = known[int(some.random() ** 1.4 * len(known))]
        span_id = some.randbytes(8) if number else known[0][0]
        begin = from_ns + int((to_ns - from_ns) * some.random() * 0.7) if number else from_ns
        end = begin + int((to_ns - begin) * some.random()) if number else to_ns
        span = scopes[some.randrange(SERVICES) if number else 0].spans.add(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent_id if number else b"",
            name=some.choice(NAMES),
            kind=some.choice((1, 2, 3)),
            start_time_unix_nano=begin,
            end_time_unix_nano=end,
        )
        span.attributes.add(key="item.id").value.int_value = number
        span.attributes.add(key="region").value.string_value = some.choice(("eu", "us"))
        if some.random() < 0.02:
            span.status.code = 2
            span.events.add(name="exception", time_unix_nano=begin)
        known.append((span_id, begin, end))
    encoded: bytes = message.SerializeToString()
    return encoded


def send(url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    request = urllib.request.Request(f"{url}/v1/traces", data=body, headers=headers)
    urllib.request.urlopen(request, timeout=60).close()


def run(page: Any, url: str, name: str) -> None:
    begin = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(".span-row", timeout=60_000)
    page.evaluate(SETTLED)
    print(f"{name}: rows on the screen after {(time.perf_counter() - begin) * 1000:.0f} ms")
    meter = Meter(page)

    def repeated(what: str, action: Callable[[int], object], times: int) -> None:
        report(f"  {what}", [meter.measure(lambda i=i: action(i)) for i in range(times)])  # type: ignore[misc]

    box = page.locator(".waterfall").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    repeated("nothing", lambda _: None, 20)
    repeated("scroll by 300 px", lambda _: page.mouse.wheel(0, 300), 100)
    scroll = "top => document.querySelector('.waterfall').scrollTop = top"
    repeated("jump to anywhere", lambda i: page.evaluate(scroll, i * 7919 % 100_000), 40)
    page.locator(".waterfall").focus()
    repeated("arrow down", lambda _: page.keyboard.press("ArrowDown"), 60)
    repeated("fold, unfold all", lambda i: page.keyboard.press("[" if i % 2 == 0 else "]"), 10)
    repeated("zoom to a span, back", lambda _: page.keyboard.press("z"), 10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench waterfall")
    parser.add_argument("--spans", type=int, nargs="+", default=[5_000, 100_000])
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium-headless-shell")
    if program is None:
        raise SystemExit("no browser: apt-get install chromium-headless-shell")
    with Appliance() as server, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for number, count in enumerate(chosen.spans):
            trace_id = (number + 1).to_bytes(16)
            send(server.urls["otlp_http"], request_of(trace_id, count, time.time_ns()))
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(60_000)
            run(page, f"{server.urls['ui']}/traces/{trace_id.hex()}", f"{count:,} spans")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
