"""The real process with a promtail configuration: files, reload, syslog, pushes."""

from __future__ import annotations

import datetime as dt
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.testing import Appliance
from tests.reading import get_json, log_lines

CONFIG = """\
clients:
  - url: http://loki:3100/loki/api/v1/push
positions: {{filename: {folder}/positions.yaml}}
scrape_configs:
  - job_name: docker
    static_configs:
      - targets: [localhost]
        labels: {{job: docker, __path__: "{folder}/containers/*/*-json.log"}}
    pipeline_stages:
      - docker: {{}}
      - json: {{expressions: {{level: level}}}}
      - labels: {{level: }}
"""
NGINX = """\
  - job_name: nginx
    static_configs:
      - targets: [localhost]
        labels: {{job: nginx, __path__: "{folder}/access.log"}}
    pipeline_stages:
      - regex: {{expression: '^(?P<ip>\\S+) \\S+ \\S+ \\[[^\\]]+\\] "(?P<method>\\S+)'}}
      - labels: {{method: }}
"""
SYSLOG = """\
  - job_name: syslog
    syslog: {{listen_address: "127.0.0.1:{port}", labels: {{job: syslog}}}}
  - job_name: pushed
    loki_push_api: {{server: {{http_listen_address: 127.0.0.1, http_listen_port: {push}}}, labels: {{job: pushed}}}}
"""  # noqa: E501


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(found: Callable[[], list[str]], expected: list[str]) -> None:
    deadline = time.monotonic() + 10
    while found() != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found() == expected


def test_files_reload_syslog_and_pushes(tmp_path: Path) -> None:
    config = tmp_path / "promtail-config.yml"
    config.write_text(CONFIG.format(folder=tmp_path))
    container = tmp_path / "containers" / "abc"
    container.mkdir(parents=True)
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    line = {"log": '{"level":"warn","msg":"slow"}', "stream": "stderr", "time": now}
    (container / "abc-json.log").write_text(json.dumps(line) + "\n")
    (tmp_path / "access.log").write_text('1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET / x"\n')
    ports = {"port": free_port(), "push": free_port()}
    args = ("--promtail-config", str(config))
    with Appliance(tmp_path / "data", only=("loki",), args=args) as server:

        def lines(selector: str) -> list[str]:
            return [text for _, text in log_lines(server, selector)]

        wait_for(lambda: lines('{job="docker", level="warn"}'), ['{"level":"warn","msg":"slow"}'])
        config.write_text((CONFIG + NGINX + SYSLOG).format(folder=tmp_path, **ports))
        reload = urllib.request.Request(server.urls["loki"] + "/-/reload", method="POST")
        urllib.request.urlopen(reload).close()
        wait_for(lambda: [text[:7] for text in lines('{job="nginx", method="GET"}')], ["1.2.3.4"])
        with socket.create_connection(("127.0.0.1", ports["port"])) as sender:
            sender.sendall(b"<13>1 - - - - - - by syslog\n")
        wait_for(lambda: lines('{job="syslog"}'), ["by syslog"])
        url = f"http://127.0.0.1:{ports['push']}/promtail/api/v1/raw"
        urllib.request.urlopen(urllib.request.Request(url, data=b"pushed line")).close()
        wait_for(lambda: lines('{job="pushed"}'), ["pushed line"])
        status = get_json(server.urls["loki"] + "/api/tail.json")
        kinds = sorted(source["type"] for source in status["sources"])
        assert kinds == ["file", "file", "loki_push_api", "syslog"]
        assert [client["own"] for client in status["clients"]] == [True]


def test_a_configuration_with_errors_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "promtail-config.yml"
    config.write_text(CONFIG.format(folder=tmp_path))
    args = ("--promtail-config", str(config))
    with Appliance(tmp_path / "data", only=("loki",), args=args) as server:
        config.write_text(CONFIG.format(folder=tmp_path).replace("{level: level}", "{level: .a}"))
        reload = urllib.request.Request(server.urls["loki"] + "/-/reload", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(reload)
        with refused.value as answer:
            assert "it starts with a dot" in answer.read().decode()
        status = get_json(server.urls["loki"] + "/api/tail.json")
        assert status["config"] == str(config)
