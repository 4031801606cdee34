"""The ledger's tables: what members did, and the tallies that follow from it."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.column_types import BigSerial
from piccolo.constraints import Unique
from piccolo.table import Table


class Entry(Table, tablename="ledger_entry"):
    """One credited activity. Append-only: triggers forbid UPDATE and DELETE.

    Holds no personal data, so erasing a member never touches it. `worth` is what the
    activity is worth before caps, `points` what the member's points changed by. An inverse
    entry `reverses` another, which then never happened.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    kind = Varchar(length=80)
    source = Varchar(length=80)
    key = Varchar(length=200)
    subject = Varchar(length=200, default="")
    parent = Varchar(length=200, default="")
    quantity = Integer(default=1)
    occurred_at = Timestamptz()
    day_only = Boolean(default=False)
    local_day = Date()
    programme_day = Date()
    bucket = SmallInt(default=-1)
    active = Boolean(default=True)
    fields = JSONB(null=True, default=None)
    worth = Integer(default=0)
    points = Integer(default=0)
    reason = Varchar(length=200, null=True, default=None)
    recorded_at = Timestamptz()
    reverses = BigInt(null=True, default=None)

    credited_once = Unique([source, key, member_id, kind])
    # `reversed_once` is a unique index beside it, on the few entries that reverse another.


class DayTally(Table, tablename="day_tally"):
    """What a capped kind is worth in a part of a member's day, before the cap."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    kind = Varchar(length=80)
    local_day = Date()
    programme_day = Date()
    bucket = SmallInt()
    worth = BigInt()

    one_row_a_part = Unique([member_id, kind, local_day, programme_day, bucket])


class Tally(Table, tablename="tally"):
    """A member's running amounts in one flow: how many, their sum, and the sum of what rose it."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    flow = Integer()
    subject = Varchar(length=200, default="")
    n = BigInt()
    total = BigInt()
    rises = BigInt()

    one_row_a_subject = Unique([member_id, flow, subject])


class DayInFlow(Table, tablename="day_in_flow"):
    """The same on one local day, for flows that some criteria look at through a window."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    flow = Integer()
    subject = Varchar(length=200, default="")
    day = Date()
    n = BigInt()
    rises = BigInt()

    one_flow_row_a_day = Unique([member_id, flow, subject, day])


class ValueInFlow(Table, tablename="value_in_flow"):
    """How often a value came up in a flow that tells values apart."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    flow = Integer()
    subject = Varchar(length=200, default="")
    value = Text()
    n = BigInt()

    one_row_a_value = Unique([member_id, flow, subject, value])


class ActiveDay(Table, tablename="active_day"):
    """A local day on which the member did something, and how much."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    day = Date()
    n = Integer()

    one_row_a_day = Unique([member_id, day])
