"""Pages: no entry is lost, none comes twice."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, LimitExceeded
from appliance.logql.parser import parse_matchers
from appliance.model.labels import Labels
from appliance.model.matcher import matches_all
from appliance.transfer.logs.pages import PAGE, Selection, fetch, pages
from appliance.transfer.session import Session

Entry = tuple[str, int, str]


class PlainLoki(Session):
    """Entries (pod, time, line) in a list; of equal times a full page has the last ones."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__("http://nowhere", ManualClock())
        self.entries = entries
        self.asked: list[Mapping[str, str]] = []

    def form(
        self, path: str, given: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> bytes:
        assert urllib.parse.urlencode(given)
        start, end = int(given["start"]), int(given["end"])
        matchers = parse_matchers(given.get("query", given.get("match[]", "")))
        found = [
            (self.labels(pod), time, line)
            for pod, time, line in self.entries
            if start <= time < end and matches_all(matchers, self.labels(pod))
        ]
        if path.endswith("/series"):
            return orjson.dumps({"data": [dict(one) for one in {one for one, _, _ in found}]})
        assert headers
        self.asked.append(given)
        sign = -1 if given["direction"] == "backward" else 1
        found.sort(
            key=lambda entry: (
                sign * entry[1],
                -self.entries.index((entry[0].get("pod"), *entry[1:])),
            )
        )
        streams: dict[Labels, list[list[str]]] = {}
        for labels, time, line in found[: int(given["limit"])]:
            streams.setdefault(labels, []).append([str(time), line])
        result = [{"stream": dict(labels), "values": rows} for labels, rows in streams.items()]
        return orjson.dumps({"data": {"resultType": "streams", "result": result}})

    @staticmethod
    def labels(pod: str) -> Labels:
        return Labels.of({"app": "x", "pod": pod})


@given(
    entries=st.lists(
        st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 9), st.sampled_from("xyz")),
        max_size=30,
        unique=True,
    ),
    page=st.integers(4, 8),
    backward=st.booleans(),
)
def test_every_entry_comes_once(entries: list[Entry], page: int, *, backward: bool) -> None:
    server = PlainLoki(entries)
    wanted = Selection('{app="x"}', 1, 9, is_backward=backward, page=page)
    found = [
        (row.stream.get("pod", ""), row.time_ns, row.line)
        for rows in pages(server, wanted)
        for row in rows
    ]
    assert sorted(found) == sorted(entry for entry in entries if 1 <= entry[1] < 9)
    times = [time for _, time, _ in found]
    assert times == sorted(times, reverse=backward)


def test_a_page_that_is_not_full_is_the_last() -> None:
    server = PlainLoki([("a", 1, "x"), ("a", 2, "y")])
    assert [len(rows) for rows in pages(server, Selection('{app="x"}', 0, 9))] == [2]
    assert [given["limit"] for given in server.asked] == [str(PAGE)]


def test_a_nanosecond_of_one_stream_that_is_too_full() -> None:
    server = PlainLoki([("a", 1, str(number)) for number in range(5)])
    with pytest.raises(LimitExceeded, match="more than 4 entries in the nanosecond 1"):
        list(pages(server, Selection('{app="x"}', 0, 9, page=4)))


def test_numbers_are_no_entries() -> None:
    class Numbers(PlainLoki):
        def form(
            self, path: str, given: Mapping[str, str], headers: Mapping[str, str] | None = None
        ) -> bytes:
            del path, given, headers
            return b'{"data":{"resultType":"matrix","result":[]}}'

    with pytest.raises(BadInput, match="gives numbers"):
        fetch(Numbers([]), Selection("1", 0, 9))
