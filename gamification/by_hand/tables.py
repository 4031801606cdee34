"""What staff did by hand, and what waits for a second manager's word."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table


class Does(StrEnum):
    """What an act does."""

    GIVE = "give"
    TAKE = "take"
    LEAVE = "leave"
    CREDIT = "credit"


class State(StrEnum):
    """What became of an act."""

    DONE = "done"
    PROPOSED = "proposed"
    DECLINED = "declined"


class HandAct(Table, tablename="hand_act"):
    """Something that a manager did for members by hand, or proposes to another manager.

    `slug` is a badge's, or with `credit` a kind's. `decided_by` is the second manager, where
    one was needed: what was declined by nobody was withdrawn by who proposed it. The reason holds
    what members read, by language.
    """

    id = BigSerial(primary_key=True)
    does = Varchar(length=6, choices=Does)
    slug = Varchar(length=80)
    subject = Varchar(length=200, default="")
    quantity = Integer(default=1)
    members = Array(base_column=UUID(), default=list)
    reason = JSONB(default="{}")
    done_by = UUID(null=False, default=None)
    at = Timestamptz()
    state = Varchar(length=8, choices=State)
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)

    hand_act_does_what_is_known = Check("does IN ('give', 'take', 'leave', 'credit')")
    hand_act_state_is_known = Check("state IN ('done', 'proposed', 'declined')")
    a_second_word_is_anothers = Check("decided_by IS NULL OR decided_by <> done_by")


class HandAward(Table, tablename="hand_award"):
    """Who has a badge by hand. Append-only: the latest row of a place rules over criteria.

    `gives` is null where the place was left to the criteria again.
    """

    id = BigSerial(primary_key=True)
    act_id = BigInt()
    member_id = UUID(null=False, default=None)
    badge = Varchar(length=80)
    subject = Varchar(length=200, default="")
    season = Varchar(length=80, default="")
    gives = Boolean(null=True, default=None)
    version = Integer()
    at = Timestamptz()
