"""Functions of Prometheus' templates that only rules have."""

from __future__ import annotations

import pytest

from appliance.rules.template_functions import strip_domain, strip_port
from tests.rules.test_templates import expanded


@pytest.mark.parametrize(
    ("address", "host", "short"),
    [
        ("web.example.org:80", "web.example.org", "web:80"),
        ("web.example.org", "web.example.org", "web"),
        ("1.2.3.4:80", "1.2.3.4", "1.2.3.4:80"),
        ("[::1]:80", "::1", "[::1]:80"),
        ("::1", "::1", "::1"),
        ("a:b:c", "a:b:c", "a:b:c"),
        ("", "", ""),
    ],
)
def test_parts_of_addresses(address: str, host: str, short: str) -> None:
    assert strip_port(address) == host
    assert strip_domain(address) == short


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('graphLink "up{a=\\"b\\"} > 1"', "/graph?g0.expr=up%7Ba%3D%22b%22%7D+%3E+1&g0.tab=0"),
        ('tableLink "x y"', "/graph?g0.expr=x+y&g0.tab=1"),
        ('(args 1 "b").arg1', "b"),
        ("query \"load{host='a'}\" | first | value", "1"),
        ('query "load{host=\'a\'}" | first | label "host"', "a"),
        ("query \"load{host='a'}\" | first | strvalue | len", "0"),
        ('query "1 + 1" | first | value', "2"),
        ('sortByLabel "x" nil | len', "0"),
    ],
)
def test_results(text: str, expected: str) -> None:
    assert expanded("{{ " + text + " }}") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("first nil", "first() called on vector with no elements"),
        ("value nil", "runtime error: invalid memory address or nil pointer dereference"),
        ('query "load[5m]"', "rule result is not a vector or scalar"),
        ('query "load" | value', "expected *template.sample; got template.queryResult"),
        ("first 1", "can't handle 1 for arg of type template.queryResult"),
    ],
)
def test_errors(text: str, message: str) -> None:
    assert expanded("{{ " + text + " }}").endswith(f"{message}>")
