"""Campaigns, and to whom each of them went."""

from enum import StrEnum

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Boolean, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class State(StrEnum):
    """How far a campaign has come."""

    DRAFT = "draft"
    # It waits for a second manager's word.
    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    # It is in all outboxes; phones may hear of it for as long as it lasts.
    SENT = "sent"
    STOPPED = "stopped"


class Campaign(Table, tablename="campaign"):
    """What a manager writes to many. Who is written to next comes `after` a member's id."""

    id = UUID(primary_key=True, default=None, null=False)
    definition = JSONB(default=None, null=False)
    revision = Integer(default=1)
    state = Varchar(length=10, default="draft")
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    # Who wants to send it, and the second manager where one is needed.
    wanted_by = UUID(null=True, default=None)
    wanted_at = Timestamptz(null=True, default=None)
    approved_by = UUID(null=True, default=None)
    scheduled_at = Timestamptz(null=True, default=None)
    starts_at = Timestamptz(null=True, default=None)
    began_at = Timestamptz(null=True, default=None)
    next_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    # How many it is for, as counted last; how many were looked at, and how many told.
    size = Integer(default=0)
    seen = Integer(default=0)
    told = Integer(default=0)
    after = UUID(null=True, default=None)

    campaign_state_is_known = Check(
        "state IN ('draft', 'proposed', 'scheduled', 'sending', 'sent', 'stopped')"
    )
    a_campaign_has_anothers_second_word = Check("approved_by IS NULL OR approved_by <> wanted_by")


class CampaignMember(Table, tablename="campaign_member"):
    """A member to whom a campaign went. It goes with the notification."""

    id = BigSerial(primary_key=True)
    campaign = UUID(null=False, default=None)
    member_id = UUID(null=False, default=None)
    notification_id = BigInt(null=False, default=None)
    # Whether pushes of its kind were switched off already.
    muted_before = Boolean(default=False)
    opened_at = Timestamptz(null=True, default=None)

    a_campaign_goes_to_a_member_once = Unique(["campaign", "member_id"])
