"""Secrets never show."""

from __future__ import annotations

import pickle

import pytest

from appliance.config.secret import Secret, mask_url_passwords


def test_no_way_of_printing_shows_the_text() -> None:
    secret = Secret("hunter2")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>20}", repr([secret]), "%s" % secret]  # noqa: UP031
    assert not any("hunter2" in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_secrets_compare_by_text_and_only_with_secrets() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://u:pw@a/b", "http://u:<secret>@a/b"),
        ("http://a/?x=1&token=s3&y=2", "http://a/?x=1&token=<secret>&y=2"),
        ("http://a/?Api_Key=s3&auth-token=t#f", "http://a/?Api_Key=<secret>&auth-token=<secret>#f"),
        ('Post "http://a/?token=s3": refused', 'Post "http://a/?token=<secret>": refused'),
        ("http://a/b?x=1", "http://a/b?x=1"),
        (".*[?]token=(.*)", ".*[?]token=(.*)"),
    ],
)
def test_addresses_are_shown_without_what_is_secret(text: str, shown: str) -> None:
    assert mask_url_passwords(text) == shown
