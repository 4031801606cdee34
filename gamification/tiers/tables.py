"""The tiers that members reached."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table


class TierHeld(Table, tablename="tier_held"):
    """A tier that a member reached. With `lapses_at`, facts were taken back and grace runs.

    A `spared` one is held although what earned it was taken back: new facts may earn it again.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    tier = Varchar(length=80)
    reached_at = Timestamptz()
    lapses_at = Timestamptz(null=True, default=None)
    spared = Boolean(default=False)
    version = Integer()
    entries = Array(base_column=BigInt(), default=list)
    recorded_at = Timestamptz()

    reached_once = Unique([member_id, tier])
