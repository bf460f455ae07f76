"""What every integration's section of `alertmanager.yml` knows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from appliance.base.errors import BadInput
from appliance.config.http_client import HttpClientConfig, refuse_several
from appliance.config.scalars import check_url
from appliance.config.schema import section
from appliance.config.secret import Secret
from appliance.notify.template_lint import find_alert_fields, syntax_fault

if TYPE_CHECKING:
    from appliance.config.report import Report


class TemplatedUrl(Secret):
    """An address that may hold a template; checked here only if it holds none."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> TemplatedUrl:
        """The address."""
        if "{{" not in text:
            check_url(text, secret=True)
        elif fault := syntax_fault(text):
            raise BadInput(f"invalid template syntax: {fault}")
        return cls(text)


@section
class Notifier:
    """What every integration knows."""

    #: Whether a secret and the file it is in exclude each other.
    files_exclude_texts: ClassVar[bool] = True

    send_resolved: bool = True
    http_config: HttpClientConfig | None = None

    def check(self, report: Report) -> None:
        """Templates that would fail, and keys that exclude each other."""
        names = [field.name for field in dataclasses.fields(self)]
        for name in names:
            if f"{name}_file" in names and self.files_exclude_texts:
                refuse_several(self, report, (name, f"{name}_file"))
            value = getattr(self, name)
            if isinstance(value, str):
                self._lint(report, (name,), value)
            elif isinstance(value, dict):
                for inner, text in value.items():
                    if isinstance(text, str):
                        self._lint(report, (name, str(inner)), text)

    def _lint(self, report: Report, path: tuple[str, ...], template: str) -> None:
        for name in find_alert_fields(template):
            message = f".{name} is not a field of a notification, only of its alerts"
            hint = f"use .Common{name}, or put it within {{{{ range .Alerts }}}} … {{{{ end }}}}"
            report.warn(self, path, message, code="template", hint=hint)

    def require(self, report: Report, *names: str) -> None:
        """Report when none of some keys is given."""
        if not any(getattr(self, name) for name in names):
            message = f"one of {' or '.join(names)} must be configured"
            report.error(
                self, (), message if names[1:] else f"missing {names[0]}", code="missing-key"
            )
