"""What is told of squads. What they are called is read where it can be changed: not here."""

from typing import Final

from notifications.wording.category import A_DAY, ByLanguage, Category, Facts, Kind, Slug, Words
from notifications.wording.marks import say


class Invited(Facts, frozen=True):
    """A squad that asks for somebody."""

    squad: Slug


class Dissolved(Facts, frozen=True):
    """Why, in the team's words."""

    reason: ByLanguage


CATEGORIES: Final = (
    Category(
        slug="squad.invited",
        label=say("Invitations to squads"),
        kind=Kind.SOLICITATION,
        facts=Invited,
        title=Words(say("{who} invites you to a squad")),
        body=Words(say("Have a look, and join if you feel like it. No answer is fine too.")),
        link="/squads/{squad}",
        lasts=7 * A_DAY,
        collapses="squad.invited:{squad}",
        personal=True,
    ),
    Category(
        slug="squad.dissolved",
        label=say("Decisions of the team about your squads"),
        kind=Kind.SERVICE,
        facts=Dissolved,
        title=Words(say("The team dissolved a squad that you were in")),
        body=Words(say("What you did stays yours. In their words: {reason}")),
        link="/squads",
        personal=True,
    ),
)
