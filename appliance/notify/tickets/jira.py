"""The Jira integration (Alertmanager, `<jira_config>`; Jira, REST API 2 and 3).

An issue is found again by a label that holds the hash of the group's key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

import orjson

from appliance.config.scalars import Duration, Url
from appliance.config.schema import key, section
from appliance.notify.addressing import below, group_hash, headline
from appliance.notify.http import check, truncated
from appliance.notify.http_integration import HttpIntegration, composed
from appliance.notify.integration import NotifyFailed
from appliance.notify.section import Notifier
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.config.report import Report
    from appliance.notify.integration import Delivery, Renderer
    from appliance.notify.message import Message

_SUMMARY_RUNES, _DESCRIPTION_RUNES = 255, 32_767
_HEADERS = {"Accept-Language": "en"}


@section
class JiraField:
    """A field of an issue: its template, and whether later messages change it."""

    has_short_form: ClassVar[bool] = True

    template: str = ""
    enable_update: bool | None = None

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The short form: only the template."""
        return cls(template=text)


@section
class JiraConfig(Notifier):
    """An issue in Jira."""

    api_url: Url | None = None
    api_type: str = "auto"
    project: str = ""
    issue_type: str = ""
    summary: JiraField = JiraField(template='{{ template "jira.default.summary" . }}')
    description: JiraField = JiraField(template='{{ template "jira.default.description" . }}')
    labels: tuple[str, ...] = ()
    priority: str = '{{ template "jira.default.priority" . }}'
    fields: dict[str, Any] = key(default_factory=dict)
    resolve_transition: str = ""
    reopen_transition: str = ""
    reopen_duration: Duration | None = None
    wont_fix_resolution: str = ""

    def check(self, report: Report) -> None:
        """A project, a kind of issue and a known kind of Jira."""
        Notifier.check(self, report)
        for name in ("summary", "description"):
            self._lint(report, (name,), getattr(self, name).template)
        for name in ("project", "issue_type"):
            if not getattr(self, name):
                report.error(self, (), f"missing {name} in jira_config", code="missing-key")
        if self.api_type not in {"auto", "cloud", "datacenter"}:
            message = "unknown api_type on jira_config, must be auto, cloud or datacenter"
            report.error(self, "api_type", message)


class Jira(HttpIntegration[JiraConfig]):
    """Opens an issue, keeps it up to date, and moves it on."""

    kind: ClassVar[str] = "jira"

    async def send(self, message: Message, delivery: Delivery) -> None:
        """Look for the group's issue; create or change it, and resolve or reopen it."""
        renderer = self.renderer(message, delivery)
        fields = await composed(message, lambda: issue_fields(self.config, message, renderer))
        found = await self._existing(message, delivery, renderer)
        if found is None and not message.firing:
            return
        if found is None:
            await self._ask(delivery, "POST", "issue", body={"fields": fields})
            return
        for name in ("summary", "description"):
            if getattr(self.config, name).enable_update is False:
                fields.pop(name, None)
        await self._ask(delivery, "PUT", f"issue/{found['key']}", body={"fields": fields})
        await self._move(found, delivery, is_firing=bool(message.firing))

    async def _existing(
        self, message: Message, delivery: Delivery, renderer: Renderer
    ) -> dict[str, Any] | None:
        """The group's issue, the one that was resolved last if there are several."""
        project = renderer.text(self.config.project, instead=self.config.project)
        jql = search(self.config, message, project=project)
        body = {"fields": ["status"], "jql": jql, "maxResults": 2}
        prefix = "failed to look up existing issues: HTTP request to JIRA API: "
        answer = await self.post(delivery, search_url(self.config), json=body, headers=_HEADERS)
        check(answer, retry_on=(429,), prefix=prefix)
        said = answer.json()
        issues = said.get("issues") if isinstance(said, dict) else None
        return issues[0] if isinstance(issues, list) and issues else None

    async def _move(self, issue: dict[str, Any], delivery: Delivery, *, is_firing: bool) -> None:
        """Take the transition that fits, if the issue is not there already."""
        status = (issue.get("fields") or {}).get("status")
        if not status:
            return
        is_done = (status.get("statusCategory") or {}).get("key") == "done"
        if is_firing != is_done:
            return
        config = self.config
        name = config.reopen_transition if is_firing else config.resolve_transition
        if not name:  # Differs from Alertmanager, which looks for a transition without a name.
            return
        path = f"issue/{issue['key']}/transitions"
        known = await self._ask(delivery, "GET", path)
        transitions = known.get("transitions") if isinstance(known, dict) else None
        for transition in transitions or []:
            if transition.get("name") == name:
                body = {"transition": {"id": transition.get("id")}}
                await self._ask(delivery, "POST", path, body=body)
                return
        message = f"can't find transition {name} for issue {issue['key']}"
        raise NotifyFailed(message, is_retryable=False)

    async def _ask(
        self, delivery: Delivery, method: str, path: str, *, body: dict[str, Any] | None = None
    ) -> Any:
        """One request below the address of the API; the answer is None when there is none."""
        url = below(self.config.api_url, path)
        headers = {**_HEADERS, "Content-Type": "application/json"}
        answer = await self.post(delivery, url, json=body, headers=headers, method=method)
        check(answer, retry_on=(429,), prefix=f'failed to {method} request to "{path}": ')
        return answer.json() if answer.body.strip() else None


