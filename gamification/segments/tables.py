"""Who is in a segment, as far as something is for it."""

from piccolo.columns import UUID, BigSerial, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class SegmentMember(Table, tablename="segment_member"):
    """A member who is in a segment: now, or when a period was closed.

    Kept only for segments that something uses, and a few minutes behind at most.
    """

    id = BigSerial(primary_key=True)
    segment = Varchar(length=80)
    # Empty for now; else the closed period for which they were in it.
    period = Varchar(length=100)
    member_id = UUID(null=False, default=None, index=True)

    in_it_once = Unique([segment, period, member_id])
