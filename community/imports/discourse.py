"""Lines of Discourse's export of users. Pure.

Taken are the id, the address and since when somebody is there. Names, internet addresses,
profiles, statistics, trust levels and groups stay where they are.
"""

from datetime import datetime
from typing import Final

import msgspec

from community.imports.dates import Dates
from community.imports.errors import LineLeftOut, LineRejected, quoted
from community.imports.people import Told, address_in
from community.imports.sheet import Columns, Line
from community.members.importing import ImportedPerson
from gamification.players.tables import Population
from ground import programme

SOURCE: Final = "discourse"
NOBODY: Final = "that are Discourse's own (bots, the system)"
STAGED: Final = "who never signed up (staged)"
SUSPENDED: Final = "who are suspended"
INACTIVE: Final = "who never confirmed their address, or were deactivated"
ANONYMISED: Final = "who were made anonymous"
FORGOTTEN: Final = "@anonymized.invalid"
LONGEST: Final = 200

COLUMNS: Final = Columns(
    required=("id", "username", "email", "created_at"),
    optional=(
        "name",
        "active",
        "staged",
        "admin",
        "moderator",
        "suspended_at",
        "suspended_till",
        "group_names",
    ),
    others="ignored",
    last_may_lack="group_names",
)


class DiscourseUsers(msgspec.Struct, frozen=True, kw_only=True):
    """How an export of users is read."""

    now: datetime
    dates: Dates = Dates()
    population: Population = Population.CUSTOMER

    def read(self, line: Line) -> Told:
        """The user on a line, unless they don't belong here."""
        number = line.required("id", LONGEST)
        digits = number.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise LineRejected("id_invalid", f"id is {quoted(number)}, which isn't a whole number")
        self._leave_out(line, int(number))
        person = ImportedPerson(
            external_id=str(int(number)),
            known_since=min(self.now, self._moment(line.required("created_at", LONGEST))),
            address=address_in(line, "email"),
            population=self.population,
        )
        return Told(person=person)

    def _leave_out(self, line: Line, number: int) -> None:
        till = line.optional("suspended_till", LONGEST)
        suspended = "suspended_at" in line.cells if till is None else self._moment(till) > self.now
        for why, applies in (
            (NOBODY, number <= 0),
            (STAGED, _is_so(line, "staged", otherwise=False)),
            (ANONYMISED, line.cells.get("email", "").lower().endswith(FORGOTTEN)),
            (SUSPENDED, suspended),
            (INACTIVE, not _is_so(line, "active", otherwise=True)),
        ):
            if applies:
                raise LineLeftOut(why)

    def _moment(self, text: str) -> datetime:
        return self.dates.moment(text, programme.zone())


def _is_so(line: Line, column: str, *, otherwise: bool) -> bool:
    text = line.cells.get(column)
    if text is None:
        return otherwise
    # As Discourse writes them, and as spreadsheets do in French and English.
    match text.lower():
        case "true" | "t" | "vrai" | "1":
            return True
        case "false" | "f" | "faux" | "0":
            return False
    raise LineRejected(f"{column}_invalid", f"{column} is {quoted(text)}, and not true or false")
