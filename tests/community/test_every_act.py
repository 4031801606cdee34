"""Every act of staff is in the audit trail, in the transaction of its effect (I49)."""

from contextlib import asynccontextmanager, nullcontext

import pytest

from gamification.by_hand.limits import Limits, keep_to
from ground import clock
from ground.engine import fetch
from ground.roles import Role
from server.app import CONTROLLERS
from tests.community.acts import ACTS, NO_ACTS, Stage
from tests.server.test_access import named, routes

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
OF_STAFF = sorted(
    named(route) for route in routes(CONTROLLERS) if route[0] in UNSAFE and "role" in route[2].opt
)


def test_every_route_of_staff_that_changes_something_is_known_as_an_act():
    unknown = [name for name in OF_STAFF if name not in ACTS | NO_ACTS]
    assert unknown == [], (
        f"Nobody knows whether the audit trail has {', '.join(unknown)}: add each to ACTS in "
        "tests/community/acts.py, or to NO_ACTS with the reason."
    )
    gone = (ACTS | NO_ACTS).keys() - set(OF_STAFF)
    assert gone == set(), f"No route is {', '.join(sorted(gone))}: take it out of acts.py."


@pytest.fixture
async def stage(client, catalogue, member, alice, bob, crm):
    keep_to(Limits(members=1, points=500))
    admin, manager = await member("Ada", Role.ADMIN), await member("Max", Role.MANAGER)
    yield Stage(client, alice, bob, admin, manager, crm)
    keep_to(Limits())


@pytest.fixture
def full(owner):
    """For the length of a block no act can be committed."""

    @asynccontextmanager
    async def filled():
        await owner.execute(
            "CREATE CONSTRAINT TRIGGER trail_is_full AFTER INSERT ON audit_entry"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
        )
        try:
            yield
        finally:
            await owner.execute("DROP TRIGGER trail_is_full ON audit_entry")

    return filled


async def content(tables):
    """All that is in the database: a digest of each table."""
    sql = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
        f" FROM {table} AS t"
        for table in tables
    )
    return {row[0]: tuple(row)[1:] for row in await fetch(sql)}


async def transactions(tables):
    """The transactions that wrote what is there, table by table."""
    sql = " UNION ".join(f"SELECT '{table}', xmin::text FROM {table}" for table in tables)
    return {tuple(row) for row in await fetch(sql)}


@pytest.mark.parametrize("name", [name for name in OF_STAFF if name in ACTS])
async def test_an_act_and_its_entry_are_written_by_one_transaction_or_not_at_all(
    stage, full, servers, name
):
    method = name.partition(" ")[0]
    path, body, headers, text, at = await ACTS[name](stage)

    async def act():
        said = {"json": body} if text is None else {"content": text}
        return await stage.client.request(
            method, path, headers=stage.ada.headers | headers, **(said if body or text else {})
        )

    with clock.frozen(at) if at else nullcontext():
        before = await content(servers)
        async with full():
            assert (await act()).status_code == 500
        assert await content(servers) == before

        written = await transactions(servers)
        [last] = await fetch("SELECT coalesce(max(id), 0) AS id FROM audit_entry")
        answer = await act()
        assert answer.is_success, answer.text
    [entry] = await fetch("SELECT xmin::text, * FROM audit_entry WHERE id > $1", last["id"])
    assert (entry["actor"], entry["role"]) == (f"member:{stage.ada.id}", "admin")
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert "." in entry["action"]
    assert ":" in entry["subject"]
    now = await transactions(servers)
    assert {xid for _, xid in now - written} == {entry["xmin"]}
