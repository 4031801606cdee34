"""Hands the programme's own decisions down to the packages that keep to them."""

from community.members.admission import Admission, decide
from ground.programme import keep_time_of
from server.config import Settings


def apply_programme(settings: Settings) -> None:
    """Do it once, when a process starts."""
    keep_time_of(settings.programme_time_zone)
    decide(Admission(minimum_age=settings.minimum_age))
