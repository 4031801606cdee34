"""Where each member stands, kept as it changes."""

from piccolo.columns import JSONB, UUID, BigInt, Date
from piccolo.table import Table


class Standing(Table, tablename="standing"):
    """A member's points and streaks. Points are the sum of the ledger's."""

    member_id = UUID(primary_key=True, default=None, null=False)
    points = BigInt(default=0)
    entries = BigInt(default=0)
    last_active_day = Date(null=True, default=None)
    # The length and last period of the run and the longest one, for days, weeks and months.
    streaks = JSONB(default="{}")
