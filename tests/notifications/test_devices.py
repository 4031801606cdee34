"""On which devices a member is reached: their own, and those alone (I31, T29)."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from community.members.merging import merge
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch, fetchval
from ground.roles import Role
from notifications.devices import service
from notifications.devices.errors import NobodyToReach
from notifications.devices.service import Registering
from notifications.devices.tables import Platform
from notifications.devices.views import DeviceWanted
from tests.community.people import joined

PHONE = UUID(int=0xF0)
TOKEN = "fKq3:APA91bHun4MxP5egoKMwt2KZFBaFUH"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def phone(token=TOKEN, **more):
    return {"token": token, "platform": "android", "app_version": "4.2.0", "locale": "fr-FR"} | more


def registering(token):
    return Registering(token=token, platform=Platform.IOS)


async def owner_of(token):
    return await fetchval("SELECT member_id FROM device WHERE token = $1", token)


async def test_a_phone_is_registered_refreshed_and_forgotten(client, sign_in, join):
    await join("alice", "Alice")
    headers = sign_in("alice")

    there = await client.put(f"/v1/me/devices/{PHONE}", json=phone(), headers=headers)
    assert there.status_code == 200, there.text
    assert there.json()["app_version"] == "4.2.0"
    assert "token" not in there.json()

    renewed = phone("another:token-of-the-same-phone", app_version="4.3.0")
    again = await client.put(f"/v1/me/devices/{PHONE}", json=renewed, headers=headers)
    assert again.json()["first_seen_at"] == there.json()["first_seen_at"]
    listed = await client.get("/v1/me/devices", headers=headers)
    assert listed.json()["items"] == [again.json()]
    assert await owner_of(TOKEN) is None

    for _ in range(2):
        gone = await client.delete(f"/v1/me/devices/{PHONE}", headers=headers)
        assert gone.status_code == 204
    assert (await client.get("/v1/me/devices", headers=headers)).json() == {"items": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""},
        {"token": "with a space in it"},
        {"token": "x" * 2049},
        {"token": "new\nline-in-it"},
        {"platform": "windows"},
        {"locale": "not a language"},
        {"locale": "fr\n"},
        {"app_version": "4" * 41},
        {"member_id": str(PHONE)},
    ],
)
async def test_what_is_no_device_is_refused(client, sign_in, join, wrong):
    await join("alice", "Alice")
    answer = await client.put(
        f"/v1/me/devices/{PHONE}", json=phone() | wrong, headers=sign_in("alice")
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("fr_CH", "fr-CH"),
        ("fr-FR-u-mu-celsius", "fr-FR"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("ca-ES-valencia", "ca-ES"),
        ("", ""),
    ],
)
def test_a_device_says_its_language_as_its_system_does(said, kept):
    wanted = msgspec.convert(phone(locale=said), DeviceWanted)
    assert wanted.registering().locale == kept


async def test_a_phone_belongs_to_who_signed_in_on_it_last(client, sign_in, join):
    """I31: with the phone's id or with its token alone, and nobody forgets another's."""
    await join("alice", "Alice")
    bob = await join("bob", "Bob")
    other = uuid4()
    for uid, device in (("alice", PHONE), ("bob", other)):
        await client.put(f"/v1/me/devices/{device}", json=phone(), headers=sign_in(uid))
        listed = (await client.get("/v1/me/devices", headers=sign_in(uid))).json()["items"]
        assert [each["id"] for each in listed] == [str(device)]
    assert (await client.get("/v1/me/devices", headers=sign_in("alice"))).json()["items"] == []

    await client.delete(f"/v1/me/devices/{other}", headers=sign_in("alice"))
    assert await owner_of(TOKEN) == bob


async def test_of_many_who_sign_in_on_one_phone_at_once_one_has_it(database):
    """I31."""
    people = [await joined(f"p{n}", "Somebody") for n in range(6)]
    tokens = ["token-number-1", "token-number-2"]
    await asyncio.gather(
        *(
            service.register(person, UUID(int=n % 3), registering(tokens[n % 2]))
            for n, person in enumerate(people * 2)
        )
    )
    rows = await fetch("SELECT token FROM device")
    assert {row["token"] for row in rows} <= set(tokens)
    assert 1 <= len(rows) <= 2


async def test_an_eleventh_device_takes_the_place_of_the_silent_one(database):
    alice = await joined("alice", "Alice")
    for n in range(12):
        with clock.frozen(NOW + timedelta(minutes=n)):
            await service.register(alice, UUID(int=n), registering(f"token-{n}"))
    kept = await service.of_member(alice)
    assert [known.id.int for known in kept] == list(range(11, 1, -1))


async def test_devices_that_were_silent_for_270_days_are_forgotten(database):
    alice = await joined("alice", "Alice")
    for days in (269, 271):
        with clock.frozen(NOW - timedelta(days=days)):
            await service.register(alice, UUID(int=days), registering(f"token-{days}"))
    with clock.frozen(NOW):
        assert await service.forget_unused() == 1
    assert [known.id.int for known in await service.of_member(alice)] == [269]


async def test_who_leaves_is_reached_nowhere(client, sign_in, join):
    alice = await join("alice", "Alice")
    await client.put(f"/v1/me/devices/{PHONE}", json=phone(), headers=sign_in("alice"))
    assert (await client.delete("/v1/me", headers=sign_in("alice"))).status_code == 200
    assert await owner_of(TOKEN) is None
    with pytest.raises(NobodyToReach):
        await service.register(alice, PHONE, registering(TOKEN))


async def test_who_was_merged_is_reached_as_the_survivor(database):
    alice, twin = await joined("alice", "Alice"), await joined("twin", "Alice")
    await service.register(twin, PHONE, registering(TOKEN))
    admin = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
    await merge(twin, alice, by=admin)
    assert await owner_of(TOKEN) == alice
