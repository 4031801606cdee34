"""The keys that stand in the pages of public sites."""

from piccolo.columns import UUID, Array, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check
from piccolo.table import Table


class PublishableKey(Table, tablename="publishable_key"):
    """What a page of a site shows with: which boards and challenges, and on which origins.

    No secret: whoever opens the page reads the key, so it is kept as it is.
    """

    id = UUID(primary_key=True, default=UUID4())
    key = Varchar(length=40, default=None, null=False, unique=True)
    name = Varchar(length=60)
    boards: Array = Array(base_column=Varchar(length=80), default=list)
    challenges: Array = Array(base_column=Varchar(length=80), default=list)
    origins: Array = Array(base_column=Varchar(length=200), default=list)
    # As the audit trail names them.
    created_by = Varchar(length=80)
    created_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(null=True, default=None)

    publishable_key_is_recognised = Check("key ~ '^pk_[A-Za-z0-9_-]{16,37}$'")
