"""The points that boards show, and which periods are closed."""

from piccolo.columns import UUID, BigInt, BigSerial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class BoardPoints(Table, tablename="board_points"):
    """A member's points in a period, of one scope of kinds.

    The revision rises with every change, so that a copy elsewhere knows which is newer.
    """

    id = BigSerial(primary_key=True)
    scope = Varchar(length=80)
    period = Varchar(length=20)
    member_id = UUID(null=False, default=None)
    points = BigInt()
    revision = BigInt()

    one_row_a_member = Unique([scope, period, member_id])


class ClosedPeriod(Table, tablename="closed_period"):
    """A period whose boards are frozen. What comes in later counts elsewhere."""

    period = Varchar(length=20, primary_key=True)
    closed_at = Timestamptz()


class BoardFall(Table, tablename="board_fall"):
    """Somebody's points went down: from how many, and in which transaction.

    Who pages through a board meanwhile is not shown the same person twice.
    """

    id = BigSerial(primary_key=True)
    scope = Varchar(length=80)
    period = Varchar(length=20)
    member_id = UUID(null=False, default=None)
    fell_from = BigInt()
    transaction = BigInt()
    fell_at = Timestamptz(index=True)
