"""Many templates in one process, for the template tools of the conformance folder.

    templates_check.py --upto all --batch-cmd 'python -m bench.template_batch am'
    prom_templates_check.py --upto all --batch-cmd 'python -m bench.template_batch prom'

Reads a JSON list of cases from standard input, writes a list of {"out": …} or {"error": …}.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


Case = dict[str, Any]


def _notification(case: Case) -> str:
    """One case of templates_check.py: text, definitions, type, data."""
    from appliance.notify.template.data import data_from_json
    from appliance.notify.template.functions import functions_at
    from appliance.notify.template.templates import NotificationTemplates

    templates = NotificationTemplates.of_text(case["defines"])
    data = data_from_json(case["data"])
    functions = functions_at(
        time.time_ns(), lambda name: data.go_fields["RouteLabels"].get(name, "")
    )
    render = templates.html if case["type"] == "html" else templates.text
    return render(case["text"], data, functions)


def _rule_cases(cases: Sequence[Case]) -> Callable[[Case], str]:
    """One case of prom_templates_check.py: an alert's expression, and a template about it."""
    from bench.template_rules import Rules

    return Rules(cases[0]["metrics"]).expanded


def _outcome(run: Callable[[Case], str], case: Case) -> dict[str, str]:
    try:
        return {"out": run(case)}
    except ApplianceError as error:
        return {"error": error.message}


def main() -> None:
    """Read, render, write."""
    cases: list[Case] = orjson.loads(sys.stdin.buffer.read())
    run = _rule_cases(cases) if sys.argv[1:] == ["prom"] else _notification
    sys.stdout.buffer.write(orjson.dumps([_outcome(run, case) for case in cases]))


if __name__ == "__main__":
    main()
