"""Dumps that grow, come in parts, or speak of people who came, left or were deleted."""

import pytest

from community.imports.stackexchange import Why
from community.members.importing import members_of
from community.members.leaving import leave
from community.members.merging import merge
from community.members.person import Person
from gamification.ledger.activity import Status
from gamification.recognition import replay
from ground.engine import fetch, fetchval
from ground.languages import Language
from tests.community.dumps import OPERATOR, Rows, awards, bring_in, exported, write_dump
from tests.community.people import joined

EARLY = {"CreationDate": "2020-01-01T10:00:00.000"}
LATE = {"CreationDate": "2020-06-01T10:00:00.000"}
ASKER, HELPER = "7", "8"


def person(number: str, **attributes: str) -> dict[str, str]:
    return {"Id": number, "UpVotes": "0", "DownVotes": "0", **EARLY, **attributes}


def question(number: str, owner: str | None = ASKER, **attributes: str) -> dict[str, str]:
    owned = {} if owner is None else {"OwnerUserId": owner}
    return {"Id": number, "PostTypeId": "1", **EARLY, **owned, **attributes}


def answer(number: str, to: str, owner: str | None = HELPER, **attributes: str) -> dict[str, str]:
    owned = {} if owner is None else {"OwnerUserId": owner}
    return {"Id": number, "PostTypeId": "2", "ParentId": to, **EARLY, **owned, **attributes}


def votes(post: str, times: int, start: int = 1, **attributes: str) -> list[dict[str, str]]:
    return [
        {"Id": str(number), "PostId": post, "VoteTypeId": "2", **EARLY, **attributes}
        for number in range(start, start + times)
    ]


@pytest.fixture
def dump(tmp_path):
    """Write a dump of these rows."""
    number = iter(range(1000))

    def write(rows: Rows):
        return write_dump(tmp_path / str(next(number)), rows)

    return write


async def earned(badge: str) -> list[tuple[str, str, str]]:
    found = await awards("conlang.meta")
    return sorted(
        (member, subject, at[:10]) for member, name, subject, at in found if name == badge
    )


async def test_views_that_grow_from_export_to_export_make_a_question_popular(database, dump):
    users = [person(ASKER)]
    await bring_in(dump({"Users.xml": users, "Posts.xml": [question("1", ViewCount="900")]}))
    assert await earned("Popular Question") == []

    grown = [question("1", ViewCount="1100", LastActivityDate="2020-09-06T00:00:00")]
    report = await bring_in(dump({"Users.xml": users, "Posts.xml": grown}))
    again = await bring_in(dump({"Users.xml": users, "Posts.xml": grown}))

    assert await earned("Popular Question") == [(ASKER, "1", "2020-09-06")]
    assert report.activities == {Status.RECORDED: 1, Status.DUPLICATE: 1}
    assert again.activities == {Status.DUPLICATE: 2}
    total = "SELECT sum(quantity) FROM ledger_entry WHERE kind = 'conlang.meta:views'"
    assert await fetchval(total) == 1100


async def test_an_older_export_after_a_newer_one_counts_nothing_twice(database, dump):
    for views in ("1100", "900"):
        rows = [question("1", ViewCount=views)]
        await bring_in(dump({"Users.xml": [person(ASKER)], "Posts.xml": rows}))

    total = "SELECT sum(quantity) FROM ledger_entry WHERE kind = 'conlang.meta:views'"
    assert await fetchval(total) == 1100


async def test_what_was_deleted_meanwhile_stays_whose_it_was(database, dump):
    users = [person(ASKER), person(HELPER)]
    posts = [question("1"), answer("2", "1")]
    given = votes("2", 10)
    await bring_in(dump({"Users.xml": users, "Posts.xml": posts, "Votes.xml": given}))

    ownerless = [question("1"), answer("2", "1", owner=None)]
    report = await bring_in(
        dump({"Users.xml": users[:1], "Posts.xml": ownerless, "Votes.xml": given})
    )

    assert report.activities == {Status.DUPLICATE: 12}
    assert await earned("Nice Answer") == [(HELPER, "2", "2020-01-01")]


async def test_votes_wait_for_the_post_that_a_later_part_brings(database, dump):
    users = [person(ASKER), person(HELPER)]
    early = await bring_in(dump({"Users.xml": users, "Votes.xml": votes("2", 10)}))
    half = await bring_in(dump({"Users.xml": users, "Posts.xml": [answer("2", "1")]}))
    assert early.skipped == {Why.POST_UNKNOWN.value: 10}
    assert half.skipped == {}
    assert await earned("Nice Answer") == []

    await bring_in(dump({"Users.xml": users, "Posts.xml": [question("1")]}))

    assert await earned("Nice Answer") == [(HELPER, "2", "2020-01-01")]
    assert await fetchval("SELECT count(*) FROM import_waiting") == 0
    assert await replay.check() == []


