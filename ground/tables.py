"""What the ground remembers: answers already given, who did what, and what time it was."""

from piccolo.columns import (
    JSONB,
    BigSerial,
    Boolean,
    Bytea,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table


class IdempotencyKey(Table, tablename="idempotency_key"):
    """The answer to a request with an `Idempotency-Key`. Commits with the request's effect."""

    # A digest of who asked what under which key.
    digest = Bytea(primary_key=True, default=None, null=False)
    # Whose answer it is, so that erasing a person finds it.
    credential = Varchar(length=160)
    body_digest = Bytea(default=None, null=False)
    status = SmallInt(default=None, null=False)
    headers = JSONB(default=None, null=False)
    body = Bytea(default=None, null=False)
    kept_at = Timestamptz(default=None, null=False, index=True)


class AuditEntry(Table, tablename="audit_entry"):
    """An act of staff or of a system. Append-only: a trigger forbids anything else.

    The application's own role may only add and read. Migrations have the indexes.
    """

    id = BigSerial(primary_key=True)
    happened_at = Timestamptz(default=None, null=False)
    # Who, such as `member:<id>`. Names are looked up when somebody reads it.
    actor = Varchar(length=160)
    role = Varchar(length=12)
    # What was done, such as `members.role_changed`.
    action = Varchar(length=60)
    # To what, such as `member:<id>`.
    subject = Varchar(length=160)
    # Ids and what changed. Nothing that somebody's erasure would have to reach.
    details = JSONB(default=None, null=False)
    request_id = Varchar(length=64)


class ScheduleTick(Table, tablename="schedule_tick"):
    """The last tick of a line of the schedule that anybody saw. Workers race for its row."""

    task = Varchar(primary_key=True, length=60)
    ticked_at = Timestamptz(default=None, null=False)


class ScheduleGap(Table, tablename="schedule_gap"):
    """Ticks for which no worker was there, and whether one run made up for them."""

    id = BigSerial(primary_key=True)
    task = Varchar(length=60)
    first_at = Timestamptz(default=None, null=False)
    last_at = Timestamptz(default=None, null=False)
    ticks = Integer(default=None, null=False)
    made_up = Boolean(default=None, null=False)
    noted_at = Timestamptz(default=None, null=False)
