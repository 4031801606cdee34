"""Real sockets: from the ticket to the event, and everybody who is turned away."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace
from websockets.datastructures import Headers
from websockets.http11 import Request

from community.members import staff
from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.catalogue.publishing import publish
from ground import valkey
from ground.engine import execute
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.events import Event
from server.cli.operator import operator
from server.config import Settings
from server.health import Health
from server.live import crowd, serving, socket, tickets
from server.live.addresses import own_origin
from server.live.door import Door
from server.worker.relay import relay_once
from tests.gamification.programme import catalogue
from tests.gamification.segments import CATALOGUE as SEGMENTED
from tests.gamification.segments import criteria
from tests.server.live.conftest import CHALLENGE, Place, Wire, living

IN_TIER = """
INSERT INTO tier_held (member_id, tier, reached_at, version, recorded_at)
VALUES ($1, $2, now(), 1, now())
"""


class Waved(Event, frozen=True, kw_only=True):
    """Somebody waved: said in these tests alone."""

    type: ClassVar[str] = "test.waved"
    channels: ClassVar[tuple[str, ...]] = ("board", "member", "staff")
    example: ClassVar[dict[str, Any]] = {"at": "you"}

    at: str


async def wave(channel, at="you"):
    async with unit_of_work():
        announce(channel, Waved(at=at))
    await relay_once()


async def test_from_the_ticket_to_the_event_and_back_after_a_while(place, join, sign_in):
    """I21, I25: a client hears its own, and later what it missed; nobody else does."""
    member = await join("camille", "Camille")
    await join("bob", "Bob")
    headers = sign_in("camille")
    async with place.signed_in(headers) as camille, place.signed_in(sign_in("bob")) as bob:
        assert camille.welcome == {"is": "welcome", "member": str(member), "ping_seconds": 20}
        told = await camille.subscribe("me")
        assert told == {"is": "subscribed", "channel": "me", "position": 0, "epoch": told["epoch"]}
        await bob.subscribe("me")
        assert (await bob.subscribe(f"member:{member}"))["is"] == "refused"
        await wave(f"member:{member}")
        assert await camille.hear() == {
            "is": "event",
            "channel": "me",
            "position": 1,
            "type": "test.waved",
            "data": {"at": "you"},
        }
        assert (await bob.subscribe("staff"))["code"] == "channel_unknown"
        await camille.say(do="unsubscribe", channel="me")
        assert await camille.hear() == {"is": "unsubscribed", "channel": "me"}
    await wave(f"member:{member}", "again")

    async with place.signed_in(headers) as camille:
        told = await camille.subscribe("me", after=1, epoch=told["epoch"])
        assert told["position"] == 2
        assert (await camille.hear())["data"] == {"at": "again"}


CHANNELS = ["board:nowhere", "challenge:1", "space:1", "event:1", "staff", "member:x", "me:x", "x"]


async def test_what_is_not_there_or_not_for_one_is_refused_alike(place, join, sign_in):
    """I39: what has no rule isn't there."""
    await join("camille", "Camille")
    async with place.signed_in(sign_in("camille")) as camille:
        told = [await camille.subscribe(channel) for channel in CHANNELS]
    assert {(each["is"], each["code"]) for each in told} == {("refused", "channel_unknown")}
    assert [each["channel"] for each in told] == CHANNELS


async def test_a_ticket_opens_one_socket(place, join, sign_in):
    """T10: replayed, made up, out of date, or not shown at all."""
    await join("camille", "Camille")
    ticket = await place.ticket(sign_in("camille"))
    stored = await valkey.client().keys("ambassade:ticket:*")
    assert len(stored) == 1
    assert ticket.encode() not in stored[0]
    assert 28_000 < await valkey.client().pttl(stored[0]) <= 30_000

    async with place.socket() as first, place.socket() as second, place.socket() as third:
        await first.say(do="authenticate", ticket=ticket)
        assert (await first.hear())["is"] == "welcome"
        await second.say(do="authenticate", ticket=ticket)
        assert (await second.closed())[0] == 4401
        await third.say(do="subscribe", channel="me")
        assert (await third.closed())[0] == 4401


async def test_who_says_nothing_is_shown_out_whatever_cookie_they_have(place, monkeypatch):
    """T9, T10."""
    monkeypatch.setattr(serving, "AUTHENTICATE_SECONDS", 0.05)
    async with place.socket(additional_headers={"Cookie": "__Host-session=1"}) as silent:
        assert await silent.closed() == (4401, "No ticket came in time.")
    assert not place.live.door.strangers


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(b"\x00", 1003, id="bytes"),
        pytest.param("x" * (16 * 1024 + 1), 1009, id="more than 16 KiB"),
    ],
)
async def test_frames_that_are_none(place, join, sign_in, frame, code):
    """T11."""
    await join("camille", "Camille")
    async with place.signed_in(sign_in("camille")) as camille:
        await camille.connection.send(frame)
        assert (await camille.closed())[0] == code


