"""Managers give, take and credit by hand; above a limit two of them do."""

import asyncio
from datetime import timedelta

import pytest

from community.members import merging, staff
from gamification.by_hand.limits import Limits, keep_to
from gamification.recognition import replay
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from tests.community.conftest import OPERATOR
from tests.community.telling import points_of, review, tell

pytestmark = pytest.mark.usefixtures("catalogue")

ACTS = "/v1/manage/acts"
REASON = {"fr": "Merci pour la fête.", "en": "Thank you for the party."}


def giving(*members, **changes):
    wanted = {"does": "give", "badge": "regular", "reason": REASON}
    return wanted | {"members": [str(each.id) for each in members]} | changes


def crediting(*members, **changes):
    wanted = {"does": "credit", "kind": "visit", "reason": REASON}
    return wanted | {"members": [str(each.id) for each in members]} | changes


@pytest.fixture
async def max_(member):
    return await member("Max", Role.MANAGER)


@pytest.fixture
async def mia(member):
    return await member("Mia", Role.MANAGER)


@pytest.fixture
def two_members():
    """More than two members, or more than 500 points to one, take a second manager."""
    keep_to(Limits(members=2, points=500))
    yield
    keep_to(Limits())


async def act(client, by, body):
    response = await client.post(ACTS, json=body, headers=by.headers)
    assert response.status_code == 201, response.text
    return response.json()


async def decide(client, by, act_id, what="approval"):
    return await client.put(f"{ACTS}/{act_id}/{what}", headers=by.headers)


async def badges(client, someone, language="fr"):
    headers = someone.headers | {"Accept-Language": language}
    page = (await client.get("/v1/me/badges", headers=headers)).json()
    return {each["slug"]: each["reason"] for each in page["items"]}


async def test_a_badge_is_given_with_a_reason_in_the_members_language(client, alice, bob, max_):
    done = await act(client, max_, giving(alice, bob))

    assert done["stage"] == "done"
    assert [each["outcome"] for each in done["results"]] == ["done", "done"]
    assert await badges(client, alice) == {"regular": "Merci pour la fête."}
    assert await badges(client, bob, "en") == {"regular": "Thank you for the party."}
    why = (await client.get("/v1/me/badges/regular", headers=alice.headers)).json()
    assert [each["reason"] for each in why["awards"]] == ["Merci pour la fête."]
    assert await replay.check() == []


async def test_a_reason_in_one_language_is_read_in_both(client, alice, max_):
    await act(client, max_, giving(alice, reason={"fr": "Merci."}))

    assert await badges(client, alice, "en") == {"regular": "Merci."}


async def test_giving_what_somebody_has_changes_nothing(client, alice, max_):
    await act(client, max_, giving(alice))
    again = await act(client, max_, giving(alice, reason={"fr": "Encore."}))

    assert [each["outcome"] for each in again["results"]] == ["unchanged"]
    assert await badges(client, alice) == {"regular": "Merci pour la fête."}
    assert await fetchval("SELECT count(*) FROM hand_award") == 1


async def test_what_was_taken_back_isnt_earned_again(client, alice, max_, crm):
    await tell(client, crm, review(alice.id))
    taken = await act(client, max_, giving(alice, does="take", badge="first-review"))
    await tell(client, crm, review(alice.id, "review-2"))

    assert [each["outcome"] for each in taken["results"]] == ["done"]
    assert await badges(client, alice) == {}
    why = (await client.get("/v1/me/badges/first-review", headers=alice.headers)).json()
    assert (why["held"], why["awards"]) == (False, [])
    assert [each["reason"] for each in why["taken_back"]] == ["Merci pour la fête."]
    assert await points_of(alice) == 10
    assert await replay.check() == []


