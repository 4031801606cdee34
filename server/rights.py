"""What the application's own role may do in PostgreSQL, given by the owner of the tables."""

from typing import Final, NamedTuple

from ground.engine import execute, fetchrow, fetchval
from ground.unit_of_work import unit_of_work

# What is only ever added to. Triggers say so to everybody; the application couldn't remove them.
APPEND_ONLY: Final = ("audit_entry", "charter_acceptance", "charter_version", "ledger_entry")
# What only migrations write.
READ_ONLY: Final = ("migration",)

CONTEXT: Final = """
SELECT set_config('ambassade.application', $1, true),
    set_config('ambassade.append_only', $2, true), set_config('ambassade.read_only', $3, true)
"""

# Exactly these, whatever was given before; and the same for tables that will be made.
GRANT: Final = """
DO $$
DECLARE
    application text := quote_ident(current_setting('ambassade.application'));
    append_only text[] := string_to_array(current_setting('ambassade.append_only'), ',');
    read_only text[] := string_to_array(current_setting('ambassade.read_only'), ',');
    place text := quote_ident(current_schema());
    thing record;
BEGIN
    IF NOT has_schema_privilege(current_setting('ambassade.application'), current_schema(), 'USAGE')
    THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO %s', place, application);
    END IF;
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s'
        ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s', place, application);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %s'
        ' GRANT USAGE, SELECT ON SEQUENCES TO %s', place, application);
    FOR thing IN
        SELECT format('%s.%I', place, relname) AS name, relkind, relname
        FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            AND pg_has_role(relowner, 'USAGE')
            AND NOT EXISTS (
                SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
            )
    LOOP
        IF thing.relkind = 'S' THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO %s', thing.name, application);
            CONTINUE;
        END IF;
        EXECUTE format('REVOKE ALL ON TABLE %s FROM %s', thing.name, application);
        EXECUTE format('GRANT %s ON TABLE %s TO %s', CASE
            WHEN thing.relname = ANY(read_only) THEN 'SELECT'
            WHEN thing.relname = ANY(append_only) THEN 'SELECT, INSERT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END, thing.name, application);
    END LOOP;
END $$
"""

# Whoever is a table's owner, or can become it, could switch its triggers off.
LOOK: Final = """
SELECT current_user AS role,
    NOT bool_and(has_table_privilege(oid, 'SELECT')) AS shut_out,
    bool_or(
        pg_has_role(relowner, 'MEMBER')
        OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(oid, 'UPDATE')
    ) OR has_parameter_privilege('session_replication_role', 'SET') OR (
        -- Until PostgreSQL 15 this was the right to become anybody but a superuser.
        SELECT rolcreaterole AND current_setting('server_version_num')::int < 160000
        FROM pg_roles WHERE rolname = current_user
    ) AS can_change
FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND relname = ANY($1)
"""

ONLY_TRIGGERS: Final = (
    "The audit trail and the ledger are protected by triggers only: the role of DATABASE_URL "
    "could remove them"
)
ADVICE: Final = (
    "Give the API and the worker a role that owns nothing (README: The two roles in PostgreSQL)."
)


class Rights(NamedTuple):
    """What a role may do with what is only ever added to."""

    role: str
    # It can't even read: nothing was granted to it.
    shut_out: bool
    # It could change what was written, or remove what forbids that.
    can_change: bool


async def current_role() -> str:
    """The role that is connected."""
    return str(await fetchval("SELECT current_user"))


async def grant_to(application: str) -> None:
    """Let the application's role do its work, and no more. For the owner of the tables."""
    async with unit_of_work():
        await fetchrow(CONTEXT, application, ",".join(APPEND_ONLY), ",".join(READ_ONLY))
        await execute(GRANT)


async def rights() -> Rights | None:
    """What the role that is connected may do; nothing before there are tables."""
    row = await fetchrow(LOOK, list(APPEND_ONLY))
    if row is None or row["shut_out"] is None:
        return None
    return Rights(row["role"], row["shut_out"], bool(row["can_change"]))
