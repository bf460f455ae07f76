"""Microsoft Teams: cards of connectors."""

from __future__ import annotations

from appliance.notify.chats.msteams import MsteamsConfig, payload
from tests.notify.receiving import a_message, errors_of, renderer_of, section_of

HOOK = "webhook_url: 'http://x'"


def test_the_card() -> None:
    message = a_message()
    card = payload(section_of(MsteamsConfig, f"{{{HOOK}}}"), message, renderer_of(message))
    text = card.pop("text")
    assert card == {
        "@context": "http://schema.org/extensions",
        "type": "MessageCard",
        "title": "[FIRING:1] HighLoad (n1 page)",
        "summary": "[FIRING:1] HighLoad (n1 page)",
        "themeColor": "8C1A1A",
    }
    assert "# Alerts Firing:" in text


def test_what_is_over_is_green() -> None:
    message = a_message(is_firing=False)
    text = f"{{{HOOK}, title: t, summary: s, text: 'x {{{{ .Status }}}}'}}"
    card = payload(section_of(MsteamsConfig, text), message, renderer_of(message))
    assert (card["title"], card["summary"], card["text"]) == ("t", "s", "x resolved")
    assert card["themeColor"] == "2DC72D"


def test_an_address_is_wanted() -> None:
    assert errors_of(MsteamsConfig, "title: t") == [
        "one of webhook_url or webhook_url_file must be configured"
    ]