async def test_a_ping_flood_ends(place):
    """T11: answers pile up when nobody reads them."""
    async with place.socket() as flooding:
        for _ in range(130):
            await flooding.connection.ping()
        assert (await flooding.closed())[0] == 1008


async def test_the_sixth_socket_of_a_member_takes_the_place_of_the_first(place, join, sign_in):
    await join("camille", "Camille")
    headers = sign_in("camille")
    async with (
        place.signed_in(headers) as first,
        place.signed_in(headers),
        place.signed_in(headers),
        place.signed_in(headers),
        place.signed_in(headers),
        place.signed_in(headers),
    ):
        assert (await first.closed())[0] == 4409
        assert len(place.live.crowd.sockets) == 5


async def test_who_leaves_hears_nothing_more_whatever_redis_does(
    client, settings, join, sign_in, monkeypatch
):
    """I24: told at once, and found within five seconds when the telling is lost."""
    assert crowd.LOOK_SECONDS <= 4
    monkeypatch.setattr(crowd, "LOOK_SECONDS", 0.1)
    await join("camille", "Camille")
    bob = await join("bob", "Bob")
    async with (
        living(settings, client) as place,
        place.signed_in(sign_in("camille")) as told,
        place.signed_in(sign_in("bob")) as lost,
    ):
        await told.subscribe("me")
        await lost.subscribe("me")
        left = await client.request("DELETE", "/v1/me", headers=sign_in("camille"))
        assert left.is_success
        assert (await told.closed())[0] == 4401
        await execute(
            "UPDATE member SET state = 'left', uid = NULL, display_name = '' WHERE id = $1", bob
        )
        assert await lost.closed() == (4401, "Not any more.")
        assert place.live.hub.channels == {}


async def test_who_loses_a_role_loses_its_channel_and_keeps_the_rest(place, join, sign_in):
    """I24."""
    member = await join("camille", "Camille")
    await staff.give(member, Role.MODERATOR, by=operator())
    async with place.signed_in(sign_in("camille")) as camille:
        assert (await camille.subscribe("staff"))["is"] == "subscribed"
        await camille.subscribe("me")
        await staff.give(member, Role.AMBASSADOR, by=operator())
        lost = await camille.hear()
        assert (lost["code"], lost["channel"]) == ("no_longer_yours", "staff")
        await wave("staff", "secret")
        await wave(f"member:{member}")
        assert (await camille.hear())["channel"] == "me"


async def test_who_loses_a_tier_loses_what_was_for_it_and_keeps_the_rest(
    client, settings, join, sign_in, monkeypatch
):
    """I24: nobody tells that a tier lapsed; it is found within five seconds."""
    assert crowd.LOOK_SECONDS <= 4
    monkeypatch.setattr(crowd, "LOOK_SECONDS", 0.1)
    [segment] = SEGMENTED.segment
    climbers = criteria({"term": "tier", "at_least": "seed"})
    await publish(replace(SEGMENTED, segment=[replace(segment, of=climbers)]))
    member, challenge = await join("camille", "Camille"), uuid4()
    await execute(CHALLENGE, challenge, segment.slug, "running")
    await execute(IN_TIER, member, "seed")
    async with living(settings, client) as place, place.signed_in(sign_in("camille")) as camille:
        assert (await camille.subscribe(f"challenge:{challenge}"))["is"] == "subscribed"
        await camille.subscribe("me")
        await execute("UPDATE tier_held SET lapses_at = now() - interval '1 s'")
        lost = await camille.hear()
        assert (lost["code"], lost["channel"]) == ("no_longer_yours", f"challenge:{challenge}")
        await wave(f"member:{member}")
        assert (await camille.hear())["channel"] == "me"


