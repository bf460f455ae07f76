"""Defaults, JSON, encodings, lists and maps in templates."""

from __future__ import annotations

import pytest

from appliance.gotemplate.sprig.data import decode_base64
from tests.gotemplate.sprig.drawing import drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ .empty | default "-" }}{{ .name | default "-" }}{{ default "-" }}', "-Ada-"),
        ('{{ coalesce "" 0 "x" }} {{ ternary "y" "n" true }} {{ empty .empty }}', "x y true"),
        ('{{ fromJson `{"foo": 55, "l": [1, 2.5, "x"]}` }}', "map[foo:55 l:[1 2.5 x]]"),
        ('{{ (fromJson `{"a": {"b": true}}`).a.b }} {{ fromJson "x" }}', "true <no value>"),
        ('{{ fromJson "NaN" }} {{ fromJson "1e6" }}', "<no value> 1e+06"),
        (
            '{{ toJson (dict "b" 1.0 "a" (list "<" nil true)) }}',
            '{"a":["\\u003c",null,true],"b":1}',
        ),
        ('{{ toRawJson "<ü>" }}', '"<ü>"'),
        ('{{ b64enc .name }} {{ b64dec "QWRh" }}', "QWRh Ada"),
        ('{{ sha1sum "a" }}', "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ('{{ trunc 8 (sha256sum "a") }} {{ trunc 8 (md5sum "a") }}', "ca978112 0cc175b9"),
        ('{{ regexReplaceAll "(d)" .name "<$1>" }}', "A<d>a"),
        ('{{ regexReplaceAllLiteral "(d)" .name "<$1>" }}', "A<$1>a"),
        (
            '{{ regexMatch "^A" .name }} {{ regexFind "[a-z]+" .name }}|{{ regexFind "9" .name }}',
            "true da|",
        ),
        (
            '{{ regexMatch "(" .name }}',
            "error calling regexMatch: error parsing regexp: missing closing ): `(`",
        ),
        ("{{ first (list 1 2) }}{{ last (list 1 2) }}{{ has 2 (list 1 2) }}", "12true"),
        ('{{ $d := dict "k" "v" }}{{ get $d "k" }}{{ hasKey $d "x" }}{{ keys $d }}', "vfalse[k]"),
        ('{{ dig "a" "b" "none" (dict "a" (dict "b" 7)) }} {{ dig "z" "none" (dict) }}', "7 none"),
        (
            '{{ reverse (list 1 2) }}{{ uniq (list 1 1 2) }}{{ sortAlpha (list "b" "a") }}',
            "[2 1][1 2][a b]",
        ),
        ('{{ fail "no" }}', "error calling fail: no"),
        ("{{ kindOf (list) }} {{ typeOf .name }} {{ compact (list 0 1) }}", "slice string [1]"),
    ],
)
def test_data_functions(text: str, expected: str) -> None:
    assert drawn(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aGVsbG8=", "hello"),
        ("aGVsbG8", "hello"),
        ("aGVs\nbG8=", "hello"),
        ("", ""),
        ("-3s", "illegal base64 data at input byte 0"),
        ("1.5s", "illegal base64 data at input byte 1"),
        ("2m30s", "illegal base64 data at input byte 4"),
    ],
)
def test_base64(text: str, expected: str) -> None:
    assert decode_base64(text) == expected
