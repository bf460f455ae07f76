"""Functions on text in templates."""

from __future__ import annotations

import pytest

from tests.gotemplate.sprig.drawing import drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .name | upper }}{{ ToLower .name }}{{ .name | ToUpper | lower }}", "ADAadaada"),
        ("[{{ .text | trim }}] [{{ TrimSpace .text }}]", "[größer <b>] [größer <b>]"),
        ('{{ trimAll "Aa" .name }}{{ Trim .name "A" }}{{ TrimLeft .name "A" }}', "ddada"),
        ('{{ TrimRight .name "a" }}{{ trimPrefix "A" .name }}{{ trimSuffix "a" .name }}', "AddaAd"),
        ('{{ TrimPrefix .name "A" }}{{ TrimSuffix .name "x" }}{{ Trim .name "" }}', "daAdaAda"),
        ('{{ Replace .list "," "" 1 }} {{ replace "," "" .list }}', "ab,c abc"),
        ('{{ Replace "ab" "" "-" -1 }} {{ Replace "ab" "a" "x" 0 }}', "-a-b- ab"),
        ("{{ substr 0 2 .name }}{{ substr 1 99 .name }}{{ substr -1 1 .name }}", "AddaA"),
        (
            "{{ substr 1 -1 .name }}{{ trunc 1 .name }}{{ trunc -2 .name }}{{ trunc 9 .name }}",
            "daAdaAda",
        ),
        (
            "{{ substr 2 1 .name }}",
            "error calling substr: runtime error: slice bounds out of range [2:1]",
        ),
        (
            '{{ contains "d" .name }}{{ hasPrefix "A" .name }}{{ hasSuffix "A" .name }}',
            "truetruefalse",
        ),
        ('{{ indent 2 "a\\nb" }}|{{ nindent 1 "c" }}', "  a\n  b|\n c"),
        ('{{ repeat 3 .name }}{{ "x" | repeat 0 }}', "AdaAdaAda"),
        ("{{ repeat -1 .name }}", "error calling repeat: strings: negative Repeat count"),
        (
            "{{ repeat 99999999 .name }}",
            "error calling repeat: strings: Repeat output length overflow",
        ),
        ('{{ title "ab cd-ef gh_ij k\'l" }}', "Ab Cd-Ef Gh_ij K'L"),
        (
            '{{ quote .name 1 }} {{ squote .name }} {{ cat "a" 1 nil "b" }}',
            '"Ada" "1" \'Ada\' a 1 b',
        ),
        ('{{ join "-" (splitList "," .list) }} {{ (split "," .list)._1 }}', "a-b-c b"),
        (
            '{{ (splitn "," 2 .list)._1 }} {{ plural "one" "many" 2 }} {{ toString 5 }}',
            "b,c many 5",
        ),
    ],
)
def test_text_functions(text: str, expected: str) -> None:
    assert drawn(text) == expected


def test_letters_cut_in_two_keep_their_bytes() -> None:
    cut = drawn("{{ substr 4 6 .text }}|{{ trunc -13 .text }}")
    first, second = cut.split("|")
    assert first.encode("utf-8", "surrogateescape") == b"\xc3\xb6"
    assert second.encode("utf-8", "surrogateescape") == "  größer <b> ".encode()[-13:]
    assert "\udcb6" in drawn("{{ trunc 5 .text }}{{ substr 5 6 .text }}")
