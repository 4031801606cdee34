"""What an import keeps for later."""

from piccolo.columns import JSONB, BigSerial, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class WaitingRow(Table, tablename="import_waiting"):
    """A row about a post that isn't known yet: a later part of the same source may bring it.

    Holds ids, dates and kinds of the source, and nothing that somebody wrote.
    """

    id = BigSerial(primary_key=True)
    source = Varchar(length=80)
    file = Varchar(length=40)
    row_id = Varchar(length=40)
    attributes = JSONB(default=None, null=False)

    waits_once = Unique([source, file, row_id])
