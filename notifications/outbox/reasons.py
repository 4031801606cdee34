"""What became of a notification and why, in words for the member."""

from collections.abc import Mapping
from typing import Final

from notifications.attention.plan import Why
from notifications.wording.marks import say

REASONS: Final[Mapping[Why, str]] = {
    Why.SENT: say("It reached you."),
    Why.EXPIRED: say("It had waited so long that it wasn't worth disturbing you for."),
    Why.GONE: say("You weren't a member at that time."),
    Why.SEEN: say("You had read it in the app already."),
    Why.SWITCHED_OFF: say("You switched this off in your preferences."),
    Why.PAUSED: say("You asked to be left alone at that time."),
    Why.QUIET: say("These were your quiet hours or days."),
    Why.RESTING: say("We ask nothing of you for a while."),
    Why.SAID_NO: say("You said no to this before, so we wait longer before asking again."),
    Why.NO_ASKING: say("You don't wish to be asked for anything, or nobody is at this time."),
    Why.BUDGET: say("You had been asked for enough in these days."),
    Why.ALIKE: say("It became one with others like it that you hadn't read yet."),
    Why.NO_DEVICE: say("There was no phone to send it to."),
    Why.STOPPED: say("The team took it back."),
    Why.GIVEN_UP: say("Sending it to your phone didn't work."),
}
