"""Every kind of error in the form of every contract."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from appliance.api import errors
from appliance.base.errors import (
    BadInput,
    Conflict,
    LimitExceeded,
    NotFound,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)

EVERY: dict[str, BaseException] = {
    "bad": BadInput("bad x"),
    "missing": NotFound("no x"),
    "conflict": Conflict("clash"),
    "large": TooLarge("too large", limit="limits.body_bytes"),
    "limit": LimitExceeded("too much", limit="limits.x"),
    "rate": LimitExceeded("too fast", limit="limits.x", retryable=True),
    "full": StorageFull("disk full", retry_after_seconds=5),
    "later": Unavailable("later"),
    "slow": TimedOut("timed out"),
    "bug": ValueError("secret detail"),
    "path": web.HTTPNotFound(),
    "method": web.HTTPMethodNotAllowed("PUT", ["GET"]),
    "type": web.HTTPUnsupportedMediaType(text="br not supported"),
    "token": web.HTTPUnauthorized(text="missing or wrong token"),
}
STATUSES = {
    "prometheus": "400 404 409 413 422 429 503 503 503 500 404 405 415 401",
    "loki": "400 404 400 413 400 429 503 503 504 500 404 405 400 401",
    "tempo": "400 404 409 413 400 429 503 503 504 500 404 405 415 401",
    "jaeger": "400 404 409 413 400 429 503 503 504 500 404 405 415 401",
    "alertmanager": "400 404 409 413 422 429 503 503 504 500 404 405 415 401",
    "otlp": "400 404 409 413 422 429 503 503 504 500 404 405 415 401",
    "plain": "400 404 409 413 422 429 503 503 504 500 404 405 415 401",
}


def answer(contract: str, error: BaseException, **headers: str) -> web.Response:
    request = make_mocked_request("POST", "/some/path", headers=headers)
    response: web.Response = getattr(errors, contract)(request, errors.describe(error))
    return response


def body_of(response: web.Response) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


@pytest.mark.parametrize("contract", STATUSES)
def test_statuses(contract: str) -> None:
    found = [str(answer(contract, error).status) for error in EVERY.values()]
    assert dict(zip(EVERY, found, strict=True)) == dict(
        zip(EVERY, STATUSES[contract].split(), strict=True)
    )


@pytest.mark.parametrize("contract", STATUSES)
def test_bugs_are_logged_but_their_text_stays_inside(
    contract: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = answer(contract, EVERY["bug"])
    text = str(response.body) + str(response.text)
    assert "secret detail" not in text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("name", "error_type"),
    [
        ("bad", "bad_data"),
        ("missing", "not_found"),
        ("limit", "execution"),
        ("slow", "timeout"),
        ("later", "unavailable"),
        ("bug", "internal"),
    ],
)
def test_prometheus_envelope(name: str, error_type: str) -> None:
    found = body_of(answer("prometheus", EVERY[name]))
    assert found["status"] == "error"
    assert found["errorType"] == error_type
    assert name == "bug" or found["error"] == str(EVERY[name])


@pytest.mark.parametrize(
    ("contract", "text"), [("loki", "bad x"), ("loki_push", "bad x\n"), ("tempo", "bad x\n")]
)
def test_plain_text_contracts(contract: str, text: str) -> None:
    response = answer(contract, EVERY["bad"])
    assert response.content_type == "text/plain"
    assert response.text == text


def test_loki_tells_how_to_make_a_slow_query_fast() -> None:
    response = answer("loki", EVERY["slow"])
    assert response.status == 504
    assert str(response.text).startswith("request timed out, decrease the duration")


def test_jaeger_envelope() -> None:
    found = body_of(answer("jaeger", EVERY["missing"]))
    assert found["errors"] == [{"code": 404, "msg": "no x"}]
    assert set(found) == {"data", "total", "limit", "offset", "errors"}


def test_alertmanager_envelope() -> None:
    assert body_of(answer("alertmanager", EVERY["bad"])) == "bad x"
    assert answer("alertmanager", EVERY["path"]).text == "404 page not found\n"
    request = make_mocked_request("PUT", "/api/v2/alerts")
    unmatched = errors.alertmanager(request, errors.describe(EVERY["path"]))
    assert body_of(unmatched) == {"code": 404, "message": "path /api/v2/alerts was not found"}
    wrong = web.HTTPMethodNotAllowed("PUT", ["GET", "POST"])
    refused = errors.alertmanager(request, errors.describe(wrong))
    assert body_of(refused) == {
        "code": 405,
        "message": "method PUT is not allowed, but [GET,POST] are",
    }
    assert refused.headers["Allow"] == "GET,POST"


def test_otlp_status_follows_the_encoding_of_the_request() -> None:
    from google.rpc.status_pb2 import Status

    as_json = answer("otlp", EVERY["full"], **{"Content-Type": "application/json"})
    assert body_of(as_json) == {"code": 14, "message": "disk full"}
    binary = answer("otlp", EVERY["bad"], **{"Content-Type": "application/x-protobuf"})
    assert isinstance(binary.body, bytes)
    assert Status.FromString(binary.body) == Status(code=3, message="bad x")


@pytest.mark.parametrize("contract", STATUSES)
def test_what_may_be_tried_again_says_when(contract: str) -> None:
    assert answer(contract, EVERY["full"]).headers["Retry-After"] == "5"


def test_methods_that_would_be_allowed_are_named() -> None:
    assert answer("prometheus", EVERY["method"]).headers["Allow"] == "GET"
