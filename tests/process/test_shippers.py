"""Log handlers that programs use, against the real process."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from appliance.testing import Appliance
from tests.reading import get_json, log_lines


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("shipped")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


@pytest.mark.parametrize(("version", "path"), [("0", "/api/prom/push"), ("1", "/loki/api/v1/push")])
def test_python_logging_loki(
    server: Appliance, log: logging.Logger, version: str, path: str
) -> None:
    from logging_loki import LokiHandler

    url, app = server.urls["loki"] + path, f"handler-{version}"
    log.addHandler(LokiHandler(url=url, tags={"app": app}, version=version))
    log.error("payment failed", extra={"tags": {"order": "A-7"}})
    query = f'{{app="{app}"}}'
    assert [line for _, line in log_lines(server, query)] == ["payment failed"]
    found = get_json(server.urls["loki"] + "/loki/api/v1/query_range", query=query)
    (stream,) = found["data"]["result"]
    assert stream["stream"] == {
        "app": app,
        "detected_level": "error",
        "logger": "shipped",
        "order": "A-7",
        "service_name": app,
        "severity": "error",
    }
