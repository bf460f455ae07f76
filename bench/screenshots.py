"""`python -m bench screenshots`: pictures of every page, with the data of `appliance demo`.

A server starts on free ports with a temporary directory, the demo sends a quarter of an hour and an
alert, and each page is drawn in both themes: `docs/screenshots/NAME-light.webp` and `-dark.webp`.
What the console complains about is printed, so this is a look at everything as well.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from appliance.testing import Appliance

OUT = Path(__file__).parent.parent / "docs" / "screenshots"
WIDTH, HEIGHT = 1280, 800
#: The last moments before a picture: charts fade in.
SETTLE_MS = 1500
#: By name of the picture; `{trace}`, `{alert}` stand for one that is worth a look.
PAGES = {
    "home": "/",
    "connect": "/connect",
    "metrics": "/metrics?g0.expr=sum by (service_name, status) (rate(http_requests_total[1m]))"
    "&g0.tab=graph&from=now-15m&to=now",
    "cardinality": "/metrics/cardinality",
    "logs": "/logs?from=now-15m&to=now",
    "traces": "/traces?from=now-15m&to=now",
    "trace": "/traces/{trace}",
    "services": "/services?from=now-15m&to=now",
    "service": "/services/checkout?from=now-15m&to=now",
    "map": "/map?from=now-15m&to=now",
    "dashboards": "/dashboards",
    "dashboard": "/d/demo-shop?from=now-15m&to=now",
    "alerts": "/alerts",
    "alert": "/alerts/{alert}",
    "silences": "/silences",
    "silence-new": '/silences/new?m={{alertname="PaymentsFail"}}',
    "notifications": "/notifications",
    "oncall": "/oncall",
    "runbooks": "/runbooks",
    "targets": "/targets",
    "tail": "/tail",
    "ingest": "/ingest",
    "push": "/push",
    "storage": "/storage",
    "config": "/config",
    "status": "/status",
}
SETTINGS = """\
alertmanager: {config: alertmanager.yml}
oncall: oncall.yml
packs: [immoflow]
"""
ONCALL = """\
users: {ann: {receivers: [team]}, bob: {receivers: [team]}, eve: {receivers: [team]}}
rotas:
  primary: {users: [ann, bob, eve], every: 3d}
  secondary: {users: [bob, eve, ann], every: 1w}
"""
#: The receiver does not exist: what was tried is on the alert's page.
ROUTING = """\
route: {receiver: team, group_wait: 1s, repeat_interval: 1h}
receivers: [{name: team, webhook_configs: [{url: "http://127.0.0.1:9/pages"}]}]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="only these pages")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--width", type=int, default=WIDTH)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    names = chosen.names or list(PAGES)
    with tempfile.TemporaryDirectory(prefix="appliance-") as name:
        folder = Path(name)
        (folder / "alertmanager.yml").write_text(ROUTING)
        (folder / "oncall.yml").write_text(ONCALL)
        (folder / "appliance.yml").write_text(SETTINGS)
        with Appliance(args=["--config", str(folder / "appliance.yml")]) as server:
            run_demo(server)
            found = {"trace": a_trace(server), "alert": an_alert(server)}
            paths = {name: PAGES[name].format(**found) for name in names}
            draw(server.urls["ui"], paths, chosen.out, chosen.width)


def run_demo(server: Appliance) -> None:
    at = server.urls
    command = ["-m", "appliance", "demo", "--once", "--otlp", at["otlp_http"], "--loki", at["loki"]]
    subprocess.run([sys.executable, *command, "--alertmanager", at["alertmanager"]], check=True)


def a_trace(server: Appliance) -> str:
    """An order that failed: it has logs, errors and three services."""
    query = urllib.parse.urlencode({"q": '{ name = "POST /orders" && status = error }', "limit": 1})
    return str(ask(f"{server.urls['tempo']}/api/search?{query}")["traces"][0]["traceID"]).zfill(32)


def an_alert(server: Appliance) -> str:
    return str(ask(f"{server.urls['alertmanager']}/api/v2/alerts")[0]["fingerprint"])


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def draw(url: str, paths: dict[str, str], out: Path, width: int) -> None:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(
                color_scheme=scheme, viewport={"width": width, "height": HEIGHT}
            )
            page.on("console", lambda said: print(f"    {said.type}: {said.text}"))
            page.on("pageerror", lambda error: print(f"    error: {error}"))
            for name, path in paths.items():
                page.goto(url + path)
                page.wait_for_selector("html[data-ready], main", state="attached")
                page.wait_for_timeout(SETTLE_MS)
                file = out / f"{name}-{scheme}.webp"
                file.write_bytes(picture(page))
                print(f"{file.name:28} {file.stat().st_size // 1024:5} KiB")
        browser.close()


def picture(page: Any) -> bytes:
    """The page as WebP, a third of a PNG's size; Playwright itself offers none."""
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": 88})
    session.detach()
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main()
