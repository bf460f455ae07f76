"""`oncall.yml` as it is read and judged, together with the receivers of `alertmanager.yml`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.config.load import load_file, load_text
from appliance.config.problem import Problem, has_errors, render_errors
from appliance.oncall.config import OncallConfig
from appliance.oncall.roster import named_receivers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
        decoded = load_text(OncallConfig, "", file="")
    else:
        decoded = load_file(OncallConfig, path, variables)
    problems = [*decoded.problems, *undefined_receivers(decoded, receivers_of(routing))]
    if decoded.value is None or has_errors(problems):
        raise BadInput(render_errors(problems))
    for problem in problems:
        _log.warning("%s", problem.render())
    return OncallFile(decoded.value, path.parent if path else Path())


def undefined_receivers(
    decoded: Decoded[OncallConfig], receivers: Collection[str]
) -> list[Problem]:
    """Findings about receivers that `alertmanager.yml` does not have."""
    if decoded.value is None:
        return []
    found = []
    for section, key, name in named_receivers(decoded.value):
        if name not in receivers:
            place = decoded.origin(section, key)
            hint = f"receivers of alertmanager.yml are {', '.join(receivers) or 'none'}"
            message = f"undefined receiver {name!r}"
            found.append(Problem(*place, key, message, "reference", hint=hint))
    return found


def receivers_of(routing: AlertmanagerConfig) -> list[str]:
    """Names of receivers, in their order."""
    return [one.name for one in routing.receivers]
