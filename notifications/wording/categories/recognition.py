"""What is told of badges, tiers and points."""

from typing import Final

from notifications.wording.category import (
    EVERYWHERE,
    QUIETLY,
    ByLanguage,
    Category,
    Facts,
    Kind,
    Name,
    Patience,
    Slug,
    Words,
)
from notifications.wording.marks import say, says


class BadgeEarned(Facts, frozen=True):
    """A badge, and how it is called."""

    badge: Slug
    name: ByLanguage
    image: Name = ""


class TierReached(Facts, frozen=True):
    """A tier, and how it is called."""

    tier: Slug
    name: ByLanguage
    image: Name = ""


class GivenByHand(Facts, frozen=True):
    """A badge that the team gave or took, and why."""

    badge: Slug
    name: ByLanguage
    reason: ByLanguage


class PointsByHand(Facts, frozen=True):
    """Points from the team, and why."""

    activity: Slug
    reason: ByLanguage


class Looked(Facts, frozen=True):
    """An activity that the team looked at."""

    activity: Slug


class LookedWithReason(Looked, frozen=True):
    """The same, with the team's words."""

    reason: ByLanguage


class SeasonCelebrated(Facts, frozen=True):
    """A season that ended."""

    season: Slug
    name: ByLanguage


CATEGORIES: Final = (
    Category(
        slug="badge.earned",
        label=say("Badges that you earn"),
        kind=Kind.NEWS,
        facts=BadgeEarned,
        title=Words(
            say("New badge: {name}"),
            says("{name} and {others} more badge", "{name} and {others} more badges"),
        ),
        body=Words(
            say("You earned the badge “{name}”. Thank you for what you do here."),
            says(
                "You earned {name} and {others} more badge. Thank you for what you do here.",
                "You earned {name} and {others} more badges. Thank you for what you do here.",
            ),
        ),
        link="/me/badges/{badge}",
        collapses="badge.earned",
        image="image",
    ),
    Category(
        slug="tier.reached",
        label=say("Tiers that you reach"),
        kind=Kind.NEWS,
        facts=TierReached,
        title=Words(say("You reached a new tier: {name}")),
        body=Words(say("You are now “{name}”. See what comes with it.")),
        link="/me/standing",
        collapses="tier.reached",
        image="image",
    ),
    Category(
        slug="badge.given",
        label=say("Badges that the team gives you"),
        kind=Kind.NEWS,
        facts=GivenByHand,
        title=Words(say("The team gave you a badge: {name}")),
        body=Words(say("In their words: {reason}")),
        link="/me/badges/{badge}",
        personal=True,
    ),
    Category(
        slug="badge.taken",
        label=say("Decisions of the team about your badges"),
        kind=Kind.SERVICE,
        facts=GivenByHand,
        title=Words(say("The team took back a badge: {name}")),
        body=Words(say("In their words: {reason}")),
        link="/me/badges/{badge}",
        personal=True,
    ),
    Category(
        slug="points.given",
        label=say("Points that the team gives you"),
        kind=Kind.NEWS,
        facts=PointsByHand,
        title=Words(say("The team gave you points")),
        body=Words(say("In their words: {reason}")),
        link="/me/activities",
        personal=True,
    ),
    Category(
        slug="activity.held",
        label=say("Decisions of the team about your activities"),
        kind=Kind.SERVICE,
        facts=LookedWithReason,
        title=Words(say("The team is having a look at one of your activities")),
        body=Words(say("It doesn't count for now. In their words: {reason}")),
        link="/me/activities",
        personal=True,
    ),
    Category(
        slug="activity.released",
        label=say("Decisions of the team about your activities"),
        kind=Kind.SERVICE,
        facts=Looked,
        title=Words(say("One of your activities counts again")),
        body=Words(say("The team had a look, and all is well. Nothing is lost.")),
        link="/me/activities",
        personal=True,
    ),
    Category(
        slug="activity.reversed",
        label=say("Decisions of the team about your activities"),
        kind=Kind.SERVICE,
        facts=LookedWithReason,
        title=Words(say("One of your activities doesn't count any more")),
        body=Words(say("In the team's words: {reason}")),
        link="/me/activities",
        personal=True,
    ),
    Category(
        slug="season.celebrated",
        label=say("Seasons that end"),
        kind=Kind.NEWS,
        facts=SeasonCelebrated,
        title=Words(say("{name} is over. Here is what we did together")),
        body=Words(say("Have a look back at the season, and at your part in it.")),
        link="/seasons/{season}",
        patience=Patience.SOON,
        channels=EVERYWHERE,
        collapses="season:{season}",
    ),
    Category(
        slug="thanks.received",
        label=say("Thanks from others"),
        kind=Kind.NEWS,
        facts=Facts,
        title=Words(
            say("{who} thanked you"),
            says("{who} and {others} other thanked you", "{who} and {others} others thanked you"),
        ),
        body=Words(say("See what for.")),
        link="/me/activities",
        channels=QUIETLY,
        patience=Patience.DIGEST,
        collapses="thanks.received",
        personal=True,
        listed=False,
    ),
)
