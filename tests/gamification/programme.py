"""A small programme for tests that credit for real: a catalogue, and people who take part."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.ledger.activity import Activity
from ground.engine import execute, fetch

ALICE = UUID(int=0xA11CE)
BOB = UUID(int=0xB0B)
CHIARA = UUID(int=0xC1A2A)
ZONES = {ALICE: "Europe/Paris", BOB: "Asia/Tokyo", CHIARA: "America/New_York"}
JOINED = datetime(2026, 1, 1, tzinfo=UTC)

CATALOGUE = Path(__file__).with_suffix(".toml")
SEASONS = CATALOGUE.with_name("seasons.toml")


def catalogue(path: Path = CATALOGUE) -> CatalogueFile:
    """The catalogue, with words for those who need none here."""
    words = (
        'name = { fr = "Un nom", en = "A name" }\ndescription = { fr = "Un mot", en = "A word" }\n'
    )
    written = path.read_text()
    for table in ("[[season]]\n", "[[badge]]\n", "[[tier]]\n", "[[board]]\n"):
        written = written.replace(table, table + words)
    return read_toml(written.encode())


async def set_up() -> None:
    """Publish the catalogue and let Alice, Bob and Chiara take part."""
    await publish(catalogue(), to_the_past=True)
    await take_part(ZONES)


async def take_part(zones: dict[UUID, str]) -> None:
    """Let people take part."""
    for member_id, zone in zones.items():
        await execute(
            """
            INSERT INTO player (member_id, state, population, visibility, public_visibility, staff,
                joined_at, board_alias)
            VALUES ($1, 'active', 'customer', 'name', false, false, $2, gen_random_uuid())
            """,
            member_id,
            JOINED,
        )
        await execute("INSERT INTO preferences VALUES ($1, 'en', $2)", member_id, zone)


def activity(
    kind: str,
    key: str,
    at: datetime | date,
    *,
    member_id: UUID = ALICE,
    subject: str = "",
    quantity: int = 1,
    **fields: str | int | bool,
) -> Activity:
    """Something that Alice did, unless another is named."""
    return Activity(
        member_id=member_id,
        kind=kind,
        source="test",
        key=key,
        occurred_at=at,
        subject=subject,
        quantity=quantity,
        fields=fields,
    )


async def badges_of(member_id: UUID) -> dict[str, datetime]:
    """The badges that somebody holds, `slug` or `slug subject`, and since when."""
    rows = await fetch(
        "SELECT badge, subject, awarded_at FROM award"
        " WHERE member_id = $1 AND taken_back_at IS NULL",
        member_id,
    )
    return {f"{row['badge']} {row['subject']}".strip(): row["awarded_at"] for row in rows}


async def points_of(member_id: UUID) -> int:
    """The points of somebody's standing."""
    rows = await fetch("SELECT points FROM standing WHERE member_id = $1", member_id)
    return rows[0]["points"] if rows else 0


async def ledger_points_of(member_id: UUID) -> int:
    """The sum of somebody's ledger."""
    [row] = await fetch(
        "SELECT coalesce(sum(points), 0) AS points FROM ledger_entry WHERE member_id = $1",
        member_id,
    )
    return int(row["points"])
