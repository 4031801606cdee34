"""What is told of challenges."""

from typing import Final

from notifications.wording.category import (
    A_DAY,
    QUIETLY,
    ByLanguage,
    Category,
    Facts,
    Kind,
    Slug,
    Words,
)
from notifications.wording.marks import say


class About(Facts, frozen=True):
    """A challenge, and how it is called."""

    challenge: Slug
    name: ByLanguage


class Milestone(About, frozen=True):
    """How far everybody came together."""

    percent: int


class Cancelled(About, frozen=True):
    """Why it doesn't take place, in the team's words if it had some."""

    reason: ByLanguage = ByLanguage(fr="", en="")


class Said(About, frozen=True):
    """What the team says to those who take part."""

    word: ByLanguage


CATEGORIES: Final = (
    Category(
        slug="challenge.milestone",
        label=say("Milestones of challenges you take part in"),
        kind=Kind.NEWS,
        facts=Milestone,
        title=Words(say("{name}: {percent}%, and we go on together")),
        body=Words(say("Your part is in it. See how far everybody came.")),
        link="/challenges/{challenge}",
        lasts=A_DAY,
        collapses="challenge.milestone:{challenge}",
    ),
    Category(
        slug="challenge.completed",
        label=say("Challenges that succeed"),
        kind=Kind.NEWS,
        facts=About,
        title=Words(say("Done, together: {name}")),
        body=Words(say("Everybody's part made it. Thank you for yours.")),
        link="/challenges/{challenge}",
        collapses="challenge.completed:{challenge}",
    ),
    Category(
        slug="challenge.ended",
        label=say("Challenges that end"),
        kind=Kind.NEWS,
        facts=About,
        title=Words(say("{name} has ended")),
        body=Words(say("Here is how far everybody came together. Thank you for your part.")),
        link="/challenges/{challenge}",
        collapses="challenge.ended:{challenge}",
    ),
    Category(
        slug="challenge.cancelled",
        label=say("Challenges that are called off"),
        kind=Kind.NEWS,
        facts=Cancelled,
        title=Words(say("{name} doesn't take place")),
        body=Words(say("The team called it off. {reason}")),
        link="/challenges/{challenge}",
        collapses="challenge.cancelled:{challenge}",
    ),
    Category(
        slug="challenge.word",
        label=say("Words about challenges you take part in"),
        kind=Kind.NEWS,
        facts=Said,
        title=Words(say("{name}: a word from the team")),
        body=Words(say("{word}")),
        link="/challenges/{challenge}",
        channels=QUIETLY,
    ),
    Category(
        slug="challenge.opened",
        label=say("Invitations to challenges"),
        kind=Kind.SOLICITATION,
        facts=About,
        title=Words(say("A new challenge: {name}")),
        body=Words(say("Have a look, and join if you feel like it.")),
        link="/challenges/{challenge}",
        collapses="challenge.opened:{challenge}",
    ),
)
