"""What members did before the clock starts, so that everybody has a place on the board.

The first two hundred do something each, through the product's own door. Everybody else is a copy
of one of them: every row that the product wrote is written again for another member, with ids,
keys and subjects of its own. So all tables agree with each other as in life; `ambassade replay
--check` finds nothing to mend, and a test holds the benchmark to that.
"""

import random
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from benchmarks.bulk import in_bulk
from benchmarks.community import START
from benchmarks.progress import said_if_long
from gamification.boards.check import check_copies
from gamification.credit import credit_many
from gamification.ledger.activity import Activity
from gamification.recognition import kept
from ground.engine import execute, fetch, fetchrow, fetchval

TEMPLATES: Final = 200
SOURCE: Final = "history"
MOST_DEEDS: Final = 4

# Another's columns: how each is made from the template's row `t`, for the member `p`, whose
# round of copies is `p.n / templates`.
SUBJECT: Final = "CASE t.subject WHEN '' THEN '' ELSE t.subject || '.' || p.n END"
ENTRIES: Final = (
    "ARRAY(SELECT e + (p.n / $1::int) * $2::bigint"
    " FROM unnest(t.entries) WITH ORDINALITY AS u(e, o) ORDER BY o)"
)
OTHER: Final = {
    "id": "nextval(pg_get_serial_sequence('{table}', 'id'))",
    "member_id": "p.id",
    "subject": SUBJECT,
}
MADE: Final = {
    "ledger_entry": OTHER
    | {
        "id": "t.id + (p.n / $1::int) * $2::bigint",
        "key": "t.key || '.' || p.n",
        "parent": SUBJECT.replace("subject", "parent"),
    },
    "award": OTHER | {"entries": ENTRIES},
    "tier_held": OTHER | {"entries": ENTRIES},
}
# The ledger, and all that follows from it.
TABLES: Final = ("ledger_entry", *kept.BY_NAME)


class Deed(NamedTuple):
    """Something that a template did."""

    kind: str
    days_before: int
    fields: dict[str, str | int | bool]


async def look_back() -> None:
    """Give everybody a past. The boards' copies are built, and statistics are fresh."""
    await _first_ones()
    row = await fetchrow("SELECT min(id) AS first, max(id) AS last FROM ledger_entry")
    if row is None:
        raise LookupError("the templates did nothing")
    async with in_bulk(TABLES):
        for table in TABLES:
            with said_if_long(f"{table} copied"):
                await execute(await _copying(table), TEMPLATES, row["last"] - row["first"] + 1)
        await execute("SELECT setval('ledger_entry_id_seq', (SELECT max(id) FROM ledger_entry))")
    with said_if_long("statistics"):
        await execute("VACUUM (ANALYZE)")
    with said_if_long("copies of boards built"):
        await check_copies()
    with said_if_long("checkpoint"):
        await execute("CHECKPOINT")


async def _first_ones() -> None:
    people = await fetch("SELECT n, id FROM bench_person WHERE n < $1 ORDER BY n", TEMPLATES)
    chance = random.Random(1)
    for person in people:
        await credit_many(_past_of(person["n"], person["id"], chance))


def _past_of(number: int, member_id: UUID, chance: random.Random) -> list[Activity]:
    """One to four deeds, mostly few, as in life."""
    count = min(MOST_DEEDS, 1 + int(chance.expovariate(1)))
    deeds = [Deed("hello", chance.randint(1, 90), {})]
    deeds += [
        Deed("thanks", chance.randint(1, 90), {"giver": f"g{chance.randint(0, 9)}"})
        for _ in range(count - 1)
    ]
    return [
        Activity(
            member_id=member_id,
            kind=deed.kind,
            source=SOURCE,
            key=f"{number}-{place}",
            occurred_at=_moment(deed.days_before),
            subject=f"past{number}-{place}",
            quantity=1,
            fields=deed.fields,
        )
        for place, deed in enumerate(deeds)
    ]


def _moment(days_before: int) -> datetime:
    return START - timedelta(days=days_before, hours=12)


async def _copying(table: str) -> str:
    """The statement that gives all others the rows of their template."""
    rows = await fetch(
        "SELECT quote_ident(attname) AS name FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    columns = [row["name"] for row in rows]
    order = "t.id, p.n" if table == "ledger_entry" else "p.id"
    made = MADE.get(table, OTHER)
    values = [made.get(name, f"t.{name}").format(table=table) for name in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608
        " FROM bench_person p JOIN bench_person q ON q.n = p.n % $1"
        f" JOIN {table} t ON t.member_id = q.id WHERE p.n >= $1 AND $2::bigint > 0 ORDER BY {order}"
    )


async def places_on_board() -> int:
    """How many have points."""
    return int(await fetchval("SELECT count(*) FROM board_points WHERE period = 'all_time'"))
