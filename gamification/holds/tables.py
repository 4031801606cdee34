"""Entries of the ledger that staff looks at, or has looked at."""

from enum import StrEnum

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class HoldState(StrEnum):
    """What became of a hold."""

    HELD = "held"
    RELEASED = "released"
    REVERSED = "reversed"


class EntryHold(Table, tablename="entry_hold"):
    """An entry that was held for a look: it is reversed, and released by a new entry.

    `origin_id` is the entry as it first came, `entry_id` the one that was held (the same, or
    what an earlier release wrote), `release_id` what took its place. `member_id` is whose it
    is now, also after accounts were merged. A reversal by staff is a hold that was decided at once.
    """

    id = BigSerial(primary_key=True)
    origin_id = BigInt(index=True)
    entry_id = BigInt(unique=True)
    member_id = UUID(null=False, default=None, index=True)
    reason = JSONB(default="{}")
    held_by = UUID(null=False, default=None)
    held_at = Timestamptz()
    state = Varchar(length=8, choices=HoldState)
    # Nobody, where the source itself took back what was held.
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_because = JSONB(null=True, default=None)
    release_id = BigInt(null=True, default=None, unique=True)

    hold_state_is_known = Check("state IN ('held', 'released', 'reversed')")
