"""Publications as acts: what was published together, by whom, and how far that has come."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table


class Release(Table, tablename="catalogue_release"):
    """Versions that came into force together, and can be rolled back together.

    While it works, `phase` says at what, and `last_member` up to whom: a crash resumes there.
    """

    id = BigSerial(primary_key=True)
    state = Varchar(length=12)
    phase = Varchar(length=10, null=True, default=None)
    changes = JSONB()
    to_the_past = Boolean(default=False)
    due_at = Timestamptz(null=True, default=None)
    asked_by = Varchar(length=80)
    asked_role = Varchar(length=20)
    asked_at = Timestamptz()
    in_force_at = Timestamptz(null=True, default=None)
    rolled_back_by = Varchar(length=80, null=True, default=None)
    rolled_back_role = Varchar(length=20, null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    touched_at = Timestamptz(null=True, default=None)
    revision_before = BigInt(null=True, default=None)
    members_done = Integer(default=0)
    members_total = Integer(default=0)
    last_member = UUID(null=True, default=None)
    decided = BigInt(default=0)
    problem = JSONB(null=True, default=None)
    # `one_release_at_work` is a unique index on those that run or go back.