def search_url(config: JiraConfig) -> str:
    """Where issues are looked for: Jira's cloud has given up the address others know."""
    host = urlsplit(config.api_url or "").hostname or ""
    is_auto = config.api_type == "auto"
    if config.api_type == "cloud" or (is_auto and host.endswith("atlassian.net")):
        url = below(config.api_url, "search/jql")
        return url.replace("/rest/api/2/", "/rest/api/3/", 1)
    return below(config.api_url, "search")


def search(config: JiraConfig, message: Message, *, project: str) -> str:
    """The query for the group's issue, in JQL."""
    text = ""
    if config.wont_fix_resolution:
        # `!=` alone leaves out what has no resolution yet.
        name = quote(config.wont_fix_resolution)
        text += f"(resolution is EMPTY or resolution != {name}) and "
    minutes = int(config.reopen_duration or 0) // 60_000
    if message.firing and config.reopen_transition and minutes > 0:
        text += f"(resolutiondate is EMPTY OR resolutiondate >= -{minutes}m) and "
    else:
        text += "statusCategory != Done and "
    label = quote(_label(message))
    order = "order by status ASC,resolutiondate DESC"
    return f"{text}project={quote(project)} and labels={label} {order}"


def issue_fields(config: JiraConfig, message: Message, renderer: Renderer) -> dict[str, Any]:
    """The fields of an issue; what is empty is left out."""
    summary = renderer.text(config.summary.template, instead=headline(message))
    labels = [renderer.text(label, instead="") for label in config.labels]
    project = renderer.text(config.project, instead=config.project)
    issue_type = renderer.text(config.issue_type, instead=config.issue_type)
    fields: dict[str, Any] = {
        "project": {"key": project},
        "issuetype": {"name": issue_type},
        "summary": truncated(summary, _SUMMARY_RUNES),
        "labels": sorted([*labels, _label(message)]),
    }
    description = renderer.text(config.description.template)
    if urlsplit(config.api_url or "").path.rstrip("/").endswith("/3"):
        document = as_document(description.strip())
        fields |= {"description": document} if document else {}
    elif description:
        fields["description"] = truncated(description, _DESCRIPTION_RUNES)
    priority = renderer.text(config.priority, instead="")
    if priority:
        fields["priority"] = {"name": priority}
    return fields | dict(renderer.deep(config.fields))


def as_document(text: str) -> dict[str, Any] | None:
    """A text as API 3 wants it, in Atlassian's document format; what is one already stays.

    Differs from Alertmanager, which takes only templates that give a document.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict):
        return document
    lines = truncated(text, _DESCRIPTION_RUNES).splitlines()
    nodes: list[dict[str, Any]] = []
    for line in lines:
        nodes += [{"type": "text", "text": line}] if line else []
        nodes.append({"type": "hardBreak"})
    if not any("text" in node for node in nodes):
        return None
    paragraph = {"type": "paragraph", "content": nodes[:-1]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def _label(message: Message) -> str:
    return f"ALERT{{{group_hash(message)}}}"