async def test_what_waits_holds_nothing_that_somebody_wrote(database, dump):
    revision = {
        "Id": "3",
        "PostHistoryTypeId": "5",
        "PostId": "404",
        "UserId": ASKER,
        "Text": "A canary sang",
        "UserDisplayName": "canary",
        **EARLY,
    }
    await bring_in(dump({"Users.xml": [person(ASKER)], "PostHistory.xml": [revision]}))

    [row] = await fetch("SELECT attributes FROM import_waiting")
    assert "canary" not in row["attributes"]
    assert '"UserId": "7"' in row["attributes"]


async def test_a_deleted_answer_keeps_its_place_before_a_later_one(database, dump):
    rows: Rows = {
        "Users.xml": [person(ASKER), person(HELPER)],
        "Posts.xml": [question("1"), answer("2", "1", owner=None), answer("3", "1", **LATE)],
        "Votes.xml": [*votes("2", 2), *votes("3", 2, start=50, **LATE)],
    }
    await bring_in(dump(rows))

    assert await earned("Revival") == []
    assert await earned("Teacher") == [(HELPER, "", "2020-06-01")]


async def test_the_stand_in_is_in_no_export(database, dump):
    rows: Rows = {
        "Users.xml": [person("-1", UpVotes="3")],
        "Posts.xml": [question("1", owner=None), question("2", owner="-1")],
        "Votes.xml": [*votes("1", 1), *votes("2", 1, start=10)],
    }
    report = await bring_in(dump(rows))

    assert report.activities == {Status.RECORDED: 4}
    assert await exported("members") == []
    assert await exported("activities") == []
    assert await exported("awards") == []


async def test_somebody_whom_no_row_of_users_names_counts_all_the_same(database, dump):
    await bring_in(dump({"Posts.xml": [question("1")], "Votes.xml": votes("1", 1)}))

    assert await earned("Student") == [(ASKER, "", "2020-01-01")]


async def test_whoever_claimed_their_history_keeps_it_when_it_is_imported_again(database, dump):
    rows: Rows = {
        "Users.xml": [person(ASKER)],
        "Posts.xml": [question("1")],
        "Votes.xml": votes("1", 10),
    }
    await bring_in(dump(rows))
    alice = await joined("alice", "Alice")
    await merge((await members_of("conlang.meta", [ASKER]))[ASKER], alice, by=OPERATOR)

    report = await bring_in(dump(rows))

    assert report.activities == {Status.DUPLICATE: 11}
    assert await earned("Nice Question") == [(ASKER, "1", "2020-01-01")]
    assert await fetchval("SELECT count(*) FROM award WHERE member_id = $1", alice) == 2
    assert await replay.check() == []


async def test_whoever_left_is_not_brought_back(database, dump):
    rows: Rows = {
        "Users.xml": [person(ASKER)],
        "Posts.xml": [question("1")],
        "Votes.xml": votes("1", 1),
    }
    await bring_in(dump(rows))
    alice = await joined("alice", "Alice")
    await merge((await members_of("conlang.meta", [ASKER]))[ASKER], alice, by=OPERATOR)
    await leave(Person("alice"), alice, keep=False, language=Language.FRENCH)
    entries = await fetchval("SELECT count(*) FROM ledger_entry")

    more = rows | {"Votes.xml": votes("1", 5)}
    report = await bring_in(dump(more))

    assert report.skipped["by somebody who left the community"] == 6
    assert (report.people_new, report.people_known) == (0, 0)
    assert await fetchval("SELECT count(*) FROM ledger_entry") == entries
    assert await exported("awards") == []


async def test_the_catalogue_of_the_source_stands_beside_others(database, dump):
    report = await bring_in(dump({"Users.xml": [person(ASKER)]}))

    slugs = {row["slug"] for row in await fetch("SELECT slug FROM publication")}
    assert report.published == len(slugs) == 41
    assert all(slug.startswith("conlang.meta:") for slug in slugs)


async def test_what_the_ledger_refuses_is_counted_with_its_reason(database, dump):
    tomorrow = {"CreationDate": "2999-01-01T00:00:00"}
    report = await bring_in(dump({"Posts.xml": [question("1"), question("2", **tomorrow)]}))

    assert report.activities == {Status.RECORDED: 1}
    assert report.skipped["refused by the ledger: in_the_future"] == 1


async def test_a_batch_that_fails_leaves_nothing_of_itself(database, dump, monkeypatch):
    rows: Rows = {"Users.xml": [person(ASKER)], "Votes.xml": votes("404", 3)}

    async def fail(*_: object) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr("community.imports.service.credit_many", fail)
    with pytest.raises(OSError, match="the power is gone"):
        await bring_in(dump(rows))

    assert await fetchval("SELECT count(*) FROM import_waiting") == 0


async def test_an_import_is_in_the_audit_trail(database, dump):
    await bring_in(dump({"Users.xml": [person(ASKER)]}))

    [entry] = await fetch("SELECT actor, action, subject FROM audit_entry")
    assert tuple(entry) == ("operator:test", "imports.started", "source:conlang.meta")
