"""One transaction, whole or not at all, and no connection lost on the way."""

import asyncio
from contextlib import nullcontext

import asyncpg
import pytest
from asyncpg.pool import PoolConnectionHolder
from asyncpg.transaction import Transaction

from ground import engine
from ground.engine import DB, execute, fetchval, meanwhile, require_pool
from ground.errors import Conflict, NotFound
from ground.pulse import PostgresAway
from ground.unit_of_work import (
    AnotherTask,
    Doomed,
    after_commit,
    in_transaction,
    retried,
    unit_of_work,
)

INSERT = (
    "INSERT INTO audit_entry (happened_at, actor, role, action, subject, details, request_id)"
    " VALUES (now(), $1, '', '', '', '{}', '')"
)


async def write(who):
    await execute(INSERT, who)


async def written():
    return await fetchval(
        "SELECT coalesce(string_agg(actor, ',' ORDER BY id), '') FROM audit_entry"
    )


def in_use():
    return require_pool().get_size() - require_pool().get_idle_size()


async def test_what_is_done_in_it_is_committed_at_its_end(database):
    async with unit_of_work():
        await write("a")
        async with require_pool().acquire() as other:
            assert await other.fetchval("SELECT count(*) FROM audit_entry") == 0
    assert await written() == "a"
    assert not in_transaction()


async def failing():
    async with unit_of_work():
        await write("a")
        raise Conflict


async def test_what_fails_leaves_nothing(database):
    with pytest.raises(Conflict):
        await failing()
    assert await written() == ""


async def test_an_inner_one_joins_the_outer_one(database):
    async with unit_of_work() as outer:
        async with unit_of_work() as inner:
            assert inner is outer
            await write("a")
        await write("b")
        assert in_use() == 1
    assert await written() == "a,b"


async def outer_that_catches():
    async with unit_of_work():
        await write("a")
        try:
            await failing()
        except Conflict:
            await write("b")


async def test_a_failure_inside_dooms_the_whole_even_if_somebody_catches_it(database):
    with pytest.raises(Doomed) as doomed:
        await outer_that_catches()
    assert isinstance(doomed.value.__cause__, Conflict)
    assert await written() == ""


async def failing_at_commit():
    async with unit_of_work():
        await execute(
            "CREATE TEMP TABLE parent (id int PRIMARY KEY) ON COMMIT DROP;"
            "CREATE TEMP TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
            " ON COMMIT DROP; INSERT INTO child VALUES (1)"
        )


async def test_commits_that_fail_lose_no_connection(database):
    for _ in range(15):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await failing_at_commit()
    assert in_use() == 0
    assert DB.current_transaction.get() is None
    await write("a")
    assert await written() == "a"


