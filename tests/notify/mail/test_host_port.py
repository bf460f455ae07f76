from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.notify.mail.host_port import HostPort


@pytest.mark.parametrize("text", ["mail:25", "mail.example.com:587", "[2001:db8::1]:25", ":25", ""])
def test_addresses(text: str) -> None:
    assert HostPort.from_text(text) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mail", "missing port"),
        ("mail:", "port cannot be empty"),
        ("2001:db8::1:25", "too many colons"),
    ],
)
def test_faulty_addresses(text: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        HostPort.from_text(text)
