"""Jobs exist if and only if their transaction committed, and outlive their workers (I12, I15)."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from procrastinate.manager import JobManager

from ground import clock, idempotency, jobs
from ground.engine import execute, fetch, fetchval
from ground.errors import Conflict
from ground.unit_of_work import unit_of_work
from server.worker import rescue as rescuing
from server.worker.app import job_runner, run_worker
from server.worker.rescue import MOST_ATTEMPTS, rescue
from server.worker.tasks import TASKS


class Done:
    """What jobs did in a test, and a way to wait for it."""

    def __init__(self):
        self.seen = []
        self.changed = asyncio.Event()

    async def note(self, **args):
        self.seen.append(args)
        self.changed.set()

    async def until(self, count):
        async with asyncio.timeout(10):
            while len(self.seen) < count:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def done(database):
    return Done()


@pytest.fixture
async def worker(done, settings):
    """Start workers that know some tasks. They end with the test."""
    started = []

    def start(**tasks):
        stop = asyncio.Event()
        known = {"test.note": done.note} | {f"test.{n}": function for n, function in tasks.items()}
        started.append(
            (
                stop,
                asyncio.create_task(run_worker(stop, settings=settings, tasks=known, schedule=[])),
            )
        )
        return stop

    async def ended():
        await asyncio.gather(*(task for _, task in started))

    start.ended = ended
    yield start
    for stop, task in started:
        stop.set()
        await task


async def statuses():
    return {
        row["status"]: row["count"]
        for row in await fetch(
            "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"
        )
    }


async def test_a_job_is_done_with_its_arguments(done, worker):
    worker()
    async with unit_of_work():
        await jobs.defer("test.note", {"member": "m-1", "count": 3, "names": ["é", "x"]})
    await done.until(1)

    assert done.seen == [{"member": "m-1", "count": 3, "names": ["é", "x"]}]


async def test_a_job_is_there_when_its_transaction_committed(database):
    async with unit_of_work():
        await jobs.defer_many("test.note", [{"n": 1}, {"n": 2}], queue="pushes", lock="m-1")

    rows = await fetch("SELECT queue_name, lock, args FROM procrastinate_jobs ORDER BY id")
    assert [(r["queue_name"], r["lock"]) for r in rows] == [("pushes", "m-1")] * 2
    assert [r["args"] for r in rows] == ['{"n": 1}', '{"n": 2}']


async def test_a_job_is_not_there_when_its_transaction_failed(database):
    async def defer_and_fail():
        async with unit_of_work():
            await jobs.defer("test.note", {})
            raise Conflict

    with pytest.raises(Conflict):
        await defer_and_fail()
    assert await statuses() == {}


async def test_a_job_without_a_transaction_is_refused(database):
    with pytest.raises(RuntimeError):
        await jobs.defer("test.note", {})


async def test_a_job_waits_for_its_moment(done, worker):
    worker()
    async with unit_of_work():
        await jobs.defer("test.note", {"n": 1}, at=clock.now() + timedelta(hours=1))
        await jobs.defer("test.note", {"n": 2}, at=clock.now())
    await done.until(1)
    assert done.seen == [{"n": 2}]


async def test_a_job_that_fails_is_tried_again_later_and_the_others_go_on(done, worker):
    async def fail():
        raise OSError("no network")

    worker(fail=fail)
    async with unit_of_work():
        await jobs.defer("test.fail", {})
        await jobs.defer("test.note", {})
    await done.until(1)
    await eventually("SELECT count(*) = 1 FROM procrastinate_jobs WHERE attempts = 1")

    row = (await fetch("SELECT status::text, scheduled_at FROM procrastinate_jobs"))[0]
    assert row["status"] == "todo"
    assert row["scheduled_at"] > clock.now()


async def eventually(question):
    async with asyncio.timeout(10):
        while not await fetchval(question):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def orphan(attempts=1):
    """A job of a worker that died a while ago."""
    async with unit_of_work():
        await jobs.defer("test.note", {"n": 1})
    worker_id = await fetchval(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
        " RETURNING id"
    )
    await execute(
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = $1, worker_id = $2",
        attempts,
        worker_id,
    )


async def test_the_job_of_a_dead_worker_is_taken_over(done, worker, monkeypatch):
    monkeypatch.setattr(rescuing, "EVERY_SECONDS", 0.1)
    await orphan()
    worker()
    await done.until(1)
    assert done.seen == [{"n": 1}]


async def test_the_job_of_a_living_worker_is_left_alone(database):
    await orphan()
    await execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    app = job_runner({})
    async with app.open_async():
        assert await rescue(app) == 0
    assert await statuses() == {"doing": 1}


async def test_two_who_rescue_at_once_give_one_more_try(database):
    await orphan()
    app = job_runner({})
    async with app.open_async():
        await asyncio.gather(rescue(app), rescue(app), rescue(app))
    assert await statuses() == {"todo": 1}


async def test_a_job_that_kills_its_workers_is_given_up(database):
    await orphan(attempts=MOST_ATTEMPTS)
    app = job_runner({})
    async with app.open_async():
        await rescue(app)
    assert await statuses() == {"failed": 1}


async def test_a_worker_told_to_stop_finishes_the_job_at_hand(done, worker):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow():
        begun.set()
        await go_on.wait()
        await done.note(slow=True)

    stop = worker(slow=slow)
    async with unit_of_work():
        await jobs.defer("test.slow", {})
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    # What it was fetching at that moment it still does.
    await asyncio.sleep(0.5)
    async with unit_of_work():
        await jobs.defer("test.note", {})
    await asyncio.sleep(0.5)
    go_on.set()
    await done.until(1)

    assert done.seen == [{"slow": True}]
    await eventually("SELECT count(*) = 0 FROM procrastinate_jobs WHERE status = 'doing'")
    assert await statuses() == {"todo": 1}


async def test_a_worker_told_to_stop_while_it_begins_stops(done, worker, monkeypatch):
    """Whatever becomes of the cancellation: psycopg loses some on Python 3.11."""
    registering = asyncio.Event()
    register = JobManager.register_worker

    async def deaf(manager):
        registering.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.2)
        return await register(manager)

    monkeypatch.setattr(JobManager, "register_worker", deaf)
    stop = worker()
    async with asyncio.timeout(10):
        await registering.wait()
        stop.set()
        await worker.ended()


async def test_an_outage_only_interrupts_a_worker(done, worker, database_url, monkeypatch):
    monkeypatch.setattr("server.worker.app.PAUSE_SECONDS", 0.1)
    worker()
    async with unit_of_work():
        await jobs.defer("test.note", {"n": 1})
    await done.until(1)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'ambassade-worker' AND datname = current_database()"
        )
    async with unit_of_work():
        await jobs.defer("test.note", {"n": 2})
    await done.until(2)

    assert done.seen == [{"n": 1}, {"n": 2}]


async def test_old_answers_are_purged_to_the_last(database, monkeypatch):
    monkeypatch.setattr(idempotency, "PURGED_AT_ONCE", 10)
    await execute(
        "INSERT INTO idempotency_key (digest, credential, body_digest, status, headers, body,"
        " kept_at) SELECT int4send(n), '', '', 200, '[]', '', now() - n * interval '1 day'"
        " FROM generate_series(1, 42) AS n"
    )
    await TASKS["idempotency.purge"]()
    assert await fetchval("SELECT count(*) FROM idempotency_key") == 6
