"""Who tells what moves often: composed here, where everybody is known."""

from typing import Final

from notifications.announcements.ticker import Teller

TELLERS: Final[list[Teller]] = []
