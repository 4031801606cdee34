"""Fill an empty database with a small community, through the doors that everybody uses."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from community.charter import service as charter
from community.charter.tables import Channel
from community.members import service as members
from community.members import staff
from community.members.importing import ImportedPerson, import_members
from community.members.leaving import leave
from community.members.person import Person
from community.members.turns import one_at_a_time
from community.members.views import Change, Joining
from gamification.catalogue.publishing import load_default_if_empty, publish
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import PARENT, Activity, Credited, Fields
from gamification.players.tables import Population
from ground import clock, programme
from ground.callers import Caller, CallerKind
from ground.engine import fetchval
from ground.languages import Language
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from server.seed.months import DAYS, Deed, three_months
from server.seed.people import PEOPLE, Character
from server.seed.season import season_of
from server.seed.site import open_site
from server.seed.together import begin_together

AMBASSADOR_UID: Final = "camille"
STAFF_UID: Final = "manager"
SOURCE: Final = "demo"
LEFT_UID: Final = "demo-who-left"
# One deed in so many reaches the ledger weeks late, and a few turn out not to have happened.
LATE_ONE_IN: Final = 25
TAKEN_BACK: Final = 4
# For so many weeks the challenges run.
TOGETHER_SINCE: Final = 2
DEMO: Final = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="demo")
UNCLAIMED: Final = ("shop-1041", "shop-1042", "shop-1057")


async def seed_if_empty() -> bool:
    """Make the demo community unless somebody is there already. Return whether it did.

    One transaction: a start that is cut off leaves nothing half made.
    """
    async with unit_of_work():
        await one_at_a_time("seed")
        if await fetchval("SELECT EXISTS (SELECT FROM member)"):
            return False
        await charter.publish_first()
        await load_default_if_empty()
        today = clock.now().astimezone(programme.zone()).date()
        await publish(season_of(today), to_the_past=True)
        await _seed(clock.now())
    return True


async def _seed(now: datetime) -> None:
    ids = {person.uid: await _join(person, now) for person in PEOPLE}
    await import_members(
        "shop",
        [ImportedPerson(external_id=each, known_since=_ago(now, DAYS)) for each in UNCLAIMED],
    )
    deeds = three_months(PEOPLE, now)
    late = deeds[::LATE_ONE_IN]
    # Week by week, so that the ledger learns of each week when it was over.
    for week in range(DAYS // 7, -1, -1):
        until = _ago(now, week * 7)
        since = until - timedelta(days=7)
        of_the_week = [deed for deed in deeds if since < deed.at <= until and deed not in late]
        with clock.frozen(until):
            credited = await _credit(of_the_week, ids)
            if week == TOGETHER_SINCE:
                await begin_together(ids, by=DEMO)
    await _credit(late, ids)
    await _take_back(credited)
    await _one_who_left(now)
    await open_site()


async def _join(person: Character, now: datetime) -> UUID:
    """Let somebody join on their day. Employees and partners are expected by the brand."""
    address = None
    with clock.frozen(_ago(now, person.joined)):
        if person.population is not Population.CUSTOMER:
            address = f"{person.uid}@luciole.example"
            known = ImportedPerson(
                external_id=person.uid,
                known_since=clock.now(),
                address=address,
                population=person.population,
            )
            await import_members("luciole", [known])
        joining = _joining(person.name, person.language, person.zone, await charter.current())
        joined = await members.join(Person(person.uid, address), joining, channel=Channel.DEMO)
        await members.change(joined.member_id, _appearance(person))
        if person.role is not Role.AMBASSADOR:
            await staff.give(joined.member_id, person.role, by=DEMO)
    return joined.member_id


def _joining(name: str, language: Language, zone: str, current: charter.Charter) -> Joining:
    return Joining(
        display_name=name,
        locale=language,
        time_zone=zone,
        charter_version=current.version,
        old_enough=True,
    )


def _appearance(person: Character) -> Change:
    return Change(
        pseudonym=person.pseudonym,
        visibility=person.visibility,
        public_visibility=person.on_public_sites,
    )


async def _credit(deeds: Sequence[Deed], ids: dict[str, UUID]) -> list[Credited]:
    return await credit_many([_activity(deed, ids) for deed in deeds])


def _activity(deed: Deed, ids: dict[str, UUID]) -> Activity:
    fields: Fields = {PARENT: deed.parent} if deed.parent else {}
    if deed.other:
        fields["giver" if deed.kind == "thanks" else "newcomer"] = str(ids[deed.other])
    return Activity(
        member_id=ids[deed.uid],
        kind=deed.kind,
        source=SOURCE,
        key=deed.key,
        occurred_at=deed.at,
        subject=deed.subject,
        fields=fields,
    )


async def _take_back(credited: Sequence[Credited]) -> None:
    entries = [each.entry_id for each in credited if each.entry_id is not None]
    await reverse(entries[:: max(1, len(entries) // TAKEN_BACK)], reason="demo: sent by mistake")


async def _one_who_left(now: datetime) -> None:
    somebody = Person(LEFT_UID)
    with clock.frozen(_ago(now, DAYS)):
        joining = _joining(
            "Dominique Vernet", Language.FRENCH, "Europe/Paris", await charter.current()
        )
        joined = await members.join(somebody, joining, channel=Channel.DEMO)
    with clock.frozen(_ago(now, DAYS // 2)):
        await leave(somebody, joined.member_id, keep=False, language=Language.FRENCH)


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
