"""How a digest is announced: it says the rest itself."""

from typing import Final

from notifications.wording.category import (
    A_DAY,
    ByLanguage,
    Category,
    Channel,
    Facts,
    Kind,
    Patience,
    Slug,
    Words,
)
from notifications.wording.marks import say


class Ready(Facts, frozen=True):
    """A digest, and how much there is in it."""

    digest: Slug
    title: ByLanguage
    summary: ByLanguage


CATEGORIES: Final = (
    Category(
        slug="digest.ready",
        label=say("Your digest"),
        kind=Kind.NEWS,
        facts=Ready,
        title=Words("{title}"),
        body=Words("{summary}"),
        link="/digests/{digest}",
        channels=frozenset({Channel.INBOX, Channel.LIVE}),
        patience=Patience.DIGEST,
        lasts=7 * A_DAY,
        # One that wasn't read makes way for the next: they don't pile up.
        collapses="digest.ready",
    ),
)
