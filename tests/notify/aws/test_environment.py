"""Credentials and region from variables and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.base.errors import BadInput
from appliance.notify.aws.environment import (
    domain,
    find_credentials,
    find_endpoint,
    find_region,
)
from appliance.notify.aws.sigv4 import Credentials

FILES = {
    "credentials": "[default]\naws_access_key_id = AKD\naws_secret_access_key = SD\n"
    "[other]\naws_access_key_id=AKO\naws_secret_access_key=SO\naws_session_token=T\n",
    "config": "[default]\nregion = eu-west-1\n[profile other]\nregion = eu-west-2\n",
}


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("REGION", "DEFAULT_REGION", "ENDPOINT_URL", "ENDPOINT_URL_STS"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return monkeypatch


@pytest.fixture
def files(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)


@pytest.mark.usefixtures("files")
def test_a_profile_comes_before_variables_and_these_before_the_usual_profile(
    places: pytest.MonkeyPatch,
) -> None:
    assert find_credentials("") == Credentials("AKD", "SD")
    places.setenv("AWS_ACCESS_KEY_ID", "AKV")
    places.setenv("AWS_SECRET_ACCESS_KEY", "SV")
    assert find_credentials("") == Credentials("AKV", "SV")
    assert find_credentials("other") == Credentials("AKO", "SO", "T")


@pytest.mark.usefixtures("files")
def test_regions(places: pytest.MonkeyPatch) -> None:
    url = "https://sns.ap-south-1.amazonaws.com/"
    assert find_region("x", "other", url) == "x"
    assert find_region("", "other", url) == "eu-west-2"
    assert find_region("", "", url) == "eu-west-1"
    places.setenv("AWS_PROFILE", "none")
    assert find_region("", "", url) == "ap-south-1"
    places.setenv("AWS_REGION", "us-east-2")
    assert find_region("", "", url) == "us-east-2"


def test_what_is_missing_is_said() -> None:
    with pytest.raises(BadInput, match="region not configured in sns.sigv4.region"):
        find_region("", "", "http://localhost:4566")
    with pytest.raises(BadInput, match="no AWS credentials in the environment .*metadata services"):
        find_credentials("")
    with pytest.raises(BadInput, match="no AWS credentials of profile 'p'"):
        find_credentials("p")


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("aws_access_key_id = x")
    with pytest.raises(BadInput, match=r"cannot read .*credentials"):
        find_credentials("")


def test_places_of_services(places: pytest.MonkeyPatch) -> None:
    assert (domain("cn-north-1"), domain("eu-west-1")) == ("amazonaws.com.cn", "amazonaws.com")
    assert find_endpoint("sts", "x") == "x"
    places.setenv("AWS_ENDPOINT_URL_STS", "http://sts")
    assert (find_endpoint("sts", "x"), find_endpoint("sns", "x")) == ("http://sts", "x")