async def test_without_valkey_there_are_no_tickets_and_no_way_in(place, join, sign_in, monkeypatch):
    """I20: 503, and "later" for who has one already."""
    await join("camille", "Camille")
    headers = sign_in("camille")
    ticket = await place.ticket(headers)

    async def away(command, within=1.0):
        raise valkey.ValkeyAway

    monkeypatch.setattr(tickets.valkey, "ask", away)
    answer = await place.api.post("/v1/live/tickets", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    async with place.socket() as late:
        await late.say(do="authenticate", ticket=ticket)
        assert (await late.closed())[0] == 1013


@pytest.mark.parametrize(
    ("headers", "query"), [({}, {}), ({}, {"key": ""}), ({}, {"key": "pk_0123456789abcdef0123"})]
)
async def test_who_gets_no_ticket(client, headers, query):
    answer = await client.post("/v1/live/tickets", headers=headers, params=query)
    assert answer.status_code == 401


async def test_who_has_not_joined_gets_no_ticket(client, sign_in):
    answer = await client.post("/v1/live/tickets", headers=sign_in("nobody"))
    assert answer.json()["code"] == "ticket_for_nobody"


@pytest.fixture
async def site_key(place):
    """A key of a site that shows a board, and isn't the only site there is."""
    await publish(catalogue())
    opened = Opened(name="Site", boards=frozenset({"all"}), origins=frozenset({"https://a.fr"}))
    place.live.door.origins_of_sites = {"https://a.fr", "https://b.fr"}
    return await publishable.create(opened, by=operator())


async def test_a_site_hears_the_boards_that_its_key_names_and_nothing_else(place, site_key):
    """I25, I46: without what only members see of them, and no more once the key is revoked."""
    ticket = await place.ticket({}, key=site_key.key)
    async with place.socket(origin="https://a.fr") as site:
        await site.say(do="authenticate", ticket=ticket)
        assert (await site.hear())["member"] is None
        assert (await site.subscribe("board:all"))["is"] == "subscribed"
        for other in ("board:month", "me", "staff"):
            assert (await site.subscribe(other))["code"] == "channel_unknown"
        await wave("board:all", "secret")
        await wave("site_board:all")
        heard = await site.hear()
        assert (heard["channel"], heard["data"]) == ("board:all", {"at": "you"})
        await publishable.revoke(site_key.id, by=operator())
        await place.live.crowd.look_at(list(place.live.crowd.sockets))
        assert (await site.closed())[0] == 4401


async def test_a_site_that_is_not_welcome_is_shown_out(place, site_key):
    ticket = await place.ticket({}, key=site_key.key)
    async with place.socket(origin="https://b.fr") as site:
        await site.say(do="authenticate", ticket=ticket)
        assert (await site.closed())[0] == 4403


async def test_our_own_pages_show_a_site_what_it_gets(place, site_key, settings):
    """The page that shows the widget, and the frame for sites without scripts, are ours."""
    ticket = await place.ticket({}, key=site_key.key)
    async with place.socket(origin=own_origin(settings)) as page:
        await page.say(do="authenticate", ticket=ticket)
        assert (await page.hear())["is"] == "welcome"
        assert (await page.subscribe("board:all"))["is"] == "subscribed"


async def test_a_client_that_does_not_read_is_closed_and_the_others_hear_on(place, join, sign_in):
    """I23: 256 KiB at most wait for it, and nobody waits for it."""
    member = await join("camille", "Camille")
    await join("bob", "Bob")
    async with (
        place.signed_in(sign_in("camille")) as slow,
        place.signed_in(sign_in("camille")) as good,
    ):
        for client in (slow, good):
            await client.subscribe("me")
        slow.connection.transport.pause_reading()
        [behind] = [
            s for s in place.live.crowd.sockets
            if s.connection.remote_address == slow.connection.local_address
        ]  # fmt: skip
        waits = []
        async with asyncio.timeout(5):
            while behind.is_open:
                behind.write(b"\x81\x7e\x20\x00" + b" " * 8192, 1)
                waits.append(behind.connection.transport.get_write_buffer_size())
                await asyncio.sleep(0)
        assert max(waits) <= 256 * 1024
        assert behind.connection.protocol.close_sent.code == 4408
        await wave(f"member:{member}")
        assert (await good.hear())["position"] == 1
        slow.connection.transport.abort()


async def test_who_is_there_no_more_is_gone_within_a_minute(
    client, settings, join, sign_in, monkeypatch
):
    """I26: a network that swallows everything says nothing of it. The others stay."""
    longest = serving.PING_SECONDS * 2 + serving.CLOSE_SECONDS + socket.LINGER_SECONDS
    assert longest < 60
    monkeypatch.setattr(serving, "PING_SECONDS", 0.6)
    monkeypatch.setattr(serving, "CLOSE_SECONDS", 0.1)
    await join("camille", "Camille")
    await join("bob", "Bob")
    async with living(settings, client) as place, place.signed_in(sign_in("bob")) as bob:
        await bob.subscribe("me")
        wire = Wire(place.port)
        async with wire.laid() as port:
            behind = Place(place.live, port, client)
            async with behind.signed_in(sign_in("camille"), close_timeout=0.1) as camille:
                await camille.subscribe("me")
                assert len(place.live.crowd.sockets) == 2
                wire.swallows = True
                async with asyncio.timeout(10):
                    while len(place.live.crowd.sockets) > 1:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                assert len(place.live._all) == len(place.live.hub.channels) == 1
                assert camille.connection.close_code is None
        await bob.say(do="unsubscribe", channel="me")
        assert (await bob.hear())["is"] == "unsubscribed"


async def test_who_is_sent_away_is_told_when_to_come_back(client, settings, join, sign_in):
    """I19, T38: 1012 with another moment for each."""
    await join("camille", "Camille")
    async with AsyncExitStack() as stack:
        async with living(settings, client) as place:
            camille = await stack.enter_async_context(place.signed_in(sign_in("camille")))
        code, reason = await camille.closed()
    assert code == 1012
    assert 0 <= json.loads(reason)["retry_after"] <= 10


def handshake(path="/live", **headers):
    return Request(path, Headers({"Host": "localhost:8001"} | headers))


def door(**changes):
    settings = Settings(
        environment="test",
        public_url="https://app.example.com",
        cors_origins=("https://www.example.com",),
        allowed_hosts=("localhost", "live.example.com"),
        **changes,
    )
    return Door(settings, Health())


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param("https://app.example.com", None, id="our own"),
        pytest.param("https://www.example.com", None, id="one of the settings"),
        pytest.param("https://evil.io", 403, id="evil"),
        pytest.param("null", 403, id="null"),
        pytest.param("", 403, id="empty"),
        pytest.param("https://app.example.com.evil.io", 403, id="suffix"),
        pytest.param("https://evil-app.example.com", 403, id="prefix"),
        pytest.param("http://app.example.com", 403, id="other scheme"),
        pytest.param("https://app.example.com:8443", 403, id="other port"),
        pytest.param("https://appXexample.com", 403, id="a dot is a dot"),
        pytest.param("https://app.example.com/", 403, id="no origin at all"),
        pytest.param("HTTPS://APP.EXAMPLE.COM", 403, id="browsers write small letters"),
    ],
)
def test_origins(origin, status):
    """T9."""
    assert door().refusal(handshake(Origin=origin), "a") == status


