"""What waits to be sent, and what became of it."""

from piccolo.columns import UUID, BigInt, BigSerial, Integer, Timestamptz, Varchar
from piccolo.table import Table


class Outbox(Table, tablename="outbox"):
    """A notification that is to leave: a push, or a solicitation through any channel.

    Whoever works on it holds it until `held_until`; then it is anybody's again. The row is gone
    once it is decided for good.
    """

    id = BigSerial(primary_key=True)
    notification_id = BigInt()
    member_id = UUID(null=False, default=None)
    category = Varchar(length=60)
    collapse_id = Varchar(length=64)
    due_at = Timestamptz()
    expires_at = Timestamptz()
    held_until = Timestamptz(null=True, default=None)
    tries = Integer(default=0)


class DeliveryLine(Table, tablename="delivery_line"):
    """Why a notification came, came later, or didn't: one line for each decision."""

    id = BigSerial(primary_key=True)
    notification_id = BigInt()
    member_id = UUID(null=False, default=None)
    channel = Varchar(length=10)
    outcome = Varchar(length=10)
    why = Varchar(length=40, default="")
    until = Timestamptz(null=True, default=None)
    at = Timestamptz()
