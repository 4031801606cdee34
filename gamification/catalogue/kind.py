"""A kind of activity with all that it was ever worth."""

from datetime import date

import msgspec

from gamification.catalogue.definitions import KindDefinition
from gamification.ledger.worth import Terms


class KindInForce(msgspec.Struct, frozen=True):
    """A kind of activity with the terms of each stretch of days."""

    definition: KindDefinition
    terms_from: tuple[tuple[date, Terms], ...]
    retired: bool = False

    def terms_on(self, day: date) -> Terms:
        """What the kind is worth on a day."""
        terms = self.terms_from[0][1]
        for from_day, later in self.terms_from[1:]:
            if from_day <= day:
                terms = later
        return terms
