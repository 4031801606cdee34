"""The worker: does what `ground.jobs` left and what the schedule says, until told to stop."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ProcrastinateException
from procrastinate.worker import Worker

from gamification.boards.check import check_regularly
from ground.ending import end, for_ever
from ground.engine import DB
from notifications.announcements.ticker import tick_regularly
from server.config import Settings
from server.logging import configure_logging
from server.programme import apply_programme
from server.seed.moving import move_regularly
from server.worker.pushing import firebase_of, push_regularly
from server.worker.relay import relay_regularly
from server.worker.rescue import (
    HEARTBEAT_SECONDS,
    MOST_ATTEMPTS,
    STALLED_SECONDS,
    rescue_regularly,
)
from server.worker.schedule import SCHEDULE, Scheduled
from server.worker.tasks import TASKS, Task
from server.worker.tellers import TELLERS
from server.worker.ticking import keep_time_regularly

log = structlog.get_logger(__name__)

AT_ONCE = 10
POLL_SECONDS = 1.0
GRACE_SECONDS = 10.0
PAUSE_SECONDS = 1.0
RETRIES = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=3)


def job_runner(tasks: Mapping[str, Task] = TASKS) -> App:
    """Procrastinate with our tasks, on connections of its own to the same database."""
    connector = PsycopgConnector(
        conninfo=DB.config["dsn"],
        min_size=1,
        max_size=4,
        kwargs={"application_name": "ambassade-worker"},
    )
    app = App(connector=connector)
    for name, function in tasks.items():
        app.task(name=name, retry=RETRIES)(function)
    return app


async def run_worker(
    stop: asyncio.Event,
    *,
    settings: Settings | None = None,
    tasks: Mapping[str, Task] = TASKS,
    schedule: Sequence[Scheduled] = SCHEDULE,
) -> None:
    """Work until `stop` is set, then let the jobs at hand finish. An outage only interrupts."""
    settings = settings or Settings.from_environment(os.environ)
    configure_logging(settings)
    apply_programme(settings)
    stopping = asyncio.create_task(stop.wait())
    pushing = asyncio.create_task(push_regularly(firebase_of(settings)))
    # What has left waits for its answer beside the jobs at hand, not after them.
    stopping.add_done_callback(lambda _: pushing.cancel())
    try:
        while not stop.is_set():
            try:
                await _work(job_runner(tasks), schedule, stopping, demo_moves=settings.demo_moves)
            except (ProcrastinateException, OSError) as failure:
                log.warning("worker_interrupted", reason=type(failure).__name__)
                await asyncio.wait({stopping}, timeout=PAUSE_SECONDS)
    finally:
        stopping.cancel()
        await asyncio.wait({pushing})


async def _work(
    app: App,
    schedule: Sequence[Scheduled],
    stopping: "asyncio.Task[Any]",
    *,
    demo_moves: bool,
) -> None:
    async with app.open_async():
        worker = Worker(
            app,
            concurrency=AT_ONCE,
            install_signal_handlers=False,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
        )
        working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            "rescue": partial(rescue_regularly, app),
            "time": partial(keep_time_regularly, schedule),
            "boards": check_regularly,
            "relay": relay_regularly,
            "ticker": partial(tick_regularly, TELLERS),
        }
        if demo_moves:
            loops["demo"] = move_regularly
        beside = [asyncio.create_task(for_ever(loop, name)) for name, loop in loops.items()]
        log.info("worker_ready", tasks=len(app.tasks))
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await asyncio.gather(end(*beside), _stopped(worker, working))
    if not working.cancelled() and isinstance(failure := working.exception(), Exception):
        raise failure


async def _stopped(worker: Worker, working: "asyncio.Task[None]") -> None:
    """Let the jobs at hand finish. A worker that hasn't begun may be waiting for PostgreSQL."""
    worker.stop()  # type: ignore[no-untyped-call]
    if worker.run_task is None:
        # Should this get lost, it begins, and sees that it is to stop.
        working.cancel()
    await asyncio.wait({working})
