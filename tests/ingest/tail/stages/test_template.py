"""Extracted values made by templates."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from tests.ingest.tail.stages.piping import one, pipeline


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ .Value }}-{{ .job }}-{{ .Entry }}", "1-j-line"),
        ("{{ .Value | upper | quote }}", '"1"'),
        ("{{ .none }}", "<no value>"),
        ("{{ if .none }}x{{ else }}y{{ end }}", "y"),
        (
            "{{ if eq .job `j` }}{{ range splitList `,` `a,b` }}<{{ . }}>{{ end }}{{ end }}",
            "<a><b>",
        ),
        ("{{ TrimSpace (Replace .Entry `l` ` ` -1) }}", "ine"),
        ("{{ regexReplaceAll `(i)` .Entry `<$1>` }}", "l<i>ne"),
    ],
)
def test_templates(template: str, expected: str) -> None:
    config = f"""
        - regex: {{expression: '(?P<x>)'}}
        - template: {{source: x, template: '1'}}
        - template: {{source: x, template: '{template}'}}
    """
    assert one(config, "line", job="j").extracted["x"] == expected


def test_digests() -> None:
    entry = one(
        "- template: {source: x, template: '{{ Hash `s` .Entry }} {{ Sha2Hash `` `a` }}'}", "l"
    )
    sha3, sha2 = entry.extracted["x"].split()
    assert len(sha3) == 64
    assert sha2 == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_an_empty_result_removes_the_value_and_a_failure_keeps_it() -> None:
    assert "job" not in one("- template: {source: job, template: ''}", "x", job="j").extracted
    kept = one("- template: {source: job, template: '{{ div 1 0 }}'}", "x", job="j")
    assert kept.extracted == {"job": "j"}


def test_what_is_no_template() -> None:
    message = (
        "job 'test': invalid template stage: template: pipeline_template:1: function \"x\" not"
    )
    with pytest.raises(BadInput, match="invalid template stage") as caught:
        pipeline("- template: {source: a, template: '{{ x }}'}")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("template", ["{{ trunc -1 .Entry }}", "{{ fromJson .json }}"])
def test_what_is_left_of_a_letter_can_be_worked_on(template: str) -> None:
    found = one(
        f"""
        - regex: {{expression: '(?P<json>".*")'}}
        - template: {{source: cut, template: '{template}'}}
        - metrics: {{c: {{type: Counter, source: cut, config: {{action: add}}}}}}
        - output: {{source: cut}}
        - pack: {{labels: []}}
        """,
        '"\\ud800"é',
    )
    assert found.line == '{"_entry":"\ufffd"}'
