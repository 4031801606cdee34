"""What members were awarded."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    BigSerial,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table


class Award(Table, tablename="award"):
    """A badge that a member earned, with what earned it and under which version of the rule.

    One taken back stays as a row, so that the member can be told why; it is no award any more.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    badge = Varchar(length=80)
    subject = Varchar(length=200, default="")
    season = Varchar(length=80, default="")
    # The subject that earned a badge which is earned once.
    through = Varchar(length=200, default="")
    awarded_at = Timestamptz()
    version = Integer()
    entries = Array(base_column=BigInt(), default=list)
    recorded_at = Timestamptz()
    taken_back_at = Timestamptz(null=True, default=None)
    # The act by hand (`hand_award`) that rules over the criteria here, if one does.
    hand = BigInt(null=True, default=None)

    earned_once = Unique([member_id, badge, subject, season])
