from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from appliance.config.masked_text import masked_text

TEXT = """\
# hunter1 was the old password
global: {scrape_interval: 5s}   # hunter2
basic_auth:
  username: u
  password: "hunter#3"   # why
  password_file: /x#y
key: &a
  token: |
    hunter4
    hunter5
  # after
url: http://u:hunter6@host/#frag
list: [a, 'b # kept', c]
secrets: {x: hunter7, y: "hü"}
"""


def test_secrets_and_comments_go_and_lines_stay() -> None:
    shown = masked_text(TEXT)
    assert "hunter" not in shown
    assert shown.count("\n") == TEXT.count("\n")
    lines = shown.split("\n")
    assert lines[1] == "global: {scrape_interval: 5s}"
    assert lines[4] == "  password: <secret>"
    assert lines[5] == "  password_file: /x#y"
    assert lines[11] == "url: http://u:<secret>@host/#frag"
    assert lines[12] == "list: [a, 'b # kept', c]"


def test_more_keys_can_be_secret() -> None:
    text = "webhook_configs: [{url: https://hooks.test/T0/B0/xyz}]\n"
    assert "xyz" in masked_text(text)
    assert masked_text(text, secret_keys={"url"}) == "webhook_configs: [{url: <secret>}]\n"


def test_what_is_no_yaml_is_not_shown() -> None:
    assert masked_text("a: [password: hunter") == ""
    assert masked_text("") == ""


def test_an_alias_is_shown_once() -> None:
    assert masked_text("a: &x {password: hunter}\nb: *x\n") == "a: &x {password: <secret>}\nb: *x\n"


PLAIN = st.text("abc xyz#:'\"é\n", max_size=12)
TREES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3)
)


@given(TREES, st.text("SECRET", min_size=6, max_size=12))
def test_whatever_stands_beside_it_the_secret_goes(tree: object, secret: str) -> None:
    text = yaml.safe_dump({"tree": tree, "password": secret, "last": 1}, allow_unicode=True)
    shown = masked_text(text)
    assert f"password: {secret}" not in shown
    assert "password: <secret>" in shown
    assert shown.count("\n") == text.count("\n")
