"""Previews of publications: what they would change, in numbers and by name."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table


class Preview(Table, tablename="catalogue_preview"):
    """What publishing some changes would do, worked out page by page. It expires."""

    id = BigSerial(primary_key=True)
    state = Varchar(length=12)
    changes = JSONB()
    to_the_past = Boolean(default=False)
    # Of the catalogue that it was worked out over.
    revision = BigInt()
    asked_by = Varchar(length=80)
    asked_at = Timestamptz()
    expires_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    members_done = Integer(default=0)
    members_total = Integer(default=0)
    last_member = UUID(null=True, default=None)
    numbers = JSONB(null=True, default=None)


class PreviewMember(Table, tablename="catalogue_preview_member"):
    """Somebody for whom a publication would change something, and why."""

    id = BigSerial(primary_key=True)
    preview = BigInt()
    what = Varchar(length=10)
    slug = Varchar(length=80)
    outcome = Varchar(length=6)
    member_id = UUID(null=False, default=None)
    subject = Varchar(length=200, default="")
    held_since = Timestamptz(null=True, default=None)
    would_hold_since = Timestamptz(null=True, default=None)
    entries = Array(base_column=BigInt(), default=list)
    asks_for = JSONB(null=True, default=None)
