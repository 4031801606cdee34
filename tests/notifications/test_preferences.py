"""How members want to be spoken to."""

from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from ground.errors import Invalid
from ground.languages import Language
from notifications.preferences import service
from notifications.preferences.service import Spoken
from notifications.preferences.zones import known_zones


async def test_preferences_are_set_changed_and_forgotten(database):
    alice = uuid4()

    await service.prefer(alice, Language.FRENCH, "Europe/Paris")
    await service.change(alice, time_zone="Asia/Tokyo")
    assert await service.of([alice]) == {alice: Spoken(Language.FRENCH, "Asia/Tokyo")}

    await service.prefer(alice, Language.ENGLISH, "Europe/Lisbon")
    await service.change(alice)
    assert await service.of([alice]) == {alice: Spoken(Language.ENGLISH, "Europe/Lisbon")}

    await service.forget(alice)
    assert await service.of([alice]) == {}


async def test_who_has_none_is_absent(database):
    assert await service.of([]) == {}
    assert await service.of([uuid4()]) == {}
    await service.change(uuid4(), locale=Language.ENGLISH)
    assert await service.of([uuid4()]) == {}


@pytest.mark.parametrize(
    "zone", ["", "europe/paris", "Mars/Base", "Factory", "localtime", "../../etc/passwd", "+01:00"]
)
async def test_zones_that_there_are_not(database, zone):
    alice = uuid4()

    with pytest.raises(Invalid):
        await service.prefer(alice, Language.FRENCH, zone)
    with pytest.raises(Invalid):
        await service.change(alice, time_zone=zone)

    assert await service.of([alice]) == {}


def test_every_zone_that_is_taken_can_be_reckoned_with():
    assert len(known_zones()) > 400
    assert [ZoneInfo(name).key for name in known_zones()] == list(known_zones())
