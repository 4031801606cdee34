"""What members are told."""

from piccolo.columns import JSONB, UUID, Array, BigSerial, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Notification(Table, tablename="notification"):
    """One thing that a member is told, with all its like that came before they read it.

    `facts` are those of the last one; `actors` the last people it was about, by id: their names
    are looked up when it is read. `shown_at` is null while a solicitation waits for its turn.
    `once` makes it at most one of its name for a member, ever.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    category = Varchar(length=60)
    collapse_key = Varchar(length=200, default="")
    once = Varchar(length=200, default="")
    facts = JSONB(default="{}")
    actors = Array(base_column=UUID(), default=list)
    likes = Integer(default=1)
    told_at = Timestamptz()
    shown_at = Timestamptz(null=True, default=None)
    read_at = Timestamptz(null=True, default=None)
    archived_at = Timestamptz(null=True, default=None)
    declined_at = Timestamptz(null=True, default=None)

    a_notification_has_one_or_more_likes = Check("likes >= 1")
