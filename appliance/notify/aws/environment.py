"""Credentials and region as AWS's own tools find them: variables, and the files of `~/.aws`.

Looked up each time, so that they can be exchanged. Not asked: web identities, single sign-on, and
the metadata services of instances and containers.
"""

from __future__ import annotations

import configparser
import os
import re
from pathlib import Path

from appliance.base.errors import BadInput
from appliance.notify.aws.sigv4 import Credentials

_HOST = re.compile(r"https?://[\w-]+\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")


def find_credentials(profile: str) -> Credentials:
    """A login: of the profile that is named, else of the variables, else of the usual profile.

    Raises:
        BadInput: There is none.
    """
    found = _of_profile(profile) if profile else _of_variables() or _of_profile(_usual_profile())
    if found is None:
        where = f"of profile {profile!r}" if profile else "in the environment or ~/.aws/credentials"
        raise BadInput(
            f"no AWS credentials {where}: give sigv4.access_key and sigv4.secret_key, a profile, "
            "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; metadata services, web identities and "
            "single sign-on are not asked"
        )
    return found


def find_region(region: str, profile: str, url: str) -> str:
    """The region: what is given, else of the variables, of the profile, of an address of AWS.

    Raises:
        BadInput: None says.
    """
    found = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    found = found or _profile_values(profile or _usual_profile()).get("region")
    if not found and (match := _HOST.match(url)):
        found = match[1]
    if not found:
        raise BadInput("region not configured in sns.sigv4.region or in default credentials chain")
    return found


def find_endpoint(service: str, otherwise: str) -> str:
    """Where a service is: AWS's variables may name another place."""
    name = f"AWS_ENDPOINT_URL_{service.upper()}"
    return os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL") or otherwise


def domain(region: str) -> str:
    """The domain of a region's services."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _usual_profile() -> str:
    return os.environ.get("AWS_PROFILE") or "default"


def _of_variables() -> Credentials | None:
    get = os.environ.get
    access_key = get("AWS_ACCESS_KEY_ID") or get("AWS_ACCESS_KEY") or ""
    secret_key = get("AWS_SECRET_ACCESS_KEY") or get("AWS_SECRET_KEY") or ""
    if not access_key or not secret_key:
        return None
    return Credentials(access_key, secret_key, get("AWS_SESSION_TOKEN", ""))


def _of_profile(profile: str) -> Credentials | None:
    values = _profile_values(profile)
    access_key, secret_key = values.get("aws_access_key_id"), values.get("aws_secret_access_key")
    if not access_key or not secret_key:
        return None
    return Credentials(access_key, secret_key, values.get("aws_session_token", ""))


def _profile_values(profile: str) -> dict[str, str]:
    """What both files say of a profile; credentials come before configuration."""
    home = Path.home() / ".aws"
    places = (
        (os.environ.get("AWS_CONFIG_FILE") or home / "config", f"profile {profile}"),
        (os.environ.get("AWS_CONFIG_FILE") or home / "config", profile),
        (os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials", profile),
    )
    values: dict[str, str] = {}
    for file, name in places:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as error:
            raise BadInput(f"cannot read {file}: {error}") from error
        if parser.has_section(name):
            values |= dict(parser.items(name))
    return values