def test_an_app_names_no_origin_and_two_are_none():
    two = handshake(Origin="https://app.example.com")
    two.headers["Origin"] = "https://app.example.com"
    assert door().refusal(handshake(), "a") is None
    assert door().refusal(two, "a") == 403


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(handshake("/live?ticket=canary"), 404, id="a secret in the address (T10)"),
        pytest.param(handshake("/"), 404, id="elsewhere"),
        pytest.param(handshake(Host="evil.io"), 421, id="another host (T24)"),
        pytest.param(handshake(Host="localhost.evil.io:8001"), 421, id="a longer one"),
        pytest.param(handshake(Host="live.example.com"), None, id="one of ours"),
    ],
)
def test_addresses(request_, status):
    assert door().refusal(request_, "a") == status


def test_strangers_are_counted_by_address():
    """T11."""
    place = door(live_strangers_per_address=2)
    place.strangers["10.0.0.1"] = 2
    assert place.refusal(handshake(), "10.0.0.1") == 429
    assert place.refusal(handshake(), "10.0.0.2") is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        pytest.param("10.0.0.9", "1.2.3.4", "1.2.3.4", id="what the proxy says"),
        pytest.param("10.0.0.9", "6.6.6.6, 1.2.3.4", "1.2.3.4", id="its last word"),
        pytest.param("8.8.8.8", "1.2.3.4", "8.8.8.8", id="anybody can write it"),
        pytest.param("2001:db8::1", "", "2001:db8::/64", id="a household"),
    ],
)
def test_where_a_stranger_comes_from(peer, forwarded, counted):
    """T23."""

    class Peer:
        remote_address = (peer, 5000)

    request = handshake(**({"X-Forwarded-For": forwarded} if forwarded else {}))
    assert door(trusted_proxy="10.0.0.9").address(Peer(), request) == counted


async def test_health_and_figures_answer_on_the_same_port(place, client):
    """I19: 503 from the moment on which it begins to stop."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{place.port}") as http:
        assert (await http.get("/health/live")).json() == {"status": "alive"}
        assert (await http.get("/health/ready")).json()["status"] == "ready"
        assert "ambassade_live_sockets" in (await http.get("/metrics")).text
        relayed = {"X-Forwarded-For": "1.2.3.4"}
        assert (await http.get("/metrics", headers=relayed)).status_code == 404
        assert (await http.get("/live")).status_code == 426
        assert (await http.get(f"/{uuid4()}")).status_code == 404
        place.live.health.drain()
        draining = await http.get("/health/ready")
        assert (draining.status_code, draining.json()["status"]) == (503, "draining")
        assert (await http.get("/live")).status_code == 503