async def test_a_badge_is_left_to_its_criteria_again(client, alice, bob, max_, crm):
    await tell(client, crm, review(alice.id))
    await act(client, max_, giving(alice, does="take", badge="first-review"))
    await act(client, max_, giving(bob, badge="first-review"))
    left = await act(client, max_, giving(alice, bob, does="leave", badge="first-review"))

    assert [each["outcome"] for each in left["results"]] == ["done", "done"]
    assert await badges(client, alice) == {"first-review": None}
    assert await badges(client, bob) == {}
    assert await replay.check() == []


async def test_taking_what_nobody_has_changes_nothing(client, alice, max_):
    taken = await act(client, max_, giving(alice, does="take"))

    assert [each["outcome"] for each in taken["results"]] == ["unchanged"]
    assert await fetchval("SELECT count(*) FROM award") == 0


async def test_rebuilding_from_the_ledger_knows_what_was_done_by_hand(
    client, alice, bob, max_, crm
):
    await tell(client, crm, review(bob.id))
    await act(client, max_, giving(alice))
    await act(client, max_, giving(bob, does="take", badge="first-review"))
    await execute("DELETE FROM award")

    assert await replay.rebuild(by=OPERATOR) == 2
    assert await badges(client, alice) == {"regular": "Merci pour la fête."}
    assert await badges(client, bob) == {}
    await tell(client, crm, review(bob.id, "review-2"))
    assert await badges(client, bob) == {}


async def test_a_credit_counts_like_any_activity(client, alice, max_):
    done = await act(client, max_, crediting(alice, kind="review", quantity=3))

    assert done["results"] == [
        {"member": str(alice.id), "outcome": "done", "points": 10, "awards": ["first-review"]}
    ]
    ledger = (await client.get("/v1/me/activities", headers=alice.headers)).json()
    [line] = ledger["items"]
    assert (line["points"], line["reason"], line["stands"]) == (10, "daily_cap", "counts")
    assert line["told"] == "Merci pour la fête."
    assert await replay.check() == []


async def test_too_many_members_wait_for_a_second_manager(
    client, member, alice, bob, max_, mia, two_members
):
    carol = await member("Carol")
    proposed = await act(client, max_, giving(alice, bob, carol))

    assert (proposed["stage"], proposed["results"]) == ("proposed", [])
    assert await badges(client, alice) == {}
    listed = await client.get(f"{ACTS}?stage=proposed", headers=mia.headers)
    [waiting] = listed.json()["items"]
    assert waiting["wanted_by"]["name"] == "Max"
    assert [each["name"] for each in waiting["members"]] == ["Alice", "Bob", "Carol"]

    approved = await decide(client, mia, proposed["id"])

    assert approved.status_code == 200, approved.text
    assert approved.json()["stage"] == "done"
    assert approved.json()["decided_by"]["name"] == "Mia"
    assert await badges(client, carol) == {"regular": "Merci pour la fête."}
    assert (await client.get(f"{ACTS}?stage=proposed", headers=mia.headers)).json()["items"] == []


async def test_both_managers_are_in_the_audit_trail(client, alice, max_, mia, two_members):
    proposed = await act(client, max_, crediting(alice, quantity=501))
    await decide(client, mia, proposed["id"])

    rows = await fetch(
        "SELECT action, actor, details->>'wanted_by' AS wanted_by FROM audit_entry"
        " WHERE subject = $1 ORDER BY id",
        f"act:{proposed['id']}",
    )
    assert [tuple(row) for row in rows] == [
        ("by_hand.proposed", f"member:{max_.id}", str(max_.id)),
        ("by_hand.approved", f"member:{mia.id}", str(max_.id)),
    ]
    assert await points_of(alice) == 501


