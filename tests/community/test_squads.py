"""Squads: a few members who do things together, and nobody who can't leave."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from community.members import merging
from gamification.squads import service
from gamification.squads.errors import SquadFull
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from tests.community.conftest import OPERATOR
from tests.community.people import joined

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REASON = {"fr": "Ce nom blessait quelqu’un.", "en": "The name hurt somebody."}


@pytest.fixture(autouse=True)
def sunday():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def squad_of(ask):
    """Let somebody found a squad. Gives its id."""

    async def founded(someone, name="Les Lucioles", **more):
        answer = await ask("POST", "/squads", someone, name=name, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return founded


async def seen_by_all(someone):
    await execute("UPDATE player SET visibility = 'name' WHERE member_id = $1", someone.id)


async def members_in(squad):
    counted = await fetchval("SELECT members FROM squad WHERE id = $1", squad)
    rows = await fetchval("SELECT count(*) FROM squad_member WHERE squad = $1", squad)
    assert counted == rows
    return rows


async def test_alice_founds_a_squad_and_is_shown_to_it_only_if_she_says_so(ask, alice, bob):
    answer = await ask("POST", "/squads", alice, name="  Les   Lucioles ", is_open=True)
    squad = answer.json()
    assert answer.headers["location"] == f"/v1/squads/{squad['id']}"
    assert (squad["name"], squad["members"], squad["most"]) == ("Les Lucioles", 1, 12)
    assert (squad["is_founder"], squad["mates"][0]["name"]) == (True, None)

    path = f"/squads/{squad['id']}"
    assert (await ask("GET", path, bob)).json()["mates"] is None
    with clock.frozen(NOW + timedelta(hours=1)):
        await ask("PUT", f"{path}/membership", bob, appears=True)
    mates = (await ask("GET", path, alice)).json()["mates"]
    assert [(mate["name"], mate["is_me"]) for mate in mates] == [(None, True), ("Bob", False)]

    await ask("PUT", f"{path}/membership", alice, appears=True)
    assert (await ask("GET", path, bob)).json()["mates"][0]["name"] == "Alice"
    await ask("PUT", f"{path}/membership", bob, appears=False)
    assert (await ask("GET", path, alice)).json()["mates"][1]["name"] is None


async def test_who_appears_in_one_squad_stays_hidden_in_another(ask, squad_of, alice, bob):
    there = await squad_of(alice, "Ici", is_open=True)
    elsewhere = await squad_of(alice, "Ailleurs", is_open=True)
    await ask("PUT", f"/squads/{there}/membership", bob, appears=True)
    await ask("PUT", f"/squads/{elsewhere}/membership", bob)

    mine = (await ask("GET", "/me/squads", alice)).json()["items"]

    assert [each["mates"][1]["name"] for each in mine] == ["Bob", None]


async def test_a_pseudonym_goes_before_a_name(client, ask, squad_of, alice, bob):
    squad = await squad_of(alice, is_open=True)
    await client.patch("/v1/me", json={"pseudonym": "Luciole"}, headers=bob.headers)
    await ask("PUT", f"/squads/{squad}/membership", bob, appears=True)
    mates = (await ask("GET", f"/squads/{squad}", alice)).json()["mates"]
    assert mates[1]["name"] == "Luciole"


async def test_fifty_who_want_the_last_place_and_one_who_gets_it(ask, squad_of, alice, sign_in):
    squad = await squad_of(alice, most=2, is_open=True)
    ids = [await joined(f"uid-{n}", f"Somebody {n}") for n in range(50)]

    async def join(n):
        try:
            await service.join(squad, ids[n], appears=False)
        except SquadFull as full:
            return full.code
        return "joined"

    outcomes = await asyncio.gather(*(join(n) for n in range(50)))

    assert sorted(outcomes) == ["joined", *["squad_full"] * 49]
    assert await members_in(squad) == 2


async def test_one_is_in_three_squads_at_most_even_in_parallel(ask, squad_of, alice, bob):
    squads = [await squad_of(alice, f"Escouade {n}", is_open=True) for n in range(3)]
    squads.append(await squad_of(bob, "La quatrième", is_open=True))
    answers = await asyncio.gather(
        *(ask("PUT", f"/squads/{each}/membership", bob) for each in squads[:3])
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
    refused = await ask("POST", "/squads", bob, name="Une de trop")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_squads")
    # Being in one already is no new one.
    assert (await ask("PUT", f"/squads/{squads[3]}/membership", bob)).status_code == 200


async def test_who_founded_it_goes_and_the_squad_lives_on(ask, squad_of, alice, bob, carol):
    squad = await squad_of(alice, is_open=True)
    for someone in (bob, carol):
        await ask("PUT", f"/squads/{squad}/membership", someone)
    refused = await ask("PATCH", f"/squads/{squad}", bob, name="Les Phares")
    assert (refused.status_code, refused.json()["code"]) == (403, "founder_needed")

    assert (await ask("DELETE", f"/squads/{squad}/membership", alice)).status_code == 204

    changed = await ask("PATCH", f"/squads/{squad}", bob, name="Les Phares", is_open=False, most=2)
    assert changed.json()["name"] == "Les Phares"
    assert (await ask("GET", f"/squads/{squad}", alice)).status_code == 404
    too_small = await ask("PATCH", f"/squads/{squad}", bob, most=2)
    assert too_small.status_code == 200
    assert (await ask("GET", f"/squads/{squad}", carol)).json()["is_founder"] is False


async def test_a_squad_cannot_be_made_smaller_than_it_is(ask, squad_of, alice, bob, carol):
    squad = await squad_of(alice, is_open=True)
    for someone in (bob, carol):
        await ask("PUT", f"/squads/{squad}/membership", someone)
    refused = await ask("PATCH", f"/squads/{squad}", alice, most=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "squad_too_small")


async def test_the_last_one_who_leaves_ends_it_and_leaving_twice_is_leaving(ask, squad_of, alice):
    squad = await squad_of(alice)
    answers = await asyncio.gather(
        *(ask("DELETE", f"/squads/{squad}/membership", alice) for _ in range(2))
    )
    assert [answer.status_code for answer in answers] == [204, 204]
    assert await fetchval("SELECT count(*) FROM squad") == 0


async def test_a_closed_squad_is_nobodys_business_and_an_invitation_opens_it(
    ask, squad_of, alice, bob
):
    squad = await squad_of(alice)
    for method, path in (("GET", ""), ("PUT", "/membership"), ("GET", "/codes")):
        answer = await ask(method, f"/squads/{squad}{path}", bob)
        assert (answer.status_code, answer.json()["code"]) == (404, "squad_not_found")
    assert (await ask("GET", "/squads", bob)).json()["items"] == []
    hidden = await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
    nobody = await ask("PUT", f"/squads/{squad}/invitations/{uuid4()}", alice)
    assert hidden.json()["code"] == nobody.json()["code"] == "member_not_found"

    await seen_by_all(bob)
    assert (await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)).status_code == 204

    [waiting] = (await ask("GET", "/me/squad-invitations", bob)).json()["items"]
    assert (waiting["squad"], waiting["name"], waiting["invited_by"]) == (
        squad,
        "Les Lucioles",
        None,
    )
    assert (await ask("GET", f"/squads/{squad}", bob)).json()["is_invited"] is True
    assert (await ask("PUT", f"/squads/{squad}/membership", bob)).status_code == 200
    assert (await ask("GET", "/me/squad-invitations", bob)).json()["items"] == []


async def test_after_a_no_nobody_asks_again_and_nobody_is_told(ask, squad_of, alice, bob):
    squad = await squad_of(alice)
    await seen_by_all(bob)
    await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
    for _ in range(2):
        no = await ask("PUT", f"/me/squad-invitations/{squad}/declined", bob)
        assert no.status_code == 204

    with clock.frozen(NOW + timedelta(days=400)):
        again = await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
        assert again.status_code == 204
        assert (await ask("GET", "/me/squad-invitations", bob)).json()["items"] == []
        refused = await ask("PUT", f"/squads/{squad}/membership", bob)
        assert refused.status_code == 404


async def test_who_let_an_invitation_pass_can_be_asked_again_in_a_month(ask, squad_of, alice, bob):
    squad = await squad_of(alice)
    await seen_by_all(bob)
    await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
    with clock.frozen(NOW + timedelta(days=30)):
        assert (await ask("GET", "/me/squad-invitations", bob)).json()["items"] == []
        assert (await ask("PUT", f"/squads/{squad}/membership", bob)).status_code == 404
        await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
        assert len((await ask("GET", "/me/squad-invitations", bob)).json()["items"]) == 1


async def test_a_code_leads_in_until_it_is_revoked_or_expires(ask, squad_of, alice, bob, carol):
    squad = await squad_of(alice)
    made = (await ask("POST", f"/squads/{squad}/codes", alice)).json()
    short = (await ask("POST", f"/squads/{squad}/codes", alice, lasts_seconds=60)).json()
    kept = [bytes(row["digest"]) for row in await fetch("SELECT digest FROM squad_code")]
    assert made["code"].encode() not in kept
    assert len({len(digest) for digest in kept} | {32}) == 1

    entered = await ask("POST", "/me/squads", bob, code=made["code"], appears=True)
    assert (entered.status_code, entered.json()["members"]) == (200, 2)
    assert (await ask("POST", "/me/squads", bob, code=made["code"])).json()["members"] == 2

    listed = (await ask("GET", f"/squads/{squad}/codes", bob)).json()["items"]
    assert {each["id"] for each in listed} == {made["id"], short["id"]}
    gone = await ask("DELETE", f"/squads/{squad}/codes/{made['id']}", bob)
    assert gone.status_code == 204
    twice = await ask("DELETE", f"/squads/{squad}/codes/{made['id']}", bob)
    assert (twice.status_code, twice.json()["code"]) == (404, "squad_code_not_found")
    with clock.frozen(NOW + timedelta(seconds=60)):
        for code in (made["code"], short["code"], "no-such-code"):
            refused = await ask("POST", "/me/squads", carol, code=code)
            assert (refused.status_code, refused.json()["code"]) == (422, "squad_code_invalid")


async def test_five_codes_are_enough(ask, squad_of, alice):
    squad = await squad_of(alice)
    answers = [await ask("POST", f"/squads/{squad}/codes", alice) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [409]


async def test_who_leaves_the_programme_leaves_their_squads(client, ask, squad_of, alice, bob):
    ours, alone = await squad_of(alice, is_open=True), await squad_of(alice, "Seule")
    await ask("PUT", f"/squads/{ours}/membership", bob)

    assert (await client.delete("/v1/me", headers=alice.headers)).status_code == 200

    assert await members_in(ours) == 1
    assert await fetchval("SELECT count(*) FROM squad WHERE id = $1", alone) == 0
    assert (await ask("GET", f"/squads/{ours}", bob)).json()["is_founder"] is True


async def test_two_accounts_that_become_one_are_in_a_squad_once(ask, squad_of, alice, bob, carol):
    both = await squad_of(alice, is_open=True)
    await ask("PUT", f"/squads/{both}/membership", bob)
    only_bobs = await squad_of(bob, "Celle de Bob", is_open=True)
    await ask("PUT", f"/squads/{only_bobs}/membership", carol)

    async with unit_of_work():
        await merging.merge(bob.id, alice.id, by=OPERATOR)

    assert await members_in(both) == 1
    assert await members_in(only_bobs) == 2
    mine = (await ask("GET", "/me/squads", alice)).json()["items"]
    assert {each["id"]: each["is_founder"] for each in mine} == {both: True, only_bobs: True}


async def test_moderators_see_every_squad_rename_it_and_say_why(client, member, ask, squad_of, bob):
    mo = await member("Mo", Role.MODERATOR)
    squad = await squad_of(bob, "Un vilain nom")
    [listed] = (await ask("GET", "/manage/squads", mo)).json()["items"]
    assert (listed["id"], listed["name"]) == (squad, "Un vilain nom")

    path = f"/manage/squads/{squad}"
    renamed = await ask("PUT", f"{path}/name", mo, name=" Les  Phares ", reason=REASON)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Les Phares")
    english = bob.headers | {"Accept-Language": "en"}
    mine = (await client.get(f"/v1/squads/{squad}", headers=english)).json()
    assert mine["renamed_because"] == "The name hurt somebody."
    await ask("PATCH", f"/squads/{squad}", bob, name="Les Feux")
    assert (await ask("GET", f"/squads/{squad}", bob)).json()["renamed_because"] is None

    ended = await ask("PUT", f"{path}/dissolved", mo, reason=REASON)
    assert (ended.json()["members"], ended.json()["dissolved_because"]) == (0, REASON)
    assert (await ask("GET", f"/squads/{squad}", bob)).status_code == 404
    assert (await ask("PUT", f"{path}/dissolved", mo, reason=REASON)).status_code == 404
    assert (await ask("GET", path, mo)).json()["dissolved_at"] is not None
    acts = await fetch(
        "SELECT action, details FROM audit_entry WHERE subject = $1", f"squad:{squad}"
    )
    assert [row["action"] for row in acts] == ["squads.renamed", "squads.dissolved"]
    assert "vilain" not in str(acts)


async def told(someone):
    rows = await fetch(
        """
        SELECT category, shown_at IS NULL AND archived_at IS NULL AS waits, facts::text
        FROM notification WHERE member_id = $1 ORDER BY id
        """,
        someone.id,
    )
    return [tuple(row) for row in rows]


async def test_who_is_invited_is_asked_and_an_answer_takes_it_back(ask, squad_of, alice, bob):
    squad = await squad_of(alice)
    await seen_by_all(bob)
    for _ in range(2):
        await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
    [(category, waits, facts)] = await told(bob)
    assert (category, waits, squad in facts) == ("squad.invited", True, True)
    assert "Lucioles" not in facts
    await ask("PUT", f"/me/squad-invitations/{squad}/declined", bob)
    assert [waits for _, waits, _ in await told(bob)] == [False]

    other = await squad_of(alice, "Les Phares")
    await ask("PUT", f"/squads/{other}/invitations/{bob.id}", alice)
    await ask("PUT", f"/squads/{other}/membership", bob)
    assert [waits for _, waits, _ in await told(bob)] == [False, False]


async def test_who_was_in_a_squad_that_is_dissolved_reads_why(ask, member, squad_of, alice, bob):
    mo = await member("Mo", Role.MODERATOR)
    squad = await squad_of(alice)
    await seen_by_all(bob)
    await ask("PUT", f"/squads/{squad}/invitations/{bob.id}", alice)
    await ask("PUT", f"/manage/squads/{squad}/dissolved", mo, reason=REASON)
    [(category, _, facts)] = await told(alice)
    assert (category, REASON["en"] in facts) == ("squad.dissolved", True)
    assert [waits for _, waits, _ in await told(bob)] == [False]


UNACCEPTABLE = {
    "no name": ("POST", "/squads", {}, 422),
    "blank": ("POST", "/squads", {"name": "   "}, 422),
    "too long": ("POST", "/squads", {"name": "a" * 61}, 422),
    "turned around": ("POST", "/squads", {"name": "evil\u202egnp.exe"}, 422),
    "controls": ("POST", "/squads", {"name": "a\x07b"}, 422),
    "too big": ("POST", "/squads", {"name": "Nous", "most": 31}, 422),
    "alone": ("POST", "/squads", {"name": "Nous", "most": 1}, 422),
    "more than asked": ("POST", "/squads", {"name": "Nous", "founder": "me"}, 422),
    "for sale": ("POST", "/squads", {"name": "Code promo 20 %"}, 422),
    "in a hurry": ("POST", "/squads", {"name": "Hurry! Last chance"}, 422),
    "changed to a sale": ("PATCH", "/squads/{squad}", {"name": "Gift cards"}, 422),
    "changed to nothing": ("PATCH", "/squads/{squad}", {"name": ""}, 422),
    "a size that is none": ("PATCH", "/squads/{squad}", {"most": "many"}, 422),
    "null": ("PATCH", "/squads/{squad}", {"is_open": None}, 422),
    "a code too long": ("POST", "/me/squads", {"code": "a" * 101}, 422),
    "a code for a minute less": ("POST", "/squads/{squad}/codes", {"lasts_seconds": 59}, 422),
    "a code for months": ("POST", "/squads/{squad}/codes", {"lasts_seconds": 2592001}, 422),
    "no id": ("PUT", "/squads/nobody/membership", {}, 404),
    "an unknown squad": ("PUT", "/squads/{nobody}/membership", {}, 404),
    "an unknown squad changed": ("PATCH", "/squads/{nobody}", {"name": "Nous"}, 404),
    "an unknown invitation": ("PUT", "/me/squad-invitations/{squad}/declined", {}, 404),
    "a stranger's cursor": ("GET", "/squads?cursor=abc", {}, 422),
}


@pytest.mark.parametrize("case", UNACCEPTABLE.values(), ids=UNACCEPTABLE)
async def test_what_is_refused(ask, squad_of, alice, case):
    method, path, body, status = case
    squad = await squad_of(alice)
    before = await fetch("SELECT * FROM squad")
    answer = await ask(method, path.format(squad=squad, nobody=uuid4()), alice, **body)
    assert answer.status_code == status, answer.text
    assert await fetch("SELECT * FROM squad") == before


async def test_open_squads_come_in_pages_without_the_full_ones(ask, squad_of, alice, bob, carol):
    found = []
    for n, someone in enumerate((alice, bob, carol)):
        with clock.frozen(NOW + timedelta(minutes=n)):
            found.append(await squad_of(someone, f"Escouade {n}", is_open=True, most=2))
    await ask("PUT", f"/squads/{found[1]}/membership", alice)

    first = (await ask("GET", "/squads?limit=1", bob)).json()
    rest = (await ask("GET", f"/squads?limit=5&cursor={first['next_cursor']}", bob)).json()

    assert [each["id"] for each in first["items"] + rest["items"]] == [found[2], found[0]]
    assert rest["next_cursor"] is None
