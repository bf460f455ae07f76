"""`.Links`: addresses for people in templates, and nowhere else."""

from __future__ import annotations

import dataclasses

from appliance.notify.template.lint import lint
from appliance.notify.template.templates import NotificationTemplates
from tests.notify.receiving import a_message


def test_templates_may_show_a_link_that_acknowledges() -> None:
    message = dataclasses.replace(a_message(), links={"ack": "http://am/ack/x"})
    renderer = NotificationTemplates().renderer(message)
    assert renderer.text("{{ .Links.ack }}{{ with .Links.other }}no{{ end }}") == "http://am/ack/x"
    assert "ack/x" not in renderer.text("{{ toJson . }}")
    assert "ack/x" not in str(renderer.data)
    assert lint("{{ .Links.ack }}", templates=NotificationTemplates()) == []