async def test_the_limit_of_members_isnt_dodged_by_splitting(
    client, member, alice, bob, max_, mia, two_members
):
    carol = await member("Carol")
    assert (await act(client, max_, giving(alice)))["stage"] == "done"
    assert (await act(client, max_, crediting(bob)))["stage"] == "done"
    assert (await act(client, max_, crediting(alice)))["stage"] == "done"

    assert (await act(client, max_, giving(carol)))["stage"] == "proposed"
    assert (await act(client, mia, giving(carol)))["stage"] == "done"
    with clock.shifted(timedelta(hours=23)):
        assert (await act(client, max_, giving(carol)))["stage"] == "proposed"
    with clock.shifted(timedelta(hours=25)):
        assert (await act(client, max_, giving(carol)))["stage"] == "done"


async def test_the_limit_of_points_isnt_dodged_by_splitting(client, alice, bob, max_):
    stages = [
        (await act(client, max_, crediting(who, quantity=n)))["stage"]
        for who, n in [(alice, 500), (alice, 1), (bob, 300), (bob, 200), (bob, 1)]
    ]

    assert stages == ["done", "proposed", "done", "done", "proposed"]
    assert await points_of(alice) == 500
    assert await points_of(bob) == 500


async def test_points_are_reckoned_before_the_cap(client, alice, max_):
    """A cap of a day is no way around: what is beyond it may count once another is reversed."""
    done = await act(client, max_, crediting(alice, kind="review", quantity=100))
    more = await act(client, max_, crediting(alice, kind="review", quantity=1))

    assert (done["stage"], more["stage"]) == ("done", "proposed")


async def test_acts_at_once_dont_both_find_room(client, alice, max_):
    bodies = [crediting(alice, quantity=300)] * 4

    done = await asyncio.gather(*(act(client, max_, body) for body in bodies))

    assert sorted(each["stage"] for each in done) == ["done", "proposed", "proposed", "proposed"]
    assert await points_of(alice) == 300


async def test_approving_at_once_does_it_once(client, member, alice, max_, two_members):
    others = [await member(f"Manager{n}", Role.MANAGER) for n in range(4)]
    proposed = await act(client, max_, crediting(alice, quantity=600))

    answers = await asyncio.gather(*(decide(client, each, proposed["id"]) for each in others))

    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]
    assert await points_of(alice) == 600


async def test_nobody_gives_themselves_the_second_word(client, alice, max_):
    proposed = await act(client, max_, crediting(alice, quantity=600))
    await staff.give(max_.id, Role.ADMIN, by=OPERATOR)

    for what in ("approval", "refusal"):
        answer = await decide(client, max_, proposed["id"], what)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_proposal")
    assert await points_of(alice) == 0


async def test_nobody_decides_about_themselves(client, alice, max_, mia):
    own = await client.post(ACTS, json=giving(alice, max_), headers=max_.headers)
    proposed = await act(client, max_, crediting(mia, quantity=600))
    word = await decide(client, mia, proposed["id"])

    assert (own.status_code, own.json()["code"]) == (403, "own_recognition")
    assert (word.status_code, word.json()["code"]) == (403, "own_recognition")
    assert await badges(client, alice) == {}


async def test_what_was_declined_is_never_done(client, alice, max_, mia):
    proposed = await act(client, max_, crediting(alice, quantity=600))
    declined = await decide(client, mia, proposed["id"], "refusal")
    late = await decide(client, mia, proposed["id"])

    assert declined.json()["stage"] == "declined"
    assert (late.status_code, late.json()["code"]) == (409, "act_decided")
    assert await points_of(alice) == 0


async def test_who_proposed_it_withdraws_it_and_nobody_else(client, alice, max_, mia):
    proposed = await act(client, max_, crediting(alice, quantity=600))
    others = await decide(client, mia, proposed["id"], "withdrawal")
    withdrawn = await decide(client, max_, proposed["id"], "withdrawal")
    late = [
        await decide(client, who, proposed["id"], what)
        for who, what in [(mia, "approval"), (mia, "refusal"), (max_, "withdrawal")]
    ]

    assert (others.status_code, others.json()["code"]) == (403, "anothers_proposal")
    assert withdrawn.status_code == 200, withdrawn.text
    assert (withdrawn.json()["stage"], withdrawn.json()["decided_by"]) == ("withdrawn", None)
    assert {(each.status_code, each.json()["code"]) for each in late} == {(409, "act_decided")}
    assert await points_of(alice) == 0
    listed = {
        stage: len((await client.get(f"{ACTS}?stage={stage}", headers=mia.headers)).json()["items"])
        for stage in ("proposed", "declined", "withdrawn", "expired", "done")
    }
    assert listed == {"proposed": 0, "declined": 0, "withdrawn": 1, "expired": 0, "done": 0}


