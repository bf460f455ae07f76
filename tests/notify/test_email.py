"""Mails handed in to a real server: in the clear, by STARTTLS, by TLS from the start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from appliance.notify.email import Email, EmailConfig
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from tests.notify.mail.servers import mail_server
from tests.notify.receiving import a_message, deps_of, errors_of, section_of, sent

if TYPE_CHECKING:
    from tests.notify.mail.servers import Mailbox

SECTION = """
to: 'Ops <ops@example.org>, {{ .CommonLabels.severity }}@example.org'
from: am@example.org
smarthost: HOST
require_tls: REQUIRED
hello: me.example.org
text: 'plain {{ .CommonAnnotations.summary }}'
"""


def config_of(
    mailbox: Mailbox, more: str = "", *, required: bool = False, host: str = "127.0.0.1"
) -> EmailConfig:
    text = SECTION.replace("HOST", f"{host}:{mailbox.port}")
    return section_of(EmailConfig, text.replace("REQUIRED", str(required).lower()) + more)


async def test_the_mail() -> None:
    async with mail_server() as mailbox, deps_of() as deps:
        delivery = await sent(Email(config_of(mailbox), deps, index=0))
    [mail], [envelope], [session] = mailbox.mails, mailbox.envelopes, mailbox.sessions
    assert envelope.mail_from == "am@example.org"
    assert envelope.rcpt_tos == ["ops@example.org", "page@example.org"]
    assert session.host_name == "me.example.org"
    assert mail["Subject"] == "[FIRING:1] HighLoad (n1 page)"
    assert mail["To"] == "Ops <ops@example.org>, page@example.org"
    assert mail["From"] == "am@example.org"
    assert mail["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert mail["Message-Id"].startswith("<1700000000000000000.")
    assert mail["MIME-Version"] == "1.0"
    text, html = mail.iter_parts()
    assert text.get_content().strip() == "plain load <b>high</b>"
    assert "load &lt;b&gt;high&lt;/b&gt;" in html.get_content()
    [exchange] = delivery.exchanges
    assert (exchange.method, exchange.status, exchange.answer) == ("SMTP", 250, "queued")
    assert exchange.url == f"smtp://127.0.0.1:{mailbox.port}"
    assert exchange.headers["RCPT TO"] == "ops@example.org, page@example.org"
    assert "Subject: [FIRING:1]" in exchange.body


async def test_headers_and_threads() -> None:
    more = """
