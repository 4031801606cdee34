"""The audit trail can be read, filtered and exported."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog

from community.members import staff
from ground import audit, clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch
from ground.roles import Role
from ground.unit_of_work import unit_of_work

HOST = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="host")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRAIL = "/v1/manage/audit"
EXPORT = "/v1/manage/audit/export"


@pytest.fixture
async def ada(join, sign_in):
    """The headers of an admin, whose appointment is no part of the trail."""
    member_id = await join("ada", "Ada")
    async with unit_of_work():
        await execute("UPDATE member SET role = 'admin' WHERE id = $1", member_id)
    headers = sign_in("ada")
    headers["member"] = str(member_id)
    return headers


@pytest.fixture
def happened(database):
    """Write acts down, a minute apart; without one of them, a few of all kinds."""

    async def write(*acts: tuple[Caller, str, str]):
        for minute, (caller, action, subject) in enumerate(acts):
            with clock.frozen(NOON.replace(minute=minute)):
                async with unit_of_work():
                    await audit.record(caller, action, subject=subject)

    return write


def member(number):
    return Caller(kind=CallerKind.MEMBER, role=Role.MANAGER, member_id=UUID(int=number))


ACTS = [
    (HOST, "catalogue.published", "catalogue:1"),
    (member(1), "catalogue.rolled_back", "catalogue:1"),
    (member(1), "members.role_changed", "member:2"),
    (member(2), "catalogued.oddly", "catalogue:2"),
]


def actions(answer):
    assert answer.status_code == 200, answer.text
    return [entry["action"] for entry in answer.json()["items"]]


async def test_an_act_is_told_as_it_was_done(client, ada):
    structlog.contextvars.clear_contextvars()
    someone = UUID(ada["member"])
    with clock.frozen(NOON):
        await staff.give(someone, Role.MANAGER, by=HOST)
        await staff.give(someone, Role.ADMIN, by=HOST)

    answer = await client.get(TRAIL, headers=ada | {"X-Request-ID": "reading-1"})
    [entry, _] = answer.json()["items"]
    assert entry.pop("id").isdecimal()
    assert entry == {
        "happened_at": "2026-11-21T12:00:00Z",
        "actor": "operator:host",
        "actor_name": None,
        "role": "admin",
        "action": "members.role_changed",
        "subject": f"member:{someone}",
        "reason": None,
        "details": {"before": "manager", "after": "admin"},
        "request_id": "",
    }


async def test_who_did_it_has_the_name_they_have_now_and_none_when_they_left(
    client, ada, join, sign_in
):
    bob = await join("bob", "Bob")
    body = {"role": "moderator"}
    path = f"/v1/manage/members/{bob}/role"
    request = {"X-Request-ID": "a-request-of-ada"}
    assert (await client.put(path, json=body, headers=ada | request)).status_code == 200
    await client.patch("/v1/me", json={"display_name": "Ada Lovelace"}, headers=ada)

    [entry] = (await client.get(TRAIL, headers=ada)).json()["items"]
    assert (entry["actor"], entry["actor_name"], entry["role"], entry["request_id"]) == (
        f"member:{ada['member']}",
        "Ada Lovelace",
        "admin",
        "a-request-of-ada",
    )

    await join("eve", "Eve")
    await execute("UPDATE member SET role = 'admin' WHERE uid = 'eve'")
    await client.delete("/v1/me", headers=ada)
    entries = (await client.get(TRAIL, headers=sign_in("eve"))).json()["items"]
    assert {entry["actor_name"] for entry in entries} == {None}


async def test_reading_leaves_no_trace(client, ada):
    assert actions(await client.get(TRAIL, headers=ada)) == []
    assert actions(await client.get(TRAIL, headers=ada)) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"actor": "operator:host"}, [0]),
        ({"actor": f"member:{UUID(int=1)}"}, [2, 1]),
        ({"actor": "member:1"}, []),
        ({"actor": "%"}, []),
        ({"action": "catalogue."}, [1, 0]),
        ({"action": "catalogue.p"}, [0]),
        ({"action": "catalogue.rolled_back"}, [1]),
        ({"action": "catalogue._______d"}, []),
        ({"subject": "catalogue:1"}, [1, 0]),
        ({"subject": "catalogue:1", "actor": "operator:host"}, [0]),
        ({"since": "2026-11-21T12:02:00Z"}, [3, 2]),
        ({"until": "2026-11-21T12:02:00Z"}, [1, 0]),
        ({"since": "2026-11-21T13:01:00+01:00", "until": "2026-11-21T12:02:00Z"}, [1]),
        ({"since": "2030-01-01T00:00:00Z"}, []),
    ],
    ids=str,
)
async def test_what_one_looks_for_is_found(client, ada, happened, asked, found):
    await happened(*ACTS)
    answer = await client.get(TRAIL, params=asked, headers=ada)
    assert actions(answer) == [ACTS[number][1] for number in found]

    told = await client.get(EXPORT, params=asked, headers=ada)
    rows = list(csv.DictReader(io.StringIO(told.text)))
    wanted = [ACTS[number][1] for number in found]
    assert [row["action"] for row in rows if row["action"] != "audit.exported"] == wanted


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"since": "yesterday"}, "?since"),
        ({"since": "2026-11-21T12:00:00"}, "?since"),
        ({"until": "2026-11-21T12:00:00"}, "?until"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "?since"),
        ({"since": "2026-11-22T00:00:00Z", "until": "2026-11-21T00:00:00Z"}, "?until"),
        ({"since": "2026-11-21T00:00:00Z", "until": "2026-11-21T00:00:00Z"}, "?until"),
        ({"action": "catalogue"}, "?action"),
        ({"action": "Catalogue."}, "?action"),
        ({"action": "catalogue.%"}, "?action"),
        ({"action": f"{'a' * 60}."}, "?action"),
        ({"actor": "a" * 161}, "?actor"),
        ({"subject": "a" * 161}, "?subject"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [TRAIL, EXPORT])
async def test_what_has_no_sense_is_refused_and_is_no_act(client, ada, path, asked, pointer):
    answer = await client.get(path, params=asked, headers=ada)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert await fetch("SELECT FROM audit_entry") == []


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "W10",
        # ["2026-11-21T12:00:00", 1]: in no zone
        "WyIyMDI2LTExLTIxVDEyOjAwOjAwIiwgMV0",
        # a moment before the first year, and 1
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0",
        # noon, and an id of more than 63 bits
        "WyIyMDI2LTExLTIxVDEyOjAwOjAwWiIsIDkyMjMzNzIwMzY4NTQ3NzU4MDhd",
    ],
)
async def test_a_cursor_that_nobody_gave_out_is_refused(client, ada, cursor):
    answer = await client.get(TRAIL, params={"cursor": cursor}, headers=ada)
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_pages_show_each_act_once_also_when_many_share_a_moment(client, ada):
    with clock.frozen(NOON):
        for number in range(7):
            async with unit_of_work():
                await audit.record(HOST, f"trial.act_{number}", subject="trial:1")

    seen, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(TRAIL, params=asked, headers=ada)
        seen += actions(answer)
        async with unit_of_work():
            await audit.record(HOST, "trial.newer", subject="trial:1")
        if (cursor := answer.json()["next_cursor"]) is None:
            break
    assert seen == [f"trial.act_{number}" for number in reversed(range(7))]


async def test_a_page_takes_one_statement_for_few_and_for_many(client, ada, statements):
    async def sent():
        await client.get("/v1/me", headers=ada)
        with statements() as sql:
            answer = await client.get(TRAIL, params={"limit": 100}, headers=ada)
        return len([each for each in sql if "audit_entry" in each]), len(sql), len(actions(answer))

    one, all_of_them, none = await sent()
    for number in range(30):
        async with unit_of_work():
            await audit.record(member(number), "trial.acted", subject=f"member:{number}")
    assert (one, none) == (1, 0)
    assert await sent() == (1, all_of_them, 30)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "audit_entry_newest"),
        ({"actor": "member:7"}, "audit_entry_of_actor"),
        ({"subject": "member:7"}, "audit_entry_on_subject"),
        ({"action": "rare."}, "audit_entry_in_area"),
    ],
)
async def test_what_is_looked_for_is_found_by_an_index(database, owner, asked, index):
    from community.audit.filters import Filters, conditions

    await execute(
        "INSERT INTO audit_entry (happened_at, actor, role, action, subject, details, request_id)"
        " SELECT now() - n * interval '1 second', 'member:' || n % 50, 'admin',"
        " CASE WHEN n % 100 = 0 THEN 'rare.act' ELSE 'often.act' END, 'member:' || n % 50,"
        " '{}', '' FROM generate_series(1, 5000) AS n"
    )
    await owner.execute("ANALYZE audit_entry")
    wanted, values = conditions(Filters(**asked), None)
    plan = await fetch(
        f"EXPLAIN SELECT * FROM audit_entry WHERE {wanted}"
        " ORDER BY happened_at DESC, id DESC LIMIT 20",
        *values,
    )
    assert f"Index Scan Backward using {index}" in "\n".join(row[0] for row in plan)


@pytest.mark.parametrize(
    ("role", "status"),
    [("ambassador", 403), ("moderator", 403), ("manager", 403), ("admin", 200)],
)
@pytest.mark.parametrize("path", [TRAIL, EXPORT])
async def test_only_admins_read_it(client, join, sign_in, path, role, status):
    member_id = await join("zoe", "Zoé")
    await execute("UPDATE member SET role = $2 WHERE id = $1", member_id, role)
    answer = await client.get(path, headers=sign_in("zoe"))
    assert answer.status_code == status


async def test_an_export_is_an_act_and_the_first_line_of_it(client, ada, happened):
    await happened((HOST, "trial.acted", "trial:1"))
    answer = await client.get(EXPORT, params={"until": "2027-01-01T00:00:00Z"}, headers=ada)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert answer.headers["cache-control"] == "no-store"
    [head, *rows] = csv.reader(io.StringIO(answer.text))
    assert head == [
        "id",
        "happened_at",
        "actor",
        "actor_name",
        "role",
        "action",
        "subject",
        "reason",
        "details",
        "request_id",
    ]
    assert rows[-1][1:-1] == [
        "2026-11-21T12:00:00Z",
        "operator:host",
        "",
        "admin",
        "trial.acted",
        "trial:1",
        "",
        "{}",
    ]
    [entry] = await fetch(
        "SELECT actor, subject, details::text FROM audit_entry WHERE action = 'audit.exported'"
    )
    assert tuple(entry) == (
        f"member:{ada['member']}",
        "audit",
        '{"until": "2027-01-01T00:00:00Z"}',
    )


async def test_no_cell_of_an_export_is_a_formula(client, ada):
    async with unit_of_work():
        await audit.record(HOST, "trial.acted", subject="=1+1", details={"=2+2": "@SUM(A1:A9)"})
    answer = await client.get(EXPORT, params={"action": "trial."}, headers=ada)
    [_, row] = csv.reader(io.StringIO(answer.text))
    assert row[6:9] == ["'=1+1", "", '{"=2+2":"@SUM(A1:A9)"}']


async def test_a_long_export_is_whole_and_comes_in_pieces(client, ada, monkeypatch):
    monkeypatch.setattr("community.audit.service.PAGE", 10)
    for number in range(25):
        async with unit_of_work():
            await audit.record(HOST, "trial.acted", subject=f"trial:{number}")
    pieces = []
    async with client.stream("GET", EXPORT, params={"action": "trial."}, headers=ada) as answer:
        pieces += [piece async for piece in answer.aiter_raw()]
    rows = list(csv.reader(io.StringIO(b"".join(pieces).decode())))
    assert [row[6] for row in rows[1:]] == [f"trial:{number}" for number in reversed(range(25))]
