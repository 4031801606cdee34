"""Where members may be written to."""

from piccolo.columns import UUID, SmallInt, Timestamptz, Varchar
from piccolo.table import Table


class MailAddress(Table, tablename="mail_address"):
    """The address of a member who wants mail; without one they don't.

    `token` stays the same, so that the link in an old mail still ends all mail. `failures` counts
    the mails in a row that were refused for good, and `refused_at` is when that was enough.
    """

    member_id = UUID(primary_key=True, default=None, null=False)
    token = Varchar(length=43, unique=True)
    address = Varchar(length=254, null=True, default=None)
    chosen_at = Timestamptz(null=True, default=None)
    failures = SmallInt(default=0)
    refused_at = Timestamptz(null=True, default=None)
