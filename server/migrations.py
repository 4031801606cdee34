"""Bring the database to the tables of this version: Piccolo's and the job runner's."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import MigrationModule
from procrastinate.schema import SchemaManager

from ground.engine import DB, execute
from ground.unit_of_work import unit_of_work
from server.schema import JOBS, job_scripts

LOCK = 0x416D6261


async def migrate() -> list[str]:
    """Apply what is pending, and name it. Two at once take turns."""
    async with _alone():
        await BaseMigrationManager().create_migration_table()
        return [*await _migrate_apps(), *await _migrate_jobs()]


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Hold the migrations' lock. It ends with the connection, so a crash releases it."""
    connection = await asyncpg.connect(**DB.config)
    try:
        # Waiting inside a statement would hold a snapshot, for which CREATE INDEX CONCURRENTLY
        # waits in turn.
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        yield
    finally:
        await connection.close()


def _modules_by_app() -> list[tuple[str, dict[str, MigrationModule]]]:
    finder = BaseMigrationManager()
    return [
        (config.app_name, finder.get_migration_modules(config.resolved_migrations_folder_path))
        for config in finder.get_app_configs()
    ]


async def _migrate_apps() -> list[str]:
    applied = []
    for app, modules in _modules_by_app():
        ran = await Migration.get_migrations_which_ran(app_name=app)
        for name in sorted(modules.keys() - set(ran)):
            manager = await modules[name].forwards()
            if manager.wrap_in_transaction:
                async with unit_of_work():
                    await _apply(manager, app, name)
            else:
                await _apply(manager, app, name)
            applied.append(f"{app}: {manager.description or name}")
    return applied


async def _apply(manager: MigrationManager, app: str, name: str) -> None:
    with redirect_stdout(io.StringIO()):
        await manager.run()
    await _note(app, name)


async def _migrate_jobs() -> list[str]:
    """The whole schema the first time, later only the scripts that came since."""
    scripts = job_scripts()
    ran = await Migration.get_migrations_which_ran(app_name=JOBS)
    lacking = sorted(scripts.keys() - set(ran))
    async with unit_of_work():
        if not ran:
            await execute(SchemaManager.get_schema())
        for name in lacking:
            if ran:
                await execute(scripts[name].read_text())
            await _note(JOBS, name)
    return [f"{JOBS}: {len(lacking)} scripts"] if lacking else []


async def _note(app: str, name: str) -> None:
    await Migration.insert(Migration(app_name=app, name=name)).run()
