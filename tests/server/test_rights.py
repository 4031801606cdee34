"""The application's own role adds to what only grows, and can't change it (I3, I49, T30)."""

import csv
import io
import os
import subprocess
import sys

import asyncpg
import psycopg
import pytest
from psycopg import sql

from ground import audit
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from server.embedded.servers import Servers, servers
from server.rights import APPEND_ONLY, Rights, rights
from tests.servers import Addresses, empty_data_dir, remove_data_dir

HOST = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="host")


def ambassade(*arguments, application, owner="", **more):
    addresses = {"DATABASE_URL": application, "DATABASE_OWNER_URL": owner}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env=os.environ | addresses | {"REDIS_URL": "redis://127.0.0.1:1"} | more,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} DISABLE TRIGGER USER",
        "ALTER TABLE {table} OWNER TO CURRENT_USER",
        "ALTER TABLE {table} RENAME TO other",
        "ALTER TABLE {table} ADD COLUMN other int",
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "DROP TABLE {table}",
        "DROP TABLE {table} CASCADE",
        "CREATE RULE gone AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "CREATE TRIGGER gone BEFORE INSERT ON {table} EXECUTE FUNCTION audit_only_grows()",
        "SELECT FROM {table} FOR UPDATE",
        "LOCK TABLE {table}",
        "MERGE INTO {table} AS t USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE",
    ],
)
@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_only_grows_is_out_of_the_applications_reach(database, table, attempt):
    if table.startswith("charter") and "SET id" in attempt:
        attempt = "UPDATE {table} SET version = version"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with unit_of_work():
            await execute(attempt.format(table=table))


async def test_the_application_cannot_give_itself_more(database):
    before = await rights_to_tables()
    # Granting what one may not grant is a warning to PostgreSQL, and does nothing.
    await execute("GRANT ALL ON audit_entry TO CURRENT_USER")
    assert await rights_to_tables() == before
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute("DELETE FROM audit_entry")


async def rights_to_tables():
    """What the application's role may do with each table."""
    rows = await fetch(
        """
        SELECT relname, array_agg(privilege_type::text ORDER BY privilege_type::text) AS may
        FROM pg_class, aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND grantee = current_user::regrole
        GROUP BY relname
        """
    )
    return {row["relname"]: row["may"] for row in rows}


@pytest.mark.parametrize(
    "attempt",
    [
        "SET LOCAL session_replication_role = replica",
        "ALTER FUNCTION audit_only_grows() RENAME TO other",
        "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "DROP TRIGGER audit_only_grows ON audit_entry",
        "DROP FUNCTION audit_only_grows() CASCADE",
        "SELECT setval('audit_entry_id_seq', 1)",
        "ALTER SEQUENCE audit_entry_id_seq RESTART",
        "DROP SCHEMA public CASCADE",
        "CREATE TABLE other (id int)",
        "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE other SUPERUSER",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "DELETE FROM migration",
        "INSERT INTO migration (name, app_name, ran_on) VALUES ('x', 'x', now())",
    ],
)
async def test_neither_is_what_protects_it(database, attempt):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with unit_of_work():
            await execute(attempt)


async def test_the_application_adds_to_the_trail_and_reads_it(database):
    async with unit_of_work():
        await audit.record(HOST, "trial.acted", subject="trial:1")
    assert [row["action"] for row in await fetch("SELECT action FROM audit_entry")] == [
        "trial.acted"
    ]


