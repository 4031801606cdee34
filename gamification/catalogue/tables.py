"""The catalogue's rows: every version that was ever published."""

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table


class Publication(Table, tablename="publication"):
    """One version of a kind, badge, tier, board or season. The latest of a slug is in force.

    `since` is the moment from which activities count for its criteria; without one, all do.
    A kind's terms apply to days from `from_day` on. `retired` takes it out of the catalogue.
    A row that is no version but `what="release"` is a mark: what a release lets be counted
    ahead, or undoes.
    """

    id = BigSerial(primary_key=True)
    what = Varchar(length=10)
    slug = Varchar(length=80)
    version = Integer()
    definition = JSONB()
    since = Timestamptz(null=True, default=None)
    from_day = Date(null=True, default=None)
    retired = Boolean(default=False)
    published_at = Timestamptz()
    # With what else it was published.
    release = BigInt(null=True, default=None)

    one_row_a_version = Unique([what, slug, version])


class FlowRow(Table, tablename="flow"):
    """The number of each stream of activities that some criteria measure."""

    id = BigSerial(primary_key=True)
    fingerprint = Varchar(length=2000)

    one_number_a_flow = Unique([fingerprint])
