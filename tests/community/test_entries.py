"""Staff looks at activities: held, released, taken back."""

import asyncio
from datetime import timedelta

import pytest

from community.members import merging
from gamification.by_hand.limits import Limits, keep_to
from gamification.recognition import replay
from ground import clock
from ground.engine import fetch, fetchval
from ground.roles import Role
from tests.community.conftest import OPERATOR
from tests.community.telling import points_of, review, tell

pytestmark = pytest.mark.usefixtures("catalogue")

REASON = {"reason": {"fr": "Trois avis en une minute.", "en": "Three reviews in a minute."}}


@pytest.fixture
async def mona(member):
    return await member("Mona", Role.MODERATOR)


@pytest.fixture
async def max_(member):
    return await member("Max", Role.MANAGER)


async def told(client, crm, *activities):
    return [result["id"] for result in await tell(client, crm, *activities)]


async def put(client, by, entry_id, what, body=REASON):
    address = f"/v1/manage/activities/{entry_id}/{what}"
    return await client.put(address, json=body, headers=by.headers)


async def done(client, by, entry_id, what):
    answer = await put(client, by, entry_id, what)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ledger(client, someone, language="en"):
    headers = someone.headers | {"Accept-Language": language}
    return (await client.get("/v1/me/activities", headers=headers)).json()["items"]


async def badges(client, someone):
    page = (await client.get("/v1/me/badges", headers=someone.headers)).json()
    return [each["slug"] for each in page["items"]]


