"""What was gathered for members, and what became of it as mail."""

from piccolo.columns import JSONB, UUID, BigSerial, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class Digest(Table, tablename="digest"):
    """What a member was told at the end of a period: once, whatever happens.

    `content` is what others may know as well, and the ids of the member's own messages.
    `mail_due_at` is when a mail of it is tried next, and null when none waits.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    # A day, a week or a month of the member's: 2026-11-25, 2026-W48 or 2026-11.
    period = Varchar(length=10)
    often = Varchar(length=7)
    since = Timestamptz()
    until = Timestamptz()
    content = JSONB()
    mail_due_at = Timestamptz(null=True, default=None)
    mail_held_until = Timestamptz(null=True, default=None)
    mail_tries = SmallInt(default=0)
    mailed_at = Timestamptz(null=True, default=None)

    a_digest_a_period = Unique(["member_id", "period"])