async def test_cancelling_at_any_moment_loses_no_connection(database):
    async def work():
        async with unit_of_work():
            await write("a")
            await fetchval("SELECT pg_sleep(0.005)")

    for step in range(30):
        task = asyncio.create_task(work())
        await asyncio.sleep(step / 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert in_use() == 0
    assert not in_transaction()
    async with unit_of_work():
        await write("b")
    assert (await written()).endswith("b")


async def test_another_task_cannot_use_the_connection(database):
    async def intrude():
        async with unit_of_work():
            await write("a")

    async with unit_of_work():
        with pytest.raises(AnotherTask):
            await asyncio.create_task(intrude())
    assert await written() == ""


async def test_effects_wait_for_commit(database):
    seen = []

    async def effect():
        seen.append((await written(), in_transaction()))

    async with unit_of_work():
        async with unit_of_work():
            after_commit(effect)
        await write("a")
        assert seen == []
    assert seen == [("a", False)]


async def test_effects_of_what_failed_dont_happen(database):
    seen = []

    async def effect():
        seen.append(1)

    async def fail():
        async with unit_of_work():
            after_commit(effect)
            raise NotFound

    with pytest.raises(NotFound):
        await fail()
    assert seen == []


async def test_an_effect_that_fails_keeps_no_other_from_happening(database):
    seen = []

    async def fail():
        raise ConnectionError

    async def effect():
        seen.append(1)

    async with unit_of_work():
        after_commit(fail)
        after_commit(effect)
        await write("a")
    assert seen == [1]
    assert await written() == "a"


async def test_an_effect_needs_something_to_wait_for():
    with pytest.raises(RuntimeError):
        after_commit(asyncio.sleep)


@pytest.mark.parametrize("failures", [1, 4])
async def test_a_deadlock_is_tried_again(database, failures):
    left = failures

    async def work():
        nonlocal left
        await write("a")
        if left:
            left -= 1
            raise asyncpg.DeadlockDetectedError
        return "done"

    assert await retried(work) == "done"
    assert await written() == "a"


async def test_a_deadlock_that_stays_is_told(database):
    async def work():
        raise asyncpg.SerializationError

    with pytest.raises(asyncpg.SerializationError):
        await retried(work)
    assert in_use() == 0


async def test_inside_another_it_is_left_to_the_owner(database):
    tries = []

    async def work():
        tries.append(1)
        raise asyncpg.DeadlockDetectedError

    async def owner():
        async with unit_of_work():
            await retried(work)

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await owner()
    assert len(tries) == 1


async def test_an_isolation_can_be_asked_for(database):
    async with unit_of_work(isolation="serializable"):
        assert await fetchval("SHOW transaction_isolation") == "serializable"
    assert await fetchval("SHOW transaction_isolation") == "read committed"


async def test_a_pool_without_a_free_connection_says_so_in_time(database, monkeypatch):
    monkeypatch.setattr(engine, "ACQUIRE_SECONDS", 0.1)
    held = [await require_pool().acquire() for _ in range(10)]
    with pytest.raises(TimeoutError):
        await failing()
    for connection in held:
        await require_pool().release(connection)


async def test_a_connection_that_is_back_in_the_pool_already_fails_nothing(database, monkeypatch):
    """As when PostgreSQL dies just after COMMIT."""
    release = PoolConnectionHolder.release

    async def back_already(holder, patience):
        await release(holder, patience)
        raise asyncpg.InternalClientError("a free connection holder")

    with monkeypatch.context() as dying:
        dying.setattr(PoolConnectionHolder, "release", back_already)
        async with unit_of_work():
            await write("alice")
    assert await written() == "alice"


async def test_a_connection_that_postgresql_is_leaving_is_an_outage(database, monkeypatch):
    """As asyncpg has it: "another operation is in progress"."""

    async def leaving(_):
        raise asyncpg.InternalClientError("cannot switch to state 15")

    with monkeypatch.context() as dying:
        dying.setattr(Transaction, "start", leaving)
        with pytest.raises(PostgresAway):
            async with unit_of_work():
                pass
    assert in_use() == 0
    assert await fetchval("SELECT 42") == 42


@pytest.mark.parametrize("inside", [True, False], ids=["in a transaction", "by itself"])
async def test_a_statement_on_a_connection_that_postgresql_is_leaving_is_an_outage(
    database, monkeypatch, inside
):
    """What the caller hears is that, not that the rollback failed too."""

    async def leaving(*_, **__):
        raise asyncpg.InternalClientError("cannot switch to state 15")

    async def ask():
        async with unit_of_work() if inside else nullcontext():
            await write("alice")
            with monkeypatch.context() as dying:
                dying.setattr(asyncpg.Connection, "fetch", leaving)
                await fetchval("SELECT 1")

    with monkeypatch.context() as dying:
        dying.setattr(Transaction, "rollback", leaving)
        with pytest.raises(PostgresAway):
            await ask()
    assert in_use() == 0
    assert await written() == ("" if inside else "alice")


async def test_a_rollback_that_is_not_heard_hides_no_answer(database, monkeypatch):
    async def unheard(_):
        raise asyncpg.InterfaceError("connection is closed")

    with monkeypatch.context() as dying:
        dying.setattr(Transaction, "rollback", unheard)
        with pytest.raises(Conflict):
            await failing()
    assert in_use() == 0
    assert await written() == ""


async def test_postgresql_works_while_the_block_reckons(database):
    async with unit_of_work():
        async with meanwhile(asleep(0)):
            reckoned = 6 * 7
        assert reckoned == await fetchval("SELECT 42")


async def test_a_block_that_fails_gives_the_statement_up_and_loses_no_connection(database):
    with pytest.raises(Conflict):
        async with unit_of_work(), meanwhile(asleep(4)):
            raise Conflict
    assert await fetchval("SELECT 42") == 42


async def test_a_statement_that_fails_meanwhile_fails_the_whole(database):
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with unit_of_work(), meanwhile(divided(0)):
            await asyncio.sleep(0)
    assert not in_transaction()


async def asleep(seconds: float) -> None:
    await execute("SELECT pg_sleep($1)", seconds)


async def divided(by: int) -> None:
    await execute("SELECT 1 / $1::int", by)
