"""Hands the programme's own decisions down to the packages that keep to them."""

from community.members.admission import Admission, decide
from community.profiles.service import names_to_tell
from gamification.by_hand.limits import Limits, keep_to
from ground.programme import keep_time_of
from notifications.campaigns import limits as campaigns
from notifications.wording import names
from server.config import Settings
from server.mail import apply_mail


def apply_programme(settings: Settings) -> None:
    """Do it once, when a process starts."""
    keep_time_of(settings.programme_time_zone)
    decide(Admission(minimum_age=settings.minimum_age))
    keep_to(Limits(settings.by_hand_members_a_day, settings.by_hand_points_a_day))
    campaigns.keep_to(
        campaigns.Limits(
            alone=settings.campaign_members_a_day,
            broadcasts=settings.broadcasts_a_day,
            image_hosts=frozenset(settings.push_image_hosts),
        )
    )
    names.known_by(names_to_tell)
    apply_mail(settings)
