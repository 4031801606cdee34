"""Lines that say who somebody is: a brand's own list of members. Pure."""

from datetime import datetime
from typing import Final

import msgspec

from community.imports.dates import Dates
from community.imports.errors import LineRejected, quoted
from community.imports.sheet import Columns, Line
from community.imports.stand_in import STAND_IN
from community.members.addresses import LONGEST, is_address
from community.members.importing import ImportedPerson
from gamification.players.tables import Population
from ground import programme
from ground.languages import Language
from notifications.preferences.zones import known_zones

LONGEST_ID: Final = 200
LONGEST_NAME: Final = 240
# Clocks of sources run a little ahead; so may their days.
DAY: Final = 86_400

COLUMNS: Final = Columns(
    required=("id",),
    # A name may be in the file, and is left there: nobody would see it.
    optional=("name", "email", "language", "time_zone", "population", "joined_at"),
    aliases={
        "external_id": "id",
        "e_mail": "email",
        "locale": "language",
        "timezone": "time_zone",
        "joined": "joined_at",
    },
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, and how they wish to be spoken to if that is known."""

    person: ImportedPerson
    language: Language | None = None
    time_zone: str | None = None


class People(msgspec.Struct, frozen=True, kw_only=True):
    """How a list of members is read."""

    now: datetime
    dates: Dates = Dates()
    population: Population = Population.CUSTOMER

    def read(self, line: Line) -> Told:
        """The person on a line."""
        external_id = line.required("id", LONGEST_ID)
        if external_id == STAND_IN:
            raise LineRejected("id_invalid", f"{STAND_IN} can't be somebody's id")
        line.optional("name", LONGEST_NAME)
        person = ImportedPerson(
            external_id=external_id,
            known_since=self._known_since(line),
            address=address_in(line, "email"),
            population=self._population(line),
        )
        return Told(person=person, language=_language(line), time_zone=_time_zone(line))

    def _known_since(self, line: Line) -> datetime:
        text = line.optional("joined_at", LONGEST_ID)
        if text is None:
            return self.now
        moment = self.dates.moment(text, programme.zone())
        if (moment - self.now).total_seconds() > DAY:
            raise LineRejected("in_the_future", f"joined_at is {quoted(text)}, which is to come")
        return min(moment, self.now)

    def _population(self, line: Line) -> Population:
        text = line.cells.get("population")
        if text is None:
            return self.population
        try:
            return Population(text.lower())
        except ValueError:
            known = ", ".join(Population)
            why = f"population is {quoted(text)}, and not one of {known}"
            raise LineRejected("population_unknown", why) from None


def address_in(line: Line, column: str) -> str | None:
    """The e-mail address of a line, if it has one."""
    text = line.optional(column, LONGEST)
    if text is not None and not is_address(text):
        raise LineRejected("email_invalid", f"{column} isn't the form of an e-mail address")
    return text


def _language(line: Line) -> Language | None:
    text = line.cells.get("language")
    if text is None:
        return None
    try:
        return Language(text.lower().replace("_", "-").partition("-")[0])
    except ValueError:
        known = ", ".join(Language)
        why = f"language is {quoted(text)}, and not one of {known}: leave it empty"
        raise LineRejected("language_unknown", why) from None


def _time_zone(line: Line) -> str | None:
    text = line.cells.get("time_zone")
    if text is not None and text not in known_zones():
        why = f"time_zone is {quoted(text)}, and no name such as Europe/Paris"
        raise LineRejected("time_zone_unknown", why)
    return text
