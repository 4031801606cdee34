import os
import subprocess
import sys

import psycopg
import pytest
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.new import AutoMigrationManager

MIGRATE = [sys.executable, "-m", "server", "migrate"]


def environment(database_url):
    return os.environ | {"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1"}


def migrate(database_url, *arguments):
    return subprocess.run(
        [*MIGRATE, *arguments],
        env=environment(database_url),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("app", BaseMigrationManager().get_app_names())
async def test_the_migrations_lead_to_the_tables_of_the_code(app):
    """What fails here is a change of a table without `make migration`."""
    manager = AutoMigrationManager()
    statements = await manager.get_alter_statements(manager.get_app_config(app))
    assert [statement for group in statements for statement in group.statements] == []


def test_check_tells_a_database_that_is_behind_from_one_that_is_not(blank_database, database_url):
    behind = migrate(blank_database, "--check")
    assert behind.returncode == 1
    assert "ambassade migrate" in behind.stderr
    assert "pending  gamification" in behind.stdout

    current = migrate(database_url, "--check")
    assert (current.returncode, current.stdout) == (0, "Nothing is pending.\n")


def test_checking_changes_nothing(blank_database):
    migrate(blank_database, "--check")
    with psycopg.connect(blank_database) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


@pytest.mark.long
def test_two_migrations_at_once_take_turns(blank_database):
    both = [
        subprocess.Popen(
            MIGRATE,
            env=environment(blank_database),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("Nothing was pending." in words for words in said) == [False, True]
    assert migrate(blank_database, "--check").returncode == 0


@pytest.mark.long
def test_a_migration_that_fails_leaves_nothing_of_itself(blank_database):
    """The job runner's tables stand in the way: its schema comes last, and comes whole or not."""
    with psycopg.connect(blank_database) as connection:
        connection.execute("CREATE TABLE procrastinate_periodic_defers ()")
    assert migrate(blank_database).returncode != 0
    with psycopg.connect(blank_database) as connection:
        assert connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,)
        connection.execute("DROP TABLE procrastinate_periodic_defers")
    assert migrate(blank_database).returncode == 0
