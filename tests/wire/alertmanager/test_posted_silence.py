"""Bodies of `POST /api/v2/silences`."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from appliance.model.matcher import Matcher, MatchOp
from appliance.wire.alertmanager.fields import BodyRefused
from appliance.wire.alertmanager.posted_silence import PostedSilence, read_silence

WHOLE: dict[str, Any] = {
    "matchers": [{"name": "a", "value": "b", "isRegex": False}],
    "startsAt": "1970-01-01T00:00:01Z",
    "endsAt": "1970-01-01T00:00:02Z",
    "createdBy": "me",
    "comment": "c",
}


def body(**changes: Any) -> bytes:
    given = WHOLE | changes
    return orjson.dumps({name: value for name, value in given.items() if value != "absent"})


def test_all_fields() -> None:
    matchers = [
        {"name": "a", "value": "b", "isRegex": is_regex, "isEqual": is_equal}
        for is_regex in (False, True)
        for is_equal in (True, False)
    ]
    found = read_silence(body(matchers=matchers, id="x", annotations={"k": "v"}, status={"s": 1}))
    ops = (MatchOp.EQUAL, MatchOp.NOT_EQUAL, MatchOp.REGEX, MatchOp.NOT_REGEX)
    assert found == PostedSilence(
        "x", tuple(Matcher("a", op, "b") for op in ops), 10**9, 2 * 10**9, "me", "c", {"k": "v"}
    )


def test_what_may_be_left_out() -> None:
    found = read_silence(body(createdBy="", comment="", id=None, annotations=None))
    assert (found.id, found.created_by, found.comment, found.annotations) == ("", "", "", {})
    assert found.matchers == (Matcher("a", MatchOp.EQUAL, "b"),)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (b"", 602, "silence in body is required"),
        (b"{}", 602, "comment in body is required"),
        (b"null", 602, "comment in body is required"),
        (body(comment=None), 602, "comment in body is required"),
        (body(createdBy="absent"), 602, "createdBy in body is required"),
        (body(endsAt="absent"), 602, "endsAt in body is required"),
        (body(startsAt="absent"), 602, "startsAt in body is required"),
        (body(matchers="absent"), 602, "matchers in body is required"),
        (body(matchers=[]), 612, "matchers in body should have at least 1 items"),
        (body(matchers=[{}]), 602, "matchers.0.isRegex in body is required"),
        (body(matchers=[None]), 602, "matchers.0.isRegex in body is required"),
        (
            body(matchers=[{"name": "a", "isRegex": True}]),
            602,
            "matchers.0.value in body is required",
        ),
    ],
)
def test_what_is_missing(given: bytes, code: int, message: str) -> None:
    with pytest.raises(BodyRefused) as error:
        read_silence(given)
    assert (error.value.code, error.value.message) == (code, message)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (b"[]", 'array into Go value of type struct { ID string "json:\\"id,omitempty\\"" }'),
        (body(id=1), "number into Go struct field .id of type string"),
        (body(comment=1), "number into Go struct field Silence.comment of type string"),
        (
            body(matchers="x"),
            "string into Go struct field Silence.matchers of type models.Matchers",
        ),
        (
            body(matchers=[{"name": 1}]),
            "number into Go struct field Silence.matchers.0.name of type string",
        ),
        (
            body(matchers=[{"isRegex": "yes"}]),
            "string into Go struct field Silence.matchers.0.isRegex of type bool",
        ),
        (
            body(annotations={"a": 1}),
            "number into Go struct field Silence.annotations.a of type string",
        ),
    ],
)
def test_fields_of_the_wrong_kind(given: bytes, what: str) -> None:
    with pytest.raises(BodyRefused) as error:
        read_silence(given)
    prefix = 'parsing silence body from "" failed, because json: cannot unmarshal '
    assert (error.value.code, error.value.message) == (400, prefix + what)
