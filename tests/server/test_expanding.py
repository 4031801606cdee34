"""Migrations only ever add, so that the code of before runs on the tables of now (I52)."""

from pathlib import Path

import pytest
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from procrastinate.schema import SchemaManager

from ground.engine import close_pool, connect_to, fetch, open_pool
from ground.unit_of_work import unit_of_work
from server import migrations, schema

# What existed before the first release changed as it liked.
UNTIL = "2026_11_22t00_00_00_000000"
WIDER = {("int4", "int8"), ("varchar", "text"), ("int2", "int4")}
COLUMNS = """
SELECT table_name, column_name, udt_name, is_nullable = 'YES' AS nullable,
       column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' AS given
FROM information_schema.columns WHERE table_schema = 'public'
"""


@pytest.fixture
async def blank(servers, blank_database, database_url):
    """This process's connections lead to a database without a table."""
    await close_pool()
    connect_to(blank_database)
    await open_pool(patient=True)
    yield
    await close_pool()
    connect_to(database_url)
    await open_pool()


async def columns():
    return {(row["table_name"], row["column_name"]): row for row in await fetch(COLUMNS)}


def scripts_of_the_job_runner():
    return [path.stem for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")]


def in_the_way(before, after):
    """What the code of before couldn't live with."""
    tables = {table for table, _ in before}
    for name, was in before.items():
        now = after.get(name)
        if now is None:
            yield f"{name} is gone"
        elif now["udt_name"] != was["udt_name"] and (was["udt_name"], now["udt_name"]) not in WIDER:
            yield f"{name} was {was['udt_name']} and is {now['udt_name']}"
        elif was["nullable"] and not now["nullable"]:
            yield f"{name} could be empty"
        elif was["given"] and not now["given"]:
            yield f"{name} had a default"
    for name, now in after.items():
        is_new = name not in before and name[0] in tables
        if is_new and not now["nullable"] and not now["given"]:
            yield f"{name} is wanted, and the code of before knows nothing of it"


async def test_what_a_new_database_lacks_is_all_that_piccolo_and_the_job_runner_know(blank):
    known = {f"{app}: {name}" for app, names in migrations._modules_by_app() for name in names}
    scripts = {f"procrastinate: {name}" for name in scripts_of_the_job_runner()}

    assert {*await schema.pending()} == known | scripts
    assert len(known) > 20
    assert len(scripts) > 20


async def test_no_migration_takes_anything_from_the_code_of_before(blank):
    """I52."""
    await BaseMigrationManager().create_migration_table()
    steps = sorted(
        (name.partition("_")[2], app, name, module)
        for app, modules in migrations._modules_by_app()
        for name, module in modules.items()
    )
    found = []
    for moment, app, name, module in steps:
        before = await columns()
        manager = await module.forwards()
        if manager.wrap_in_transaction:
            async with unit_of_work():
                await migrations._apply(manager, app, name)
        else:
            await migrations._apply(manager, app, name)
        if moment > UNTIL:
            found += [f"{name}: {each}" for each in in_the_way(before, await columns())]
    assert len(steps) >= 8
    assert found == []
