"""Members to be told things, and what became of it."""

from datetime import UTC, datetime
from uuid import UUID

from ground import clock
from ground.engine import execute, fetch
from ground.languages import Language
from ground.unit_of_work import unit_of_work
from notifications.notify import notify
from notifications.outbox import service as outbox
from notifications.preferences import service as preferences

ALICE, BOB, CAMILLE = (UUID(int=number) for number in (1, 2, 3))
# A Wednesday, three in the afternoon in Paris.
NOON = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
FIRST = {"fr": "Première critique", "en": "First review"}
SECOND = {"fr": "Bonne plume", "en": "Good writer"}


async def somebody(*member_ids: UUID) -> None:
    """People who joined."""
    for member_id in member_ids:
        await preferences.prefer(member_id, Language.ENGLISH, "Europe/Paris")


async def earn(member_id: UUID, badge: str = "first", name: dict[str, str] = FIRST) -> None:
    """A badge, told at once."""
    async with unit_of_work():
        await notify(member_id, "badge.earned", badge=badge, name=name)


async def ask(member_id: UUID, challenge: str = "1") -> None:
    """Something is asked of a member."""
    async with unit_of_work():
        await notify(member_id, "challenge.opened", challenge=challenge, name=FIRST)


async def sent(at: datetime) -> list[outbox.Sending]:
    """What a worker would push at a moment. It leaves."""
    with clock.frozen(at):
        sendings = await outbox.decide(await outbox.claim(1000))
        await outbox.done(sendings)
    return sendings


async def rows() -> list[dict[str, object]]:
    """All notifications there are."""
    return [dict(row) for row in await fetch("SELECT * FROM notification ORDER BY id")]


async def lines() -> list[tuple[str, str, str]]:
    """What the delivery log says."""
    found = await fetch("SELECT channel, outcome, why FROM delivery_line ORDER BY id")
    return [(row["channel"], row["outcome"], row["why"]) for row in found]


async def read_all() -> None:
    """Everything is read."""
    await execute("UPDATE notification SET read_at = $1", clock.now())