async def test_what_was_decided_or_is_over_isnt_withdrawn(client, alice, max_, mia):
    approved, declined, expired = [
        (await act(client, max_, crediting(alice, quantity=600)))["id"] for _ in range(3)
    ]
    await decide(client, mia, approved)
    await decide(client, mia, declined, "refusal")
    with clock.shifted(timedelta(days=7, seconds=1)):
        late = [
            await decide(client, max_, each, "withdrawal") for each in (approved, declined, expired)
        ]

    assert {(each.status_code, each.json()["code"]) for each in late} == {(409, "act_decided")}
    assert await points_of(alice) == 600


async def test_withdrawn_while_another_approves_it_is_one_of_both(client, alice, max_, mia):
    proposed = await act(client, max_, crediting(alice, quantity=600))

    withdrawn, approved = await asyncio.gather(
        decide(client, max_, proposed["id"], "withdrawal"), decide(client, mia, proposed["id"])
    )

    assert sorted([withdrawn.status_code, approved.status_code]) == [200, 409]
    assert await points_of(alice) == (600 if approved.status_code == 200 else 0)


async def test_a_proposal_waits_for_seven_days(client, alice, max_, mia):
    proposed = await act(client, max_, crediting(alice, quantity=600))

    with clock.shifted(timedelta(days=7, seconds=1)):
        late = await decide(client, mia, proposed["id"])
        read = await client.get(f"{ACTS}/{proposed['id']}", headers=mia.headers)
        expired = await client.get(f"{ACTS}?stage=expired", headers=mia.headers)
        waiting = await client.get(f"{ACTS}?stage=proposed", headers=mia.headers)

    assert (late.status_code, late.json()["code"]) == (409, "act_decided")
    assert read.json()["stage"] == "expired"
    assert [each["id"] for each in expired.json()["items"]] == [proposed["id"]]
    assert waiting.json()["items"] == []


async def test_who_is_no_manager_any_more_gave_no_first_word(client, alice, max_, mia):
    proposed = await act(client, max_, crediting(alice, quantity=600))
    await staff.give(max_.id, Role.MODERATOR, by=OPERATOR)

    answer = await decide(client, mia, proposed["id"])

    assert (answer.status_code, answer.json()["code"]) == (409, "proposer_gone")
    assert await points_of(alice) == 0


