"""What managers are working on and haven't published."""

from piccolo.columns import JSONB, BigSerial, Integer, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class Draft(Table, tablename="catalogue_draft"):
    """The next version of something in the catalogue. Without a definition, its retirement.

    Each save has another `revision`, so that nobody overwrites what they haven't seen.
    `based_on` is the published version that was there when it was saved; 0 for none.
    """

    revision = BigSerial(primary_key=True)
    what = Varchar(length=10)
    slug = Varchar(length=80)
    definition = JSONB(null=True, default=None)
    based_on = Integer()
    edited_by = Varchar(length=80)
    edited_at = Timestamptz()

    one_draft_a_thing = Unique([what, slug])
