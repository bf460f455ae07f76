from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from appliance.config.load import load_text
from appliance.config.schema import fields_of, key, section

if TYPE_CHECKING:
    from appliance.config.http_client import BasicAuth


@section
class Whole:
    """A key whose section is imported when a file has it."""

    logins: tuple[BasicAuth, ...] = key(
        default=(), list_of="appliance.config.http_client:BasicAuth"
    )
    count: int | None = None


def test_sections_that_are_imported_when_needed_are_decoded() -> None:
    decoded = load_text(Whole, "logins: [{username: a}, {user: b}]", file="x")
    assert decoded.value is not None
    assert [login.username for login in decoded.value.logins] == ["a", ""]
    assert [problem.path for problem in decoded.problems] == ["logins[1].user"]


def test_types_have_no_none() -> None:
    from appliance.config.http_client import BasicAuth

    fields = fields_of(Whole)
    assert fields["count"].type is int
    assert fields["logins"].type == tuple[BasicAuth, ...]


def test_sections_of_integrations_are_imported_when_a_file_has_them() -> None:
    program = (
        "import sys\n"
        "from appliance.alertmanager.config import AlertmanagerConfig\n"
        "from appliance.config.load import load_text\n"
        "text = 'route: {receiver: a}\\nreceivers: [{name: a%s}]'\n"
        "for more in ('', ', sns_configs: []'):\n"
        "    assert load_text(AlertmanagerConfig, text % more, file='').ok\n"
        "    print(sorted(n for n in sys.modules if n in ('appliance.notify.sns',"
        " 'appliance.notify.email', 'appliance.notify.integration')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.splitlines()[0] == b"[]"
    assert (
        done.stdout.splitlines()[1] == b"['appliance.notify.integration', 'appliance.notify.sns']"
    )
