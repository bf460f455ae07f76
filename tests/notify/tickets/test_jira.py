"""Jira: issues are looked for, created, changed and moved on."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.integration import NotifyFailed
from appliance.notify.tickets.jira import (
    Jira,
    JiraConfig,
    as_document,
    issue_fields,
    search,
    search_url,
)
from tests.notify.receiving import (
    Receiver,
    Request,
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

BASE = "project: OPS, issue_type: Bug"
CLOUD = "https://x.atlassian.net"
NOT_FIXED = 'Won\'t \\"Fix\\"'
TRANSITIONS = {"transitions": [{"id": "11", "name": "Done"}, {"id": "12", "name": "Reopen"}]}


def config_of(text: str = "", url: str = "https://jira/rest/api/2") -> JiraConfig:
    return section_of(JiraConfig, f"{{{BASE}, api_url: '{url}', {text}}}")


def fields_of(text: str = "", url: str = "https://jira/rest/api/2", **options: Any) -> Any:
    message = a_message(**options)
    return issue_fields(config_of(text, url), message, renderer_of(message))


async def served(text: str, category: str | None, *, is_firing: bool = True) -> Receiver:
    """What is asked of a Jira that knows an issue in a category, or none."""

    def answer(request: Request) -> tuple[int, Any]:
        if request.path.endswith("/search"):
            status = {"name": "x", "statusCategory": {"key": category}}
            return 200, {
                "issues": [{"key": "OPS-7", "fields": {"status": status}}] * bool(category)
            }
        if request.path.endswith("/transitions") and request.method == "GET":
            return 200, TRANSITIONS
        return (204, "") if request.method != "GET" else (200, {})

    async with receiving() as server, deps_of() as deps:
        server.usual = answer
        config = config_of(text, f"{server.address}/rest/api/2/")
        await sent(Jira(config, deps, index=0), a_message(is_firing=is_firing))
    return server


async def test_an_issue_is_created_when_there_is_none() -> None:
    server = await served("", None)
    assert server.paths == ["POST /rest/api/2/search", "POST /rest/api/2/issue"]
    looked, created = server.requests
    label = created.json["fields"]["labels"][0]
    assert looked.json == {
        "fields": ["status"],
        "jql": f'statusCategory != Done and project="OPS" and labels="{label}" '
        "order by status ASC,resolutiondate DESC",
        "maxResults": 2,
    }
    assert looked.headers["Accept-Language"] == "en"
    assert created.headers["Content-Type"] == "application/json"
    assert (len(label), label[:6], label[-1]) == (len("ALERT{}") + 64, "ALERT{", "}")


async def test_what_is_over_and_has_no_issue_gets_none() -> None:
    assert (await served("", None, is_firing=False)).paths == ["POST /rest/api/2/search"]


@pytest.mark.parametrize(
    ("text", "category", "is_firing", "transition"),
    [
        ("resolve_transition: Done", "new", False, "11"),
        ("resolve_transition: Done", "done", False, ""),
        ("reopen_transition: Reopen", "done", True, "12"),
        ("reopen_transition: Reopen", "new", True, ""),
        ("", "new", False, ""),
    ],
)
async def test_a_known_issue_is_changed_and_moved_on(
    *, text: str, category: str, is_firing: bool, transition: str
) -> None:
    server = await served(text, category, is_firing=is_firing)
    paths = ["POST /rest/api/2/search", "PUT /rest/api/2/issue/OPS-7"]
    if transition:
        paths += [f"{how} /rest/api/2/issue/OPS-7/transitions" for how in ("GET", "POST")]
        assert server.requests[-1].json == {"transition": {"id": transition}}
    assert server.paths == paths


async def test_texts_that_are_not_to_be_changed_stay() -> None:
    text = (
        "summary: {template: s, enable_update: false}, "
        "description: {template: d, enable_update: false}"
    )
    changed = (await served(text, "new")).requests[1].json["fields"]
    assert not {"summary", "description"} & changed.keys()
    created = (await served(text, None)).requests[1].json["fields"]
    assert (created["summary"], created["description"]) == ("s", "d")


async def test_refusals_say_what_was_tried() -> None:
    async with receiving() as server, deps_of() as deps:
        integration = Jira(config_of("resolve_transition: None", server.address), deps, index=0)
        server.answers = [(429, "slow")]
        with pytest.raises(NotifyFailed) as first:
            await sent(integration)
        server.answers = [(200, {"issues": []}), (400, "bad field")]
        with pytest.raises(NotifyFailed) as second:
            await sent(integration)
        status = {"statusCategory": {"key": "new"}}
        issue = {"key": "OPS-7", "fields": {"status": status}}
        server.answers = [(200, {"issues": [issue]}), (204, ""), (200, TRANSITIONS)]
        with pytest.raises(NotifyFailed) as third:
            await sent(integration, a_message(is_firing=False))
    assert [(str(f.value), f.value.is_retryable) for f in (first, second, third)] == [
        (
            (
                "failed to look up existing issues: HTTP request to JIRA API: "
                "unexpected status code 429: slow"
            ),
            True,
        ),
        ('failed to POST request to "issue": unexpected status code 400: bad field', False),
        ("can't find transition None for issue OPS-7", False),
    ]


def test_the_fields_of_an_issue() -> None:
    found = fields_of("""
        summary: 's {{ .Status }}', description: 'd', priority: High,
        labels: [z, 'team-{{ .CommonLabels.severity }}'],
        fields: {customfield_1: {value: '{{ .CommonLabels.instance }}'}, components: [{name: a}]}
    """)
    labels = found.pop("labels")
    assert labels[1:] == ["team-page", "z"]
    assert found == {
        "project": {"key": "OPS"},
        "issuetype": {"name": "Bug"},
        "summary": "s firing",
        "description": "d",
        "priority": {"name": "High"},
        "customfield_1": {"value": "n1"},
        "components": [{"name": "a"}],
    }


def test_the_defaults() -> None:
    found = fields_of()
    assert found["summary"] == "[FIRING:1] HighLoad (n1 page)"
    assert "# Alerts Firing:" in found["description"]
    assert "priority" not in found


def test_texts_are_cut() -> None:
    long = "'{{ .CommonAnnotations.long }}'"
    found = fields_of(f"summary: {long}, description: {long}", long="x" * 40_000)
    assert (len(found["summary"]), len(found["description"])) == (255, 32_767)


def test_version_3_gets_documents() -> None:
    url = "https://jira/rest/api/3/"
    own = '{"type": "doc", "version": 1, "content": []}'
    assert fields_of(f"description: '{own}'", url)["description"]["content"] == []
    assert fields_of("description: x", url)["description"] == as_document("x")
    assert "description" not in fields_of("description: ' '", url)
    assert as_document("a\n\nb") == {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "hardBreak"},
                    {"type": "hardBreak"},
                    {"type": "text", "text": "b"},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("text", "is_firing", "expected"),
    [
        ("", True, "statusCategory != Done and "),
        ("reopen_transition: R", True, "statusCategory != Done and "),
        (
            *("reopen_transition: R, reopen_duration: 2h", True),
            "(resolutiondate is EMPTY OR resolutiondate >= -120m) and ",
        ),
        ("reopen_transition: R, reopen_duration: 2h", False, "statusCategory != Done and "),
        (
            *(f'wont_fix_resolution: "{NOT_FIXED}"', True),
            f'(resolution is EMPTY or resolution != "{NOT_FIXED}") and statusCategory != Done and ',
        ),
    ],
)
def test_the_query(*, text: str, is_firing: bool, expected: str) -> None:
    found = search(config_of(text), a_message(is_firing=is_firing), project="P")
    assert found.startswith(expected + 'project="P" and labels="ALERT{')


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("auto", "https://j/rest/api/2", "https://j/rest/api/2/search"),
        ("cloud", "https://j/rest/api/2", "https://j/rest/api/3/search/jql"),
        ("auto", f"{CLOUD}/rest/api/2/", f"{CLOUD}/rest/api/3/search/jql"),
        ("datacenter", f"{CLOUD}/rest/api/2", f"{CLOUD}/rest/api/2/search"),
    ],
)
def test_where_issues_are_looked_for(kind: str, url: str, expected: str) -> None:
    assert search_url(config_of(f"api_type: {kind}", url)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("issue_type: Bug", "missing project in jira_config"),
        ("project: P", "missing issue_type in jira_config"),
        (
            f"{{{BASE}, api_type: server}}",
            "unknown api_type on jira_config, must be auto, cloud or datacenter",
        ),
        (f"{{{BASE}, custom_fields: {{a: b}}}}", "unknown key 'custom_fields'"),
        (f"{{{BASE}, summary: {{text: a}}}}", "unknown key 'text'"),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert [message in found for found in errors_of(JiraConfig, text)] == [True]
