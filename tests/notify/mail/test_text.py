"""Mails as text, read back by the standard library."""

from __future__ import annotations

import email
import email.header
import email.policy
import quopri
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.notify.integration import NotifyFailed
from appliance.notify.mail.text import (
    Mail,
    addresses,
    canonical_header,
    encoded_words,
    quoted_printable,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


def read(mail: Mail) -> EmailMessage:
    found = email.message_from_bytes(mail.encode(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_has_its_text_before_its_html() -> None:
    text, html = "Grüße\n" + "x" * 200 + "\n.dot \n", "<p>ä=1</p>"
    mail = read(Mail({"Subject": "Größe"}, "b0undary", text, html, {"Date": "now"}))
    assert mail["Subject"] == "Größe"
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert all(part["Content-Transfer-Encoding"] == "quoted-printable" for part in parts)
    assert parts[0].get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert parts[1].get_content().strip() == html


def test_an_empty_part_is_left_out_and_lines_are_short() -> None:
    mail = Mail({"Subject": "s"}, "b", html="<p>" + "word " * 400 + "</p>")
    assert [part.get_content_type() for part in read(mail).iter_parts()] == ["text/html"]
    lines = mail.encode().split(b"\r\n")
    assert all(len(line) <= 76 and b"\n" not in line for line in lines)


@given(TEXT)
def test_headers_come_back(value: str) -> None:
    words = encoded_words(value)
    assert words.isascii()
    assert all(len(word) <= 75 for word in words.split("\r\n ")) or words == value
    if words != value:
        found = email.header.decode_header(words.replace("\r\n ", " "))
        assert str(email.header.make_header(found)) == value


def test_a_header_cannot_smuggle_in_another_one() -> None:
    words = encoded_words("a\r\nBcc: x@y.z")
    assert words == "=?utf-8?q?a=0D=0ABcc=3A_x=40y=2Ez?="


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_bodies_come_back(text: str) -> None:
    found = quoted_printable(text)
    assert all(len(line) <= 76 for line in found.split("\r\n"))
    assert quopri.decodestring(found.encode()).replace(b"\r\n", b"\n").decode() == text


def test_addresses() -> None:
    assert addresses('Ops <ops@x.org>, b@y.org, "A, B" <c@z.org>', "to") == [
        *("ops@x.org", "b@y.org", "c@z.org")
    ]
    assert addresses("a@x.org, ,b@x.org,", "to") == ["a@x.org", "b@x.org"]
    for text in ("", "nobody", "a@b, nobody", "@"):
        with pytest.raises(NotifyFailed, match="parse 'to' addresses"):
            addresses(text, "to")


def test_names_of_headers() -> None:
    assert canonical_header("message-ID") == "Message-Id"
    assert canonical_header("X-priority") == "X-Priority"