async def test_who_left_meanwhile_is_left_out(client, alice, bob, max_, mia):
    proposed = await act(client, max_, crediting(alice, bob, quantity=600))
    await client.request("DELETE", "/v1/me", headers=bob.headers)

    results = (await decide(client, mia, proposed["id"])).json()["results"]

    assert {each["member"]: each["outcome"] for each in results} == {
        str(alice.id): "done",
        str(bob.id): "gone",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"badge": "no-such"}, "not_givable", id="no such badge"),
        pytest.param({"subject": "post:1"}, "not_givable", id="a subject where there is none"),
        pytest.param({"reason": {}}, "invalid", id="no reason"),
        pytest.param({"reason": {"fr": ""}}, "invalid", id="an empty reason"),
        pytest.param({"reason": {"fr": " \n "}}, "invalid", id="a blank reason"),
        pytest.param({"reason": {"fr": "a" * 501}}, "invalid", id="a long reason"),
        pytest.param({"reason": {"fr": "a\x07"}}, "invalid", id="a reason that rings"),
        pytest.param({"reason": {"de": "Danke"}}, "invalid", id="another language"),
        pytest.param({"reason": "Merci"}, "invalid", id="a bare text"),
        pytest.param({"members": []}, "invalid", id="nobody"),
        pytest.param({"members": ["alice"]}, "invalid", id="no id"),
        pytest.param(
            {"members": ["6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11"]}, "members_not_there", id="unknown"
        ),
        pytest.param(
            {"members": ["6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11"] * 101}, "invalid", id="too many"
        ),
        pytest.param({"does": "pay"}, "invalid", id="another act"),
        pytest.param({"points": 500}, "invalid", id="points out of thin air"),
    ],
)
async def test_what_cant_be_given(client, alice, max_, changes, code):
    answer = await client.post(ACTS, json=giving(alice) | changes, headers=max_.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await fetchval("SELECT count(*) FROM hand_act") == 0


@pytest.mark.parametrize("changes", [{"kind": "no-such"}, {"quantity": 0}, {"quantity": 10_001}])
async def test_what_cant_be_credited(client, alice, max_, changes):
    answer = await client.post(ACTS, json=crediting(alice) | changes, headers=max_.headers)

    assert answer.status_code == 422
    assert await points_of(alice) == 0


async def test_only_who_is_there_can_be_given_anything(client, alice, bob, max_):
    await client.request("DELETE", "/v1/me", headers=alice.headers)
    await execute("UPDATE player SET state = 'unclaimed' WHERE member_id = $1", bob.id)

    answer = await client.post(ACTS, json=giving(alice, bob), headers=max_.headers)

    assert answer.json()["errors"] == [
        {"pointer": "/members/0", "detail": "They left."},
        {"pointer": "/members/1", "detail": "Nobody has come for this account yet."},
    ]


async def test_acts_that_are_not_there(client, max_):
    for path in ("999", "999/approval", "999/refusal", "999/withdrawal"):
        method = "GET" if path == "999" else "PUT"
        answer = await client.request(method, f"{ACTS}/{path}", headers=max_.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "act_not_found")


async def test_moderators_give_nothing(client, member, alice):
    mona = await member("Mona", Role.MODERATOR)

    answer = await client.post(ACTS, json=giving(alice), headers=mona.headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")


async def test_leaving_forgets_what_was_written(client, alice, max_):
    done = await act(client, max_, giving(alice))
    await client.request("DELETE", "/v1/me", headers=alice.headers)

    read = await client.get(f"{ACTS}/{done['id']}", headers=max_.headers)

    assert read.json()["reason"] is None


async def test_what_was_done_by_hand_goes_along_when_accounts_become_one(
    client, alice, bob, max_, crm
):
    await tell(client, crm, review(bob.id))
    await act(client, max_, giving(alice))
    await act(client, max_, giving(bob, does="take", badge="first-review"))
    await merging.merge(bob.id, alice.id, by=OPERATOR)

    assert await badges(client, alice) == {"regular": "Merci pour la fête."}
    assert await points_of(alice) == 5
    assert await replay.check() == []


async def test_what_was_done_by_hand_only_grows(client, alice, max_):
    await act(client, max_, giving(alice))

    for statement in ("UPDATE hand_award SET gives = false", "DELETE FROM hand_award"):
        with pytest.raises(Exception, match=r"only grows|permission denied"):
            await execute(statement)


async def test_lists_send_as_many_statements_for_much_as_for_little(
    client, alice, bob, max_, statements
):
    async def sent():
        await client.get(ACTS, headers=max_.headers)
        with statements() as these:
            await client.get(ACTS, headers=max_.headers)
        return len(these)

    await act(client, max_, giving(alice))
    few = await sent()
    for number in range(6):
        await act(client, max_, crediting(alice, bob, quantity=number + 1))

    assert await sent() == few
