"""What members were asked, and when to leave them alone."""

from piccolo.columns import UUID, BigInt, BigSerial, Integer, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Attention(Table, tablename="attention"):
    """A member's attention: whoever asks for it holds this row. At rest until a moment."""

    member_id = UUID(primary_key=True, default=None, null=False)
    rest_until = Timestamptz(null=True, default=None)
    rest_why = Varchar(length=60, default="")


class AttentionSpend(Table, tablename="attention_spend"):
    """A solicitation that reached a member, through whichever channel. One each."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    notification_id = BigInt()
    kind = Varchar(length=60)
    at = Timestamptz()


class AttentionRefusal(Table, tablename="attention_refusal"):
    """How often in a row a member said no to a kind of asking."""

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    kind = Varchar(length=60)
    noes = Integer(default=0)
    last_no_at = Timestamptz()


class AttentionCeiling(Table, tablename="attention_ceiling"):
    """How much of members' attention the programme may ask for at most. One row."""

    id = SmallInt(primary_key=True, default=1)
    asks = SmallInt(default=2)
    days = SmallInt(default=7)
    changed_at = Timestamptz()

    there_is_one_ceiling = Check("id = 1")
    the_ceiling_is_a_few_asks_in_some_days = Check(
        "asks BETWEEN 0 AND 20 AND days BETWEEN 1 AND 90"
    )
