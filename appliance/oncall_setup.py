"""`oncall.yml` as it is read and judged, together with the receivers of `alertmanager.yml`."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_file
from appliance.config.problem import Problem, has_errors, render_errors
from appliance.oncall.config import OncallConfig
from appliance.oncall.roster import has_address, named_receivers, own_receivers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.config.load import Decoded

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OncallFile:
    """`oncall.yml` as it was read.

    Attributes:
        directory: Of the file; names in it are relative to it.
    """

    config: OncallConfig
    directory: Path


def read_oncall(
    path: Path | None, variables: Mapping[str, str], routing: AlertmanagerConfig
) -> OncallFile:
    """The file as it is now; without one, nobody is on call.

    Args:
        routing: What has the receivers that it names.

    Raises:
        BadInput: The file has errors; the text has all of them.
    """
    if path is None:
        return OncallFile(OncallConfig(), Path())
    decoded = load_file(OncallConfig, path, variables)
    problems = [*decoded.problems, *unreachable(decoded, routing)]
    if decoded.value is None or has_errors(problems):
        raise BadInput(render_errors(problems))
    for problem in problems:
        _log.warning("%s", problem.render())
    return OncallFile(decoded.value, path.parent)


def unreachable(decoded: Decoded[OncallConfig], routing: AlertmanagerConfig) -> list[Problem]:
    """Findings about what `alertmanager.yml` does not have: receivers, a server for mails."""
    if decoded.value is None:
        return []
    names = [one.name for one in routing.receivers]
    found = []
    for section, key, name in named_receivers(decoded.value):
        if name not in names:
            place = decoded.origin(section, key)
            hint = f"receivers of alertmanager.yml are {', '.join(names) or 'none'}"
            message = f"undefined receiver {name!r}"
            found.append(Problem(*place, key, message, "reference", hint=hint))
    shared = routing.global_config
    if shared.smtp_smarthost and shared.smtp_from:
        return found
    for user in decoded.value.users.values():
        if user.email:
            place = decoded.origin(user, "email")
            hint = "set smtp_smarthost and smtp_from in global of alertmanager.yml"
            message = "there is no server that mails could go through"
            found.append(Problem(*place, "email", message, "reference", hint=hint))
    return found


def with_own_receivers(routing: AlertmanagerConfig, config: OncallConfig) -> AlertmanagerConfig:
    """A configuration that also has receivers made of users' own addresses."""
    own = own_receivers(config) if any(map(has_address, config.users.values())) else []
    return dataclasses.replace(routing, receivers=(*routing.receivers, *own)) if own else routing
