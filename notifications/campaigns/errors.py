"""What can stand in the way of a campaign."""

from http import HTTPStatus

from ground.errors import AmbassadeError, Conflict, FieldError, Invalid, NotAllowed, NotFound


class CampaignNotFound(NotFound):
    """No campaign by that id."""

    code = "campaign_not_found"
    title = "There is no such campaign"


class CampaignInvalid(Invalid):
    """It can't be as it is written: each place is named, with the reason."""

    code = "campaign_invalid"
    title = "This campaign can't be"

    @classmethod
    def with_faults(cls, errors: list[FieldError]) -> "CampaignInvalid":
        return cls(errors[0].detail, errors=tuple(errors))


class CampaignState(Conflict):
    """It has gone too far for this, or not far enough."""

    code = "campaign_state"
    title = "The campaign isn't in a state for this"


class OwnCampaign(NotAllowed):
    """The second word is another manager's."""

    code = "own_campaign"
    title = "Another manager has to approve what you want to send to so many"


class SenderGone(Conflict):
    """Who wanted to send it is no manager any more, so there is no first word."""

    code = "sender_gone"
    title = "Who wanted to send it is no manager any more"


class TooManyBroadcasts(AmbassadeError):
    """So many members are written to only so often."""

    status = HTTPStatus.CONFLICT
    code = "too_many_broadcasts"
    title = "So many members were written to often enough within a day"
