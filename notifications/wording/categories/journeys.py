"""What is said on a journey: the words are those of its plan."""

from typing import Final

from notifications.wording.category import A_DAY, ByLanguage, Category, Facts, Kind, Slug, Words
from notifications.wording.marks import say


class OnAJourney(Facts, frozen=True):
    """The words of a step, and where they lead."""

    journey: Slug
    title: ByLanguage
    body: ByLanguage
    to: Slug = "/"


CATEGORIES: Final = (
    Category(
        slug="journey.news",
        label=say("Words along your way here"),
        kind=Kind.NEWS,
        facts=OnAJourney,
        title=Words("{title}"),
        body=Words("{body}"),
        link="{to}",
        lasts=2 * A_DAY,
    ),
    Category(
        slug="journey.ask",
        label=say("Ideas of what you could do here"),
        kind=Kind.SOLICITATION,
        facts=OnAJourney,
        title=Words("{title}"),
        body=Words("{body}"),
        link="{to}",
        # With the time until it leaves, what asks after a success does so within three days.
        lasts=1.5 * A_DAY,
    ),
)
