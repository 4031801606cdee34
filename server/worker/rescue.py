"""Takes over the jobs of workers that died: Procrastinate leaves them as they are."""

import asyncio

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from ground import clock

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
# A worker that missed three heartbeats is dead, or as good as dead.
STALLED_SECONDS = 20.0
MOST_ATTEMPTS = 5


async def rescue_regularly(app: App) -> None:
    """Look for orphaned jobs every 15 s, beside the queue: full or stuck, it can't keep us."""
    while True:
        try:
            await rescue(app)
        except ConnectorException as failure:
            log.warning("rescue_failed", reason=type(failure).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def rescue(app: App) -> int:
    """Give every orphaned job another try, or up if it has had enough. Return how many."""
    manager = app.job_manager
    await manager.prune_stalled_workers(STALLED_SECONDS)
    orphans = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in orphans:
        await _take_over(app, job)
    return len(orphans)


async def _take_over(app: App, job: Job) -> None:
    """Another worker may be faster; then the job isn't running any more, and all is well."""
    if job.id is None:
        return
    try:
        if job.attempts >= MOST_ATTEMPTS:
            # It may well be what kills its workers.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            log.error("job_given_up", job=job.id, task=job.task_name)
        else:
            await app.job_manager.retry_job(job, retry_at=clock.now())
            log.warning("job_taken_over", job=job.id, task=job.task_name)
    except ConnectorException as failure:
        log.info("job_taken_over_elsewhere", job=job.id, reason=type(failure).__name__)