async def test_what_is_held_counts_nowhere_and_the_member_is_told_why(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    held = await done(client, mona, entry, "hold")

    assert (held["stands"], held["points"]) == ("held", 0)
    assert held["held_by"]["name"] == "Mona"
    assert await points_of(alice) == 0
    assert await badges(client, alice) == []
    assert await fetchval("SELECT coalesce(sum(points), 0) FROM board_points") == 0
    [line] = await ledger(client, alice)
    assert (line["id"], line["stands"], line["points"]) == (entry, "held", 0)
    assert line["told"] == "Three reviews in a minute."
    assert line["says"].startswith("The team is having a closer look")
    [line] = await ledger(client, alice, "fr")
    assert line["told"] == "Trois avis en une minute."
    assert line["says"].startswith("L’équipe regarde cette activité")
    assert await replay.check() == []


async def test_what_is_released_counts_as_if_it_had_never_been_held(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    before = await ledger(client, alice)
    await done(client, mona, entry, "hold")
    with clock.shifted(timedelta(days=3)):
        released = await done(client, mona, entry, "release")

    assert released["stands"] == "counts"
    assert await ledger(client, alice) == before
    assert await badges(client, alice) == ["first-review"]
    why = (await client.get("/v1/me/badges/first-review", headers=alice.headers)).json()
    [award] = why["awards"]
    assert [each["id"] for each in award["activities"]] == [entry]
    assert award["awarded_at"] == "2026-11-20T12:00:00Z"
    assert await replay.check() == []


async def test_an_activity_can_be_held_again_and_again(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    for _ in range(3):
        await done(client, mona, entry, "hold")
        assert await points_of(alice) == 0
        await done(client, mona, entry, "release")
        assert await points_of(alice) == 5

    assert len(await ledger(client, alice)) == 1
    assert await replay.check() == []


async def test_doing_it_twice_changes_nothing(client, alice, mona, max_, crm):
    [entry] = await told(client, crm, review(alice.id))
    for what, by in (("hold", mona), ("release", mona), ("reversal", max_)):
        first = await done(client, by, entry, what)
        rows = await fetchval("SELECT count(*) FROM ledger_entry")
        assert await done(client, by, entry, what) == first
        assert await fetchval("SELECT count(*) FROM ledger_entry") == rows

    acts = await fetch("SELECT action FROM audit_entry WHERE subject = $1", f"activity:{entry}")
    assert [row["action"] for row in acts] == [
        "activities.held",
        "activities.released",
        "activities.reversed",
    ]


async def test_at_once_it_is_held_once(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))

    answers = await asyncio.gather(*(put(client, mona, entry, "hold") for _ in range(6)))

    assert {each.status_code for each in answers} == {200}
    assert await fetchval("SELECT count(*) FROM entry_hold") == 1
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 2


async def test_what_is_held_can_be_taken_back_for_good(client, alice, mona, max_, crm):
    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    taken = await done(client, max_, entry, "reversal")
    late = await put(client, mona, entry, "release")
    again = await put(client, mona, entry, "hold")

    assert (taken["stands"], taken["decided_by"]["name"]) == ("taken_back", "Max")
    assert (late.status_code, late.json()["code"]) == (409, "already_reversed")
    assert (again.status_code, again.json()["code"]) == (409, "already_reversed")
    assert await points_of(alice) == 0
    [line] = await ledger(client, alice)
    assert (line["stands"], line["points"]) == ("taken_back", 0)
    assert line["told"] == "Three reviews in a minute."


async def test_what_its_source_takes_back_while_it_is_held_stays_taken_back(
    client, alice, mona, crm
):
    [entry] = await told(client, crm, review(alice.id, "order-1"))
    await done(client, mona, entry, "hold")
    body = {"keys": ["order-1"]}
    first = await client.post("/v1/activities/reversals", json=body, headers=crm)
    again = await client.post("/v1/activities/reversals", json=body, headers=crm)
    late = await put(client, mona, entry, "release")

    assert first.json()["results"][0]["status"] == "reversed"
    assert again.json()["results"][0]["status"] == "duplicate"
    assert (late.status_code, late.json()["code"]) == (409, "already_reversed")
    assert await points_of(alice) == 0
    assert (await client.get("/v1/manage/holds", headers=mona.headers)).json()["items"] == []


async def test_its_source_takes_back_what_was_released(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    await done(client, mona, entry, "release")
    answer = await client.put(f"/v1/activities/{entry}/reversal", json={}, headers=crm)

    assert answer.status_code == 200
    assert await points_of(alice) == 0
    inverse, line = await ledger(client, alice)
    assert (inverse["reverses"], inverse["points"]) == (entry, -5)
    assert (line["stands"], line["points"]) == ("taken_back", 5)
    assert await replay.check() == []


async def test_a_key_that_was_held_and_released_is_still_a_duplicate(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    [held] = await tell(client, crm, review(alice.id))
    await done(client, mona, entry, "release")
    [released] = await tell(client, crm, review(alice.id))

    assert (held["status"], released["status"]) == ("duplicate", "duplicate")
    assert await points_of(alice) == 5


async def test_held_and_taken_back_at_once_ends_taken_back(client, alice, mona, crm):
    entries = await told(client, crm, *(review(alice.id, f"r{n}") for n in range(5)))

    await asyncio.gather(
        *(put(client, mona, entry, "hold") for entry in entries),
        *(
            client.put(f"/v1/activities/{entry}/reversal", json={}, headers=crm)
            for entry in entries
        ),
    )

    assert await points_of(alice) == 0
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE reverses IS NOT NULL") == 5
    assert await fetchval("SELECT count(*) FROM entry_hold WHERE state = 'held'") == 0
    assert await replay.check() == []


async def test_nobody_decides_about_their_own(client, mona, max_, crm):
    [entry] = await told(client, crm, review(max_.id))

    for what in ("hold", "release", "reversal"):
        answer = await put(client, max_, entry, what)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_recognition")
    assert await points_of(max_) == 5


async def test_moderators_hold_and_managers_take_back(client, alice, bob, mona, crm):
    [entry] = await told(client, crm, review(alice.id))

    assert (await put(client, mona, entry, "reversal")).json()["code"] == "role_needed"
    assert (await put(client, bob, entry, "hold")).json()["code"] == "role_needed"
    assert await points_of(alice) == 5


async def test_what_was_never_held_isnt_released(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    answer = await put(client, mona, entry, "release")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_held")


async def test_what_takes_an_activity_back_is_none(client, alice, mona, max_, crm):
    [entry] = await told(client, crm, review(alice.id))
    await client.put(f"/v1/activities/{entry}/reversal", json={}, headers=crm)
    inverse = await fetchval("SELECT id FROM ledger_entry WHERE reverses IS NOT NULL")

    for entry_id in (inverse, 999_999_999):
        for what in ("hold", "release", "reversal"):
            answer = await put(client, max_, entry_id, what)
            assert (answer.status_code, answer.json()["code"]) == (404, "entry_not_found")
    assert (await put(client, mona, entry, "hold")).json()["code"] == "already_reversed"


@pytest.mark.parametrize(
    "body", [{}, {"reason": {}}, {"reason": {"en": " "}}, {"reason": {"en": "a" * 501}}, []]
)
async def test_a_look_takes_a_reason(client, alice, mona, crm, body):
    [entry] = await told(client, crm, review(alice.id))
    answer = await put(client, mona, entry, "hold", body)

    assert answer.status_code == 422
    assert await points_of(alice) == 5


async def test_the_queue_tells_who_holds_what_since_when(client, alice, bob, mona, max_, crm):
    entries = await told(client, crm, *(review(alice.id, f"r{n}") for n in range(2)))
    entries += await told(client, crm, review(bob.id))
    for entry, by in zip(reversed(entries), [mona, max_, mona], strict=True):
        await done(client, by, entry, "hold")
    seen, cursor = [], None
    while cursor is not None or not seen:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/manage/holds", params=params, headers=mona.headers)).json()
        seen += page["items"]
        cursor = page["next_cursor"]

    assert [(each["id"], each["held_by"]["name"]) for each in seen] == [
        (entries[2], "Mona"),
        (entries[1], "Max"),
        (entries[0], "Mona"),
    ]
    assert [each["member"]["name"] for each in seen] == ["Bob", "Alice", "Alice"]


async def test_staff_reads_a_members_ledger(client, alice, mona, crm, shop):
    visit = review(alice.id, "v", kind="visit", subject="shop:1")
    [first, _] = await told(client, crm, review(alice.id), visit)
    await told(client, shop, review(alice.id, "s", kind="visit"))
    await done(client, mona, first, "hold")
    address = f"/v1/manage/members/{alice.id}/activities"

    async def keys(**params):
        answer = await client.get(address, params=params, headers=mona.headers)
        return [each["key"] for each in answer.json()["items"]]

    assert await keys() == ["s", "v", "review-1"]
    assert await keys(kind="visit") == ["s", "v"]
    assert await keys(source="shop") == ["s"]
    assert await keys(subject="shop:1") == ["v"]
    assert await keys(held="true") == ["review-1"]
    assert await keys(kind="no-such") == []


async def test_a_ledger_of_nobody(client, mona, bob):
    nobody = "6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11"
    address = f"/v1/manage/members/{nobody}/activities"

    assert (await client.get(address, headers=mona.headers)).json()["code"] == "member_not_found"
    assert (await client.get(address, headers=bob.headers)).json()["code"] == "role_needed"


async def test_much_is_taken_back_by_two(client, alice, mona, max_, crm):
    """T30: above a limit, one looks and another decides."""
    big = review(alice.id, "big", kind="visit", quantity=501)
    [entry] = await told(client, crm, big)
    alone = await put(client, max_, entry, "reversal")
    await done(client, max_, entry, "hold")
    still_alone = await put(client, max_, entry, "reversal")
    await done(client, max_, entry, "release")
    await done(client, mona, entry, "hold")
    both = await put(client, max_, entry, "reversal")

    assert (alone.status_code, alone.json()["code"]) == (409, "second_word_needed")
    assert still_alone.json()["code"] == "second_word_needed"
    assert both.status_code == 200, both.text
    assert await points_of(alice) == 0


async def test_the_limit_of_taking_back_isnt_dodged_by_splitting(client, alice, bob, max_, crm):
    keep_to(Limits(members=1, points=500))
    visits = [review(alice.id, f"v{n}", kind="visit", quantity=300) for n in range(2)]
    first, second = await told(client, crm, *visits)
    [other] = await told(client, crm, review(bob.id))

    answers = [await put(client, max_, each, "reversal") for each in (first, second, other)]
    keep_to(Limits())

    assert [each.status_code for each in answers] == [200, 409, 409]
    assert await points_of(alice) == 300


async def test_what_is_held_when_accounts_become_one_is_released_to_the_survivor(
    client, alice, bob, mona, crm
):
    held, free = await told(client, crm, review(bob.id, "a"), review(bob.id, "b"))
    await done(client, mona, held, "hold")
    await done(client, mona, free, "hold")
    await done(client, mona, free, "release")
    await merging.merge(bob.id, alice.id, by=OPERATOR)
    assert await points_of(alice) == 5
    assert [line["stands"] for line in await ledger(client, alice)] == ["counts", "held"]

    await done(client, mona, held, "release")

    assert await points_of(alice) == 10
    assert [line["stands"] for line in await ledger(client, alice)] == ["counts", "counts"]
    [again] = await tell(client, crm, review(alice.id, "b"))
    assert again["status"] == "duplicate"
    assert await replay.check() == []


async def test_leaving_forgets_what_was_written(client, alice, mona, crm):
    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    await client.request("DELETE", "/v1/me", headers=alice.headers)

    assert await fetchval("SELECT reason FROM entry_hold") == "{}"


async def test_the_ledger_itself_holds_no_words_of_staff(client, alice, mona, max_, crm):
    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    await done(client, max_, entry, "reversal")

    rows = await fetch("SELECT to_jsonb(ledger_entry)::text AS told FROM ledger_entry")
    assert not any("minute" in row["told"] for row in rows)


async def test_routes_send_as_many_statements_for_much_as_for_little(
    client, alice, mona, crm, statements
):
    paths = [f"/v1/manage/members/{alice.id}/activities", "/v1/manage/holds", "/v1/me/activities"]

    async def sent():
        counts = []
        for path in paths:
            headers = alice.headers if "/me/" in path else mona.headers
            await client.get(path, headers=headers)
            with statements() as these:
                await client.get(path, headers=headers)
            counts.append(len(these))
        return counts

    [entry] = await told(client, crm, review(alice.id))
    await done(client, mona, entry, "hold")
    few = await sent()
    for each in await told(client, crm, *(review(alice.id, f"r{n}") for n in range(8))):
        await done(client, mona, each, "hold")

    assert await sent() == few
