"""Who may join: the age from which one may, asked without a birth date, and as what."""

from typing import Final

import msgspec

from community.members.errors import PopulationNotOpen, TooYoung
from gamification.players.tables import Population
from ground.errors import FieldError
from ground.languages import Language

QUESTION: Final = {
    Language.FRENCH: "Avez-vous {age} ans ou plus ?",
    Language.ENGLISH: "Are you {age} or older?",
}


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """What the programme decided about joining.

    Nobody declares themselves an employee or a partner unless the programme opens that
    population: one is made so by an import.
    """

    minimum_age: int = 15
    open_populations: frozenset[Population] = frozenset({Population.CUSTOMER})

    def question(self, language: Language) -> str:
        """The question that joining answers with yes or no. Ages are not kept."""
        return QUESTION[language].format(age=self.minimum_age)

    def examine(self, *, old_enough: bool, population: Population | None) -> None:
        """Raise unless somebody with these answers may join."""
        if not old_enough:
            raise TooYoung
        if population is not None and population not in self.open_populations:
            wrong = FieldError("/population", "is not open to everybody")
            raise PopulationNotOpen(errors=(wrong,))


_admission = Admission()


def decide(admission: Admission) -> None:
    """Set the programme's decision, once, when a process starts."""
    global _admission
    _admission = admission


def admission() -> Admission:
    """What the programme decided."""
    return _admission
