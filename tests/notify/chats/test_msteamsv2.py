"""Microsoft Teams: adaptive cards of workflows."""

from __future__ import annotations

from appliance.notify.chats.msteamsv2 import MsteamsV2Config, payload
from tests.notify.receiving import a_message, errors_of, renderer_of, section_of

HOOK = "webhook_url: 'http://x'"


def test_the_card() -> None:
    message = a_message()
    text = f"{{{HOOK}, title: 't {{{{ .Status }}}}', text: x}}"
    body = payload(section_of(MsteamsV2Config, text), message, renderer_of(message))
    assert body == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [
                        {
                            "type": "TextBlock",
                            "text": "t firing",
                            "weight": "Bolder",
                            "size": "Medium",
                            "wrap": True,
                            "style": "heading",
                            "color": "Attention",
                        },
                        {"type": "TextBlock", "text": "x", "wrap": True},
                    ],
                    "msteams": {"width": "full"},
                },
            }
        ],
    }


def test_what_is_over_is_good() -> None:
    message = a_message(is_firing=False)
    body = payload(section_of(MsteamsV2Config, f"{{{HOOK}}}"), message, renderer_of(message))
    heading, text = body["attachments"][0]["content"]["body"]
    assert (heading["color"], heading["text"]) == ("Good", "[RESOLVED] HighLoad (n1 page)")
    assert "# Alerts Resolved:" in text["text"]


def test_an_address_is_wanted() -> None:
    assert errors_of(MsteamsV2Config, "title: t") == [
        "one of webhook_url or webhook_url_file must be configured"
    ]