async def test_the_application_is_an_ordinary_role_that_owns_nothing(database):
    [role] = await fetch(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert set(role.values()) == {False}
    for catalogue, owner in (
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_type", "typowner"),
    ):
        owned = f"SELECT count(*) FROM {catalogue} WHERE {owner} = current_user::regrole"
        assert await fetchval(owned) == 0
    assert await fetch("SELECT FROM pg_auth_members WHERE member = current_user::regrole") == []


async def test_it_may_do_its_work_on_every_other_table_and_no_more(database, servers):
    may = await rights_to_tables()
    for table in APPEND_ONLY:
        assert may.pop(table) == ["INSERT", "SELECT"]
    assert may.pop("migration") == ["SELECT"]
    assert set(may) == set(servers) - set(APPEND_ONLY)
    assert {tuple(rights) for rights in may.values()} == {("DELETE", "INSERT", "SELECT", "UPDATE")}
    assert {"procrastinate_jobs", "member", "idempotency_key"} <= set(may)


async def test_what_a_later_migration_makes_is_within_its_reach_at_once(database, owner):
    await owner.execute("CREATE TABLE later (id bigserial PRIMARY KEY, name text)")
    try:
        await execute("INSERT INTO later (name) VALUES ('a')")
        await execute("UPDATE later SET name = 'b'")
        assert await fetchval("SELECT name FROM later") == "b"
        await execute("DELETE FROM later")
    finally:
        await owner.execute("DROP TABLE later")


async def test_rights_are_told(database):
    assert await rights() == Rights(
        role=await fetchval("SELECT current_user"), shut_out=False, can_change=False
    )


@pytest.mark.long
def test_two_roles_are_told_by_migrate_and_doctor(blank: Addresses):
    migrated = ambassade(
        "migrate", "--only-tables", application=blank.application, owner=blank.owner
    )
    assert migrated.returncode == 0, migrated.stderr
    assert "triggers only" not in migrated.stdout
    with psycopg.connect(blank.application) as connection:
        role = connection.info.user
        owners = connection.execute(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname = ANY(%s)",
            [list(APPEND_ONLY)],
        ).fetchall()
    assert owners != [(role,)]

    looked = ambassade("doctor", application=blank.application)
    assert f"ok       {role} can't change the audit trail" in looked.stdout

    again = ambassade("migrate", application=blank.application)
    assert again.returncode == 0, again.stderr
    assert "applied  community: the shipped charter, as version 1" in again.stdout


@pytest.mark.long
def test_with_one_role_all_works_and_what_that_means_is_told(blank_database):
    migrated = ambassade("migrate", "--only-tables", application=blank_database)
    assert migrated.returncode == 0, migrated.stderr
    only_triggers = "The audit trail and the ledger are protected by triggers only"
    assert only_triggers in migrated.stdout

    looked = ambassade("doctor", application=blank_database)
    assert f"note     {only_triggers}" in looked.stdout
    assert "MISSING  Valkey" in looked.stdout
    assert looked.stdout.count("MISSING") == 1


@pytest.mark.long
def test_one_role_becomes_two_without_handwork(blank: Addresses):
    before = ambassade("migrate", application=blank.owner)
    assert before.returncode == 0, before.stderr
    shut_out = ambassade("doctor", application=blank.application)
    assert "may not use the tables" in shut_out.stdout
    assert "Run: ambassade migrate" in shut_out.stdout

    after = ambassade("migrate", application=blank.application, owner=blank.owner)
    assert (after.returncode, after.stdout) == (0, "Nothing was pending.\n"), after.stderr
    with psycopg.connect(blank.application) as connection:
        connection.execute("SELECT count(*) FROM member")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit_entry")


@pytest.mark.long
def test_rights_that_were_given_too_freely_are_taken_back(blank: Addresses):
    def migrate():
        return ambassade("migrate", application=blank.application, owner=blank.owner)

    assert migrate().returncode == 0
    with psycopg.connect(blank.application) as connection:
        role = connection.info.user
    with psycopg.connect(blank.owner) as connection:
        for statement in (
            "GRANT ALL ON audit_entry TO {}",
            "GRANT UPDATE (actor) ON audit_entry TO {}",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(role)))
    assert "note     The audit trail" in ambassade("doctor", application=blank.application).stdout

    migrate()
    assert (
        "can't change the audit trail" in ambassade("doctor", application=blank.application).stdout
    )


def test_an_owner_of_another_database_is_told(blank: Addresses, database_url, owned):
    wrong = ambassade("migrate", application=blank.application, owner=owned(database_url))
    assert wrong.returncode == 1
    assert "DATABASE_URL doesn't lead to them" in wrong.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("changed", "named"),
    [("application", "DATABASE_URL"), ("owner", "DATABASE_OWNER_URL")],
)
def test_a_role_that_does_not_get_in_is_told_by_its_setting(blank: Addresses, changed, named):
    addresses = blank._asdict() | {changed: "postgresql://nobody:no@127.0.0.1:1/x"}
    ended = ambassade("migrate", **addresses)
    assert ended.returncode == 1
    assert f"PostgreSQL can't be reached at {named}" in ended.stderr


@pytest.mark.long
def test_data_of_a_version_with_one_role_get_a_second_one():
    """The cluster is as yesterday's version left it: no such role, and no password of one."""
    data_dir = empty_data_dir()
    try:
        with (
            servers(data_dir, environment={}) as found,
            psycopg.connect(found.owner_url, autocommit=True) as connection,
        ):
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.execute("DROP ROLE ambassade_app")
        (data_dir / "servers" / "postgres" / "application-password").unlink()

        with servers(data_dir, environment={}) as found:
            with psycopg.connect(found.owner_url) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            with psycopg.connect(found.database_url) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("ambassade_app",)
    finally:
        remove_data_dir(data_dir)


def test_an_owner_without_a_database_of_ones_own_is_no_ones():
    given = Servers.given(
        {"DATABASE_OWNER_URL": "postgresql://owner@db/x", "REDIS_URL": "redis://r"}
    )
    assert given.addresses == {"REDIS_URL": "redis://r"}


@pytest.mark.long
def test_what_is_done_on_the_server_is_in_the_trail_too_and_exported_there(blank, tmp_path):
    def run(*arguments):
        ended = ambassade(*arguments, application=blank.application)
        assert ended.returncode == 0, ended.stderr
        return ended

    ambassade("migrate", application=blank.application, owner=blank.owner)
    run("staff", "add", "someone@example.com", "--role", "admin")
    run("keys", "create", "CRM", "--source", "crm")
    run("catalogue", "retire", "board", "all")
    file = tmp_path / "trail.csv"
    narrowed = run(
        *("export", "audit", "--action", "keys.", "--since", "2020-01-01", "--output", str(file))
    )
    assert narrowed.stderr == f"1 acts written to {file}.\n"
    [row] = csv.DictReader(io.StringIO(file.read_text()))
    assert (row["action"], row["role"]) == ("keys.created", "admin")
    assert row["actor"].startswith("operator:")

    whole = list(csv.DictReader(io.StringIO(run("export", "audit").stdout)))
    assert [each["action"] for each in whole] == [
        "audit.exported",
        "audit.exported",
        "catalogue.published",
        "keys.created",
        "staff.granted",
    ]
    assert len({each["actor"] for each in whole}) == 1
    assert "someone@example.com" not in str(whole)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--since", "noon"], "isn't a moment"),
        (["--since", "2026-01-02", "--until", "2026-01-01"], "It must be after `since`."),
    ],
)
def test_filters_without_sense_are_told(blank: Addresses, arguments, says):
    ended = ambassade("export", "audit", *arguments, application=blank.application)
    assert ended.returncode in {1, 2}
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
