"""Lines that say what somebody did. Pure."""

import re
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from community.activities.references import CANONICAL, External, Reference, reference_in
from community.activities.service import Told
from community.imports.dates import Dates
from community.imports.errors import LineRejected, quoted
from community.imports.sheet import Columns, Line
from gamification.ledger.activity import PARENT, Fields

LONGEST_KEY: Final = 200
LONGEST_KIND: Final = 80
LONGEST_REFERENCE: Final = 300
A_LOT: Final = 1_000_000
SAFE_INTEGER: Final = 2**53 - 1

FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
QUANTITY: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
# A number in one spelling only: 0033 and 1e5 stay texts.
NUMBER: Final = re.compile(r"0|-?[1-9]\d{0,15}", re.ASCII)
# What would say who somebody is has no place in the ledger, and what exports say of an entry is
# reckoned anew.
PERSONAL: Final = ("name", "first_name", "last_name", "username", "email", "phone", "address")
RECKONED: Final = ("id", "source", "points", "reason", "fields", "reversed_at")


def _refusal(name: str) -> str | None:
    if name in PERSONAL or name in RECKONED:
        return "it can't be a field of an activity. Take the column away, or name it otherwise."
    if not FIELD.fullmatch(name):
        return "a field has small letters, digits and underscores, a letter first, at most 40."
    return None


COLUMNS: Final = Columns(
    required=("key", "member", "kind", "occurred_at"),
    optional=("subject", "quantity", PARENT),
    aliases={"date": "occurred_at"},
    others="taken",
    refusal=_refusal,
)


class Doing(NamedTuple):
    """An activity, and whom its line may name: the first of these that somebody is."""

    told: Told
    members: tuple[Reference, ...]


class Doings(msgspec.Struct, frozen=True, kw_only=True):
    """How a list of activities is read."""

    source: str
    dates: Dates = Dates()
    # Fields that stay as they are written, such as codes that look like numbers.
    texts: frozenset[str] = frozenset()

    def read(self, line: Line) -> Doing:
        """The activity on a line."""
        key = line.required("key", LONGEST_KEY)
        members = self._members(line.required("member", LONGEST_REFERENCE))
        told = Told(
            key=key,
            member=members[0],
            kind=line.required("kind", LONGEST_KIND),
            occurred_at=self.dates.read(line.required("occurred_at", LONGEST_KEY)),
            subject=line.optional("subject", LONGEST_KEY) or "",
            quantity=_quantity(line),
            fields=self._fields(line),
        )
        return Doing(told, members)

    def _members(self, text: str) -> tuple[Reference, ...]:
        """The source's own id, `external:` and another source's, or one of ours."""
        if text.startswith("external:"):
            reference = reference_in(text)
            if reference is None:
                why = f"member is {quoted(text)}, and not external:source:id"
                raise LineRejected("member_invalid", why)
            return (reference,)
        own = External(self.source, text)
        return (own, UUID(text)) if CANONICAL.fullmatch(text) else (own,)

    def _fields(self, line: Line) -> Fields:
        names = line.cells.keys() - {*COLUMNS.required, "subject", "quantity"}
        return {name: self._field(name, line) for name in sorted(names)}

    def _field(self, name: str, line: Line) -> str | int | bool:
        text = line.required(name, LONGEST_KEY)
        if name == PARENT or name in self.texts:
            return text
        if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        is_number = NUMBER.fullmatch(text) and abs(int(text)) <= SAFE_INTEGER
        return int(text) if is_number else text


def _quantity(line: Line) -> int:
    text = line.cells.get("quantity", "1")
    if not QUANTITY.fullmatch(text):
        why = f"quantity is {quoted(text)}, which isn't a whole number"
        raise LineRejected("quantity_invalid", why)
    if abs(int(text)) > A_LOT:
        raise LineRejected("quantity_out_of_range", f"quantity is more than {A_LOT:,}")
    return int(text)
