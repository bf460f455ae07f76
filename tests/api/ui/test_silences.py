from __future__ import annotations

from urllib.parse import quote

import pytest

from appliance.wire.alertmanager.times import print_time
from tests.api.alertmanager_app import HOUR_NS
from tests.api.ui.alert_site import FORM, Site


async def test_a_silence_is_made_shown_and_ended(site: Site) -> None:
    await site.fire(alertname="Down")
    text = await site.page("/silences/new?m=" + quote(FORM["m"]))
    assert "matches 1 alert now" in text
    assert "appliance silence add &#39;alertname=&#34;Down&#34;&#39;" in text
    assert "amtool silence add" in text
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    text = await site.page(at)
    assert "upgrade &lt;b&gt;" in text
    assert "Alerts that match: 1" in text
    assert "<strong>2 h</strong>" in await site.page("/silences")
    assert "1 alert silenced now" in await site.page("/silences")
    assert (await site.client.get(at + ".json")).json["silence"]["state"] == "active"
    assert (await site.client.get(at + "/edit")).status == 200
    assert (await site.submit(at, {})).status == 303
    assert [one["state"] for one in (await site.client.get("/silences.json")).json["expired"]]
    assert "End it now" not in await site.page(at)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"m": ""}, "at least one matcher"),
        ({"m": "{a"}, "write m=alertname"),
        ({"by": " "}, "say who silences"),
        ({"duration": "soon"}, "not a valid duration"),
        ({"duration": "0"}, "must last some time"),
    ],
)
async def test_a_form_that_cannot_be_used_is_shown_again(
    site: Site, change: dict[str, str], reason: str
) -> None:
    answer = await site.submit("/silences/new", FORM | change)
    assert answer.status == 400
    assert reason in answer.text
    assert "upgrade &lt;b&gt;" in answer.text
    assert site.api.alertmanager.silences.all() == []


async def test_only_those_who_may_change_silences(site: Site) -> None:
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    for path in ("/silences/new", at):
        wrong = await site.submit(path, FORM, token="guess")
        assert wrong.status == 401
        assert wrong.headers["WWW-Authenticate"].startswith("Basic")
        assert (await site.submit(path, FORM, origin="http://evil.test")).status == 403
    (silence,) = site.api.alertmanager.silences.all()
    assert silence.ends_ns > site.api.clock.now_ns()


async def test_an_unknown_silence_says_where_there_are_some(site: Site) -> None:
    assert "Those there are: /silences" in await site.page("/silences/nothing", 404)


async def test_a_silence_is_extended_and_edited(site: Site) -> None:
    await site.fire(alertname="Down")
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    (before,) = site.api.alertmanager.silences.all()
    answer = await site.submit(at, {"extend": "1h", "back": "/silences"})
    assert answer.headers["Location"] == "/silences"
    (after,) = site.api.alertmanager.silences.all()
    assert after.ends_ns - before.ends_ns == HOUR_NS
    text = await site.page(at + "/edit")
    assert "upgrade &lt;b&gt;" in text
    times = {"starts": print_time(after.starts_ns), "ends": print_time(after.ends_ns)}
    change = {**FORM, **times, "duration": "", "comment": "longer"}
    assert (await site.submit(at + "/edit", change)).headers["Location"] == at
    (edited,) = site.api.alertmanager.silences.all()
    assert (edited.comment, edited.starts_ns) == ("longer", after.starts_ns)
    other = {**change, "m": 'alertname="Other"', "duration": "1h"}
    assert (await site.submit(at + "/edit", other)).headers["Location"] != at
    assert len((await site.client.get("/silences.json")).json["expired"]) == 1
    answer = await site.submit(at, {"extend": "1h"})
    assert answer.status == 400
    assert "is over" in answer.text


async def test_a_silence_may_begin_later(site: Site) -> None:
    await site.fire(alertname="Down")
    starts_ns = site.api.clock.now_ns() + HOUR_NS
    answer = await site.submit("/silences/new", {**FORM, "starts": print_time(starts_ns)})
    assert answer.status == 303
    (pending,) = (await site.client.get("/silences.json")).json["pending"]
    assert pending["alerts"] == 1
    assert pending["ends_ns"] - pending["starts_ns"] == 2 * HOUR_NS
    assert "1 alert would match" in await site.page("/silences")
    answer = await site.submit("/silences/new", {**FORM, "starts": "tomorrow"})
    assert "is no time" in answer.text
