"""What managers write to many. Their own words, which the linter read before."""

from typing import Final

from notifications.wording.category import (
    A_DAY,
    ByLanguage,
    Category,
    Facts,
    Kind,
    Patience,
    Slug,
    Words,
)
from notifications.wording.marks import say


class Campaign(Facts, frozen=True):
    """A campaign's words, and where they lead."""

    campaign: Slug
    title: ByLanguage
    body: ByLanguage
    to: Slug = "/"
    image: Slug = ""


CATEGORIES: Final = (
    Category(
        slug="campaign.news",
        label=say("News from the team"),
        kind=Kind.NEWS,
        facts=Campaign,
        title=Words("{title}"),
        body=Words("{body}"),
        link="{to}",
        lasts=2 * A_DAY,
        image="image",
    ),
    Category(
        slug="campaign.ask",
        label=say("Requests from the team"),
        kind=Kind.SOLICITATION,
        facts=Campaign,
        title=Words("{title}"),
        body=Words("{body}"),
        link="{to}",
        lasts=7 * A_DAY,
        image="image",
    ),
    # For the manager who wrote it alone: at once, whatever the hour.
    Category(
        slug="campaign.test",
        label=say("Tests of what you write to members"),
        kind=Kind.SERVICE,
        facts=Campaign,
        title=Words("{title}"),
        body=Words("{body}"),
        link="{to}",
        patience=Patience.NOW,
        lasts=A_DAY / 24,
        listed=False,
        image="image",
    ),
)
