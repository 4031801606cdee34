"""Keep how members want to be spoken to."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec
from piccolo.columns import Column

from ground.engine import execute
from ground.errors import FieldError, Invalid
from ground.languages import Language
from notifications.preferences.tables import Preferences
from notifications.preferences.zones import known_zones


class Spoken(msgspec.Struct, frozen=True):
    """The language and the time zone of a member."""

    locale: Language
    time_zone: str


async def prefer(member_id: UUID, locale: Language, time_zone: str) -> None:
    """Set a member's preferences, the first time or again. From now on they are told things."""
    refuse_unknown_zone(time_zone)
    preferences = Preferences(
        member_id=member_id, locale=locale.value, time_zone=time_zone, expected=False
    )
    await Preferences.insert(preferences).on_conflict(
        target=Preferences.member_id,
        action="DO UPDATE",
        values=[Preferences.locale, Preferences.time_zone, Preferences.expected],
    )


async def expect(spoken: Mapping[UUID, Spoken]) -> None:
    """Keep what an import knows of people until they come. Nobody's own choice is touched."""
    if not spoken:
        return
    await execute(
        """
        INSERT INTO preferences (member_id, locale, time_zone, expected)
        SELECT *, true FROM unnest($1::uuid[], $2::varchar[], $3::varchar[])
        ON CONFLICT (member_id) DO NOTHING
        """,
        list(spoken),
        [each.locale.value for each in spoken.values()],
        [each.time_zone for each in spoken.values()],
    )


async def change(
    member_id: UUID, *, locale: Language | None = None, time_zone: str | None = None
) -> None:
    """Change what is given and leave the rest."""
    changes: dict[Column | str, str | None] = {}
    if locale is not None:
        changes[Preferences.locale] = locale.value
    if time_zone is not None:
        refuse_unknown_zone(time_zone)
        changes[Preferences.time_zone] = time_zone
        changes[Preferences.digest_at] = None
    if changes:
        await Preferences.update(changes).where(Preferences.member_id == member_id)


async def forget(member_id: UUID) -> None:
    """Forget them: where nothing is sent, nothing has to be known."""
    await Preferences.delete().where(Preferences.member_id == member_id)


async def of(member_ids: Collection[UUID]) -> dict[UUID, Spoken]:
    """The preferences of those who have some."""
    if not member_ids:
        return {}
    rows = await Preferences.select().where(Preferences.member_id.is_in(list(member_ids)))
    return {row["member_id"]: Spoken(Language(row["locale"]), row["time_zone"]) for row in rows}


def refuse_unknown_zone(time_zone: str) -> None:
    """Raise unless the IANA database has the zone."""
    if time_zone not in known_zones():
        wrong = FieldError("/time_zone", "is not a time zone of the IANA database")
        raise Invalid("A time zone has a name such as Europe/Paris.", errors=(wrong,))