headers: {subject: 'S ü {{ .Status }}', message-id: '<x@y>', X-Prio: '1'}
html: ''
threading: {enabled: true, thread_by_date: daily}
"""
    async with mail_server() as mailbox, deps_of() as deps:
        await sent(Email(config_of(mailbox, more), deps, index=0))
    [mail] = mailbox.mails
    assert mail["Subject"] == "S ü firing"
    assert mail["Message-Id"] == "<x@y>"
    assert mail["X-Prio"] == "1"
    assert mail["References"] == mail["In-Reply-To"]
    assert mail["References"].endswith("-2023-11-14@alertmanager>")
    assert mail["References"].startswith("<alert-")
    assert len(list(mail.iter_parts())) == 1


async def test_tls_is_insisted_on() -> None:
    async with mail_server() as mailbox, deps_of() as deps:
        with pytest.raises(NotifyFailed, match="does not advertise the STARTTLS") as caught:
            await sent(Email(config_of(mailbox, required=True), deps, index=0))
    assert caught.value.is_retryable
    assert not mailbox.mails


async def test_starttls_checks_the_certificate(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with mail_server(ca=ca) as mailbox, deps_of(directory=tmp_path) as deps:
        with pytest.raises(NotifyFailed, match="certificate"):
            await sent(Email(config_of(mailbox, required=True), deps, index=0))
        assert not mailbox.mails
        trusted = config_of(mailbox, "tls_config: {ca_file: ca.pem}", required=True)
        await sent(Email(trusted, deps, index=0))
        assert mailbox.sessions[0].ssl is not None
        text = "tls_config: {ca_file: ca.pem, server_name: other.example.org}"
        with pytest.raises(NotifyFailed, match="certificate"):
            await sent(Email(config_of(mailbox, text, required=True), deps, index=0))
        anyone = config_of(mailbox, "tls_config: {insecure_skip_verify: true}", required=True)
        await sent(Email(anyone, deps, index=0))
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize(("name", "is_taken"), [("mail.example.org", True), ("x.org", False)])
async def test_tls_from_the_start(tmp_path: Path, name: str, *, is_taken: bool) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with (
        mail_server(ca=ca, implicit=True) as mailbox,
        deps_of(directory=tmp_path) as deps,
    ):
        more = f"force_implicit_tls: true\ntls_config: {{ca_file: ca.pem, server_name: {name}}}"
        mail = Email(config_of(mailbox, more, required=True), deps, index=0)
        if is_taken:
            delivery = await sent(mail)
            assert delivery.exchanges[0].url.startswith("smtps://")
        else:
            with pytest.raises(NotifyFailed, match="certificate"):
                await sent(mail)
    assert len(mailbox.mails) == int(is_taken)


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
async def test_logging_in(way: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pa55word\n")
    others = {"PLAIN", "LOGIN"} - {way}
    async with (
        mail_server(auth=True, auth_exclude_mechanism=others) as mailbox,
        deps_of(directory=tmp_path) as deps,
    ):
        more = "auth_username: bob\nauth_password_file: password"
        delivery = await sent(Email(config_of(mailbox, more), deps, index=0))
        assert mailbox.logins == [(way, b"bob", b"pa55word")]
        assert "pa55word" not in repr(delivery.exchanges)
        more = "auth_username: bob\nauth_password: wr0ng-secret"
        with pytest.raises(NotifyFailed, match="authentication failed: 535") as caught:
            await sent(Email(config_of(mailbox, more), deps, index=0))
        assert caught.value.reason == "authError"
        with pytest.raises(NotifyFailed, match="find auth mechanism: missing password"):
            await sent(Email(config_of(mailbox, "auth_username: bob"), deps, index=0))
    assert len(mailbox.mails) == 1


async def test_refusals_are_worth_another_attempt() -> None:
    async with mail_server() as mailbox, deps_of() as deps:
        mailbox.answers += ["451 later", "552 too much"]
        for reason in ("serverError", "clientError"):
            with pytest.raises(NotifyFailed) as caught:
                await sent(Email(config_of(mailbox), deps, index=0))
            assert (caught.value.is_retryable, caught.value.reason) == (True, reason)
        delivery = await sent(Email(config_of(mailbox), deps, index=0))
        await Email(config_of(mailbox), deps, index=0).resend(delivery.exchanges[0], Delivery())
    assert len(mailbox.mails) == 2
    assert mailbox.mails[0]["Message-Id"] == mailbox.mails[1]["Message-Id"]
    mailbox.port = 1
    async with deps_of() as deps:
        with pytest.raises(NotifyFailed, match="connect"):
            await sent(Email(config_of(mailbox), deps, index=0))


async def test_addresses_that_are_none() -> None:
    async with mail_server() as mailbox, deps_of() as deps:
        for more, error in (
            ("\nfrom: a@b.c, d@e.f", "must be exactly one 'from' address"),
            ("\nto: nobody", "parse 'to' addresses"),
        ):
            name = more.split(":")[0].strip()
            text = "\n".join(
                line for line in SECTION.splitlines() if not line.startswith(f"{name}:")
            )
            text = text.replace("HOST", f"127.0.0.1:{mailbox.port}").replace("REQUIRED", "false")
            with pytest.raises(NotifyFailed, match=error) as caught:
                await sent(Email(section_of(EmailConfig, text + more), deps, index=0))
            assert not caught.value.is_retryable


async def test_the_fallback_says_everything() -> None:
    more = "\nheaders: {Subject: '{{ .Nope }}'}\nhtml: '{{ .Nope }}'"
    async with mail_server() as mailbox, deps_of() as deps:
        mail = Email(config_of(mailbox, more), deps, index=0)
        with pytest.raises(TemplateFailed):
            await sent(mail)
        await mail.send(a_message(), Delivery(is_fallback=True))
    [found] = mailbox.mails
    assert found["Subject"] == "[FIRING:1] HighLoad"
    assert "instance" in list(found.iter_parts())[1].get_content()


def test_what_is_refused() -> None:
    head = "to: a@b.c\n"
    [message] = errors_of(EmailConfig, f"{head}threading: {{enabled: true, thread_by_date: x}}")
    assert message == "threading.thread_by_date must be either 'none' or 'daily'"
    text = f"{head}headers: {{References: x}}\nthreading: {{enabled: true, thread_by_date: none}}"
    [message] = errors_of(EmailConfig, text)
    assert "conflicts with custom References header" in message
    [message] = errors_of(EmailConfig, f"{head}headers: {{Subject: a, subject: b}}")
    assert "duplicate header" in message
