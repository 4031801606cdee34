"""Take batches of lines in through the product's own doors."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec

from community.activities import service as activities
from community.activities.references import Reference
from community.imports.doings import Doing, Doings
from community.imports.errors import quoted
from community.imports.outcome import Outcome, Rejection
from community.imports.people import Told
from community.imports.seen import Seen
from community.imports.sheet import Line
from community.members.importing import import_members, members_of
from community.members.turns import one_at_a_time
from gamification.catalogue import service as catalogue
from gamification.ledger.activity import Status
from ground import programme
from ground.languages import Language
from notifications.preferences import service as preferences

T = TypeVar("T")
Read = TypeVar("Read", covariant=True)
LEFT: Final = "by or about somebody who left the community"

WHY: Final = {
    "unknown_kind": "kind is {kind}, which isn't in the catalogue",
    "unknown_member": "nobody is known as {member}",
    "in_the_future": "occurred_at is to come",
    "quantity_out_of_range": "quantity makes it worth too much",
}


class Reads(Protocol[Read]):
    """How a line is read. Raises `LineRejected` or `LineLeftOut`."""

    def read(self, line: Line) -> Read:
        """What a line says."""


class Taker(Protocol[T]):
    """Takes lines in, in the transaction that is open."""

    @property
    def source(self) -> str:
        """What its lines come from."""

    @property
    def reads(self) -> Reads[T]:
        """How its lines are read."""

    async def take(self, lines: Mapping[int, T], seen: Seen) -> Outcome:
        """Take lines in by their numbers."""


class PeopleTaker(msgspec.Struct, frozen=True):
    """Adds people, unclaimed until they come. Who is known already stays as they are."""

    source: str
    reads: Reads[Told]

    async def take(self, lines: Mapping[int, Told], seen: Seen) -> Outcome:
        await one_at_a_time(f"import:{self.source}")
        outcome = Outcome()
        ids = [(line, told.person.external_id) for line, told in lines.items()]
        repeated = _refuse_repeated(ids, seen, "duplicate_id", outcome)
        people = {n: told for n, told in lines.items() if n not in repeated}
        there = await members_of(self.source, [t.person.external_id for t in people.values()])
        new = [told for told in people.values() if told.person.external_id not in there]
        added = await import_members(self.source, [told.person for told in new])
        outcome.known = len(there)
        outcome.new = len(added)
        outcome.left_out[LEFT] += len(new) - len(added)
        await preferences.expect(
            {
                added[told.person.external_id]: preferences.Spoken(
                    told.language or Language.FRENCH, told.time_zone or programme.zone().key
                )
                for told in new
                if (told.language or told.time_zone) and told.person.external_id in added
            }
        )
        return outcome


class DoingsTaker(msgspec.Struct, frozen=True):
    """Credits activities, each once, to members who are known."""

    source: str
    reads: Doings

    async def take(self, lines: Mapping[int, Doing], seen: Seen) -> Outcome:
        await one_at_a_time(f"import:{self.source}")
        outcome = Outcome()
        kinds = (await catalogue.current()).kinds
        found = await activities.named({each for doing in lines.values() for each in doing.members})
        placed: dict[int, tuple[Doing, UUID]] = {}
        for number, doing in lines.items():
            member = next((each for each in doing.members if each in found), None)
            known = None if member is None else found[member]
            kind = kinds.get(doing.told.kind)
            if member is None:
                outcome.rejected.append(_rejection(number, "unknown_member", doing))
            elif kind is None or kind.retired:
                outcome.rejected.append(_rejection(number, "unknown_kind", doing))
            elif known is None:
                outcome.left_out[LEFT] += 1
            else:
                placed[number] = (_named(doing, member), known)
        keys = [
            (number, (doing.told.key, str(member_id), doing.told.kind))
            for number, (doing, member_id) in placed.items()
        ]
        repeated = _refuse_repeated(keys, seen, "duplicate_key", outcome)
        fresh = {n: doing for n, (doing, _) in placed.items() if n not in repeated}
        await self._record(fresh, outcome)
        return outcome

    async def _record(self, doings: Mapping[int, Doing], outcome: Outcome) -> None:
        answers = await activities.record(self.source, [doing.told for doing in doings.values()])
        for (number, doing), answer in zip(doings.items(), answers, strict=True):
            match answer.status, answer.code:
                case Status.RECORDED, _:
                    outcome.new += 1
                case Status.DUPLICATE, _:
                    outcome.known += 1
                case _, activities.LEFT:
                    outcome.left_out[LEFT] += 1
                case _, code:
                    outcome.rejected.append(_rejection(number, str(code), doing))


def _named(doing: Doing, member: Reference) -> Doing:
    return doing._replace(told=msgspec.structs.replace(doing.told, member=member))


def _rejection(number: int, code: str, doing: Doing) -> Rejection:
    why = WHY.get(code, code.replace("_", " "))
    said = doing.members[0]
    member = said if isinstance(said, UUID) else f"{said.external_id} by {said.source}"
    return Rejection(number, code, why.format(kind=quoted(doing.told.kind), member=member))


def _refuse_repeated(
    keys: Sequence[tuple[int, object]], seen: Seen, code: str, outcome: Outcome
) -> set[int]:
    """The lines whose key came before in the file."""
    repeated = {line: first for line, first in seen.first_lines(keys).items() if first != line}
    for line, first in repeated.items():
        outcome.rejected.append(Rejection(line, code, f"the same is on line {first} already"))
    return set(repeated)
