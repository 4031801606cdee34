"""What Firebase answers decides what becomes of a push, a device and the project (I28 to I32)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from ground import clock
from ground.ending import end
from ground.engine import execute, fetch, fetchval
from ground.languages import Language
from notifications.devices import service as devices
from notifications.preferences import service as preferences
from notifications.push import deliveries, gate, sending
from notifications.push.faults import Fault
from notifications.push.firebase import Firebase
from notifications.push.sending import Sender
from server.sandbox.account import service_account
from tests.notifications.sandbox import device, handed, running


@pytest.fixture(scope="module")
def shared():
    with running() as found:
        yield found


@pytest.fixture
def sandbox(shared):
    shared.behaves()
    shared.sandbox.phones.forget()
    return shared


@pytest.fixture
async def sender(database, sandbox):
    firebase = sandbox.firebase()
    yield Sender(firebase)
    firebase.close()


async def states():
    rows = await fetch("SELECT state, fault FROM push_delivery ORDER BY id")
    return [tuple(row) for row in rows]


async def gate_of(sender):
    return await gate.look(sender._firebase.project)


async def to_one(token="a-token-of-alice", **more):
    alice = await device(token)
    await handed([alice], **more)
    return alice


async def told(member, read_at=None):
    return await fetchval(
        "INSERT INTO notification (member_id, category, told_at, read_at)"
        " VALUES ($1, 'badge.earned', $2, $3) RETURNING id",
        member,
        clock.now(),
        read_at,
    )


async def let_through():
    """The wait of messages, and of the project, is over."""
    await execute("UPDATE push_delivery SET due_at = $1 WHERE state = 'due'", clock.now())
    await execute("UPDATE push_gate SET held_until = $1", clock.now())


async def test_a_push_reaches_all_devices_of_its_member_once(sender, sandbox):
    """I28: handing over and sending again changes nothing."""
    alice = await device("token-phone")
    await device("token-tablet", alice, "ios")
    await device("token-browser", alice, "web")
    await device("token-of-bob")
    for _ in range(2):
        await handed([alice])
        while await sender.send_due():
            pass
    tokens = ["token-browser", "token-phone", "token-tablet"]
    assert sorted(sandbox.accepted.elements()) == [(token, "n1") for token in tokens]
    assert await states() == [("sent", "")] * 3


async def test_two_workers_send_each_push_once(sender, sandbox):
    """I28."""
    members = [await device(f"token-{n:03}") for n in range(120)]
    await handed(members)
    other = Sender(sandbox.firebase())
    while any(await asyncio.gather(sender.send_due(), other.send_due())):
        pass
    assert set(sandbox.accepted.values()) == {1}
    assert len(sandbox.accepted) == 120


@pytest.mark.parametrize(
    ("token", "became", "is_known"),
    [
        ("unregistered-token", ("failed", "unregistered"), False),
        ("invalid-token", ("failed", "bad_token"), False),
        ("bad_message-token", ("failed", "bad_message"), True),
        ("unavailable-token", ("due", "unavailable"), True),
        ("internal-token", ("due", "unavailable"), True),
        ("html-token", ("due", "unavailable"), True),
        ("redirect-token", ("due", "unavailable"), True),
        ("broken-token", ("due", "unclear"), True),
        ("huge-token", ("due", "unclear"), True),
        ("cut-token", ("due", "unclear"), True),
        ("error_in_success-token", ("due", "unclear"), True),
    ],
)
async def test_an_error_is_handled_for_the_single_token(sender, sandbox, token, became, is_known):
    """I29, T34: a token is forgotten when it is at fault, and its neighbour is reached."""
    members = [await device(token), await device("token-of-bob")]
    await handed(members)
    await sender.send_due()
    assert await states() == [became, ("sent", "")]
    assert await fetchval("SELECT count(*) FROM device WHERE token = $1", token) == is_known
    waits = await fetchval("SELECT due_at - $1 FROM push_delivery ORDER BY id", clock.now())
    assert became[0] == "failed" or timedelta(seconds=9) < waits < timedelta(seconds=13)
    assert (await gate_of(sender)).stopped_at is None


@pytest.mark.parametrize("trouble", ["sender_id_mismatch", "third_party_auth_error"])
async def test_what_is_wrong_with_the_project_stops_it(sender, sandbox, trouble):
    """I29: until somebody has looked. Whose token was another project's is left alone."""
    alice = await to_one(f"{trouble}-token")
    assert not await sender.send_due()
    assert (await gate_of(sender)).stopped_because == trouble

    await handed([await device("token-of-bob")], first=50)
    assert not await sender.send_due()
    assert not sandbox.accepted
    assert [each.stopped_because for each in await gate.closed()] == [trouble]

    assert await gate.resume() == [sender._firebase.project]
    await sender.send_due()
    assert list(sandbox.accepted) == [("token-of-bob", "n50")]
    mismatched = trouble == "sender_id_mismatch"
    assert (await states())[0] == (("dropped", "no_device") if mismatched else ("due", trouble))
    assert len(await devices.of_member(alice)) == 1


async def test_who_asks_for_patience_gets_it_from_all_workers(sender, sandbox):
    """I30: 429 with `Retry-After: 7`, then without: 60 s, then twice as long."""
    await handed([await device(f"token-{n:03}") for n in range(100)])
    other = Sender(sandbox.firebase())
    sandbox.behaves(trouble="quota_exceeded", retry_after=7, think_milliseconds=5)
    await sender.send_due()
    for waits in (7, 120, 240):
        standing = await gate_of(sender)
        left = (standing.held_until - clock.now()).total_seconds()
        assert waits - 1 < left <= waits * 1.25
        assert not await other.send_due()
        await let_through()
        # Whether it is over is tried with one.
        sandbox.behaves(trouble="quota_exceeded")
        tried = await fetchval("SELECT sum(tries) FROM push_delivery")
        await other.send_due()
        assert await fetchval("SELECT sum(tries) FROM push_delivery") == tried + 1
    sandbox.behaves()
    await let_through()
    while await sender.send_due():
        pass
    assert (await gate_of(sender)).held_times == 0
    assert set(sandbox.accepted.values()) == {1}
    assert len(sandbox.accepted) == 100


async def test_a_sick_firebase_is_left_alone_after_some_tries(sender, sandbox):
    """I30: 503 for all; most messages aren't even tried."""
    await handed([await device(f"token-{n:03}") for n in range(200)])
    sandbox.behaves(trouble="unavailable")
    assert not await sender.send_due()
    assert (await gate_of(sender)).held_times == 1
    untried = await fetchval("SELECT count(*) FROM push_delivery WHERE tries = 0")
    assert untried >= 200 - sending.AT_ONCE - sending.PATIENCE


@pytest.mark.long
async def test_without_an_access_token_nothing_is_tried(sender, sandbox):
    sandbox.behaves(no_tokens=True)
    await to_one()
    # google-auth asks three times by itself.
    assert not await sender.send_due()
    assert await states() == [("due", "")]
    assert (await gate_of(sender)).held_because == "unauthenticated"


async def test_who_signed_in_slowly_heeds_what_others_learnt_meanwhile(
    sender, sandbox, monkeypatch
):
    """I29: nothing leaves once it was stopped, not even from a worker that is just beginning."""
    await to_one()
    sign_in = sender._firebase.sign_in

    async def slowly():
        refused = await sign_in()
        await gate.stop(sender._firebase.project, Fault.THIRD_PARTY_AUTH)
        return refused

    monkeypatch.setattr(sender._firebase, "sign_in", slowly)
    assert not await sender.send_due()
    assert await states() == [("due", "")]
    assert not sandbox.accepted


async def test_an_access_token_that_is_refused_is_replaced(sender, sandbox):
    await to_one()
    sandbox.behaves(trouble="unauthenticated", times=1)
    await sender.send_due()
    before = sandbox.sandbox.tokens_given
    await let_through()
    await sender.send_due()
    assert sandbox.sandbox.tokens_given == before + 1
    assert await states() == [("sent", "")]


async def test_nobody_to_connect_to_is_no_crash(database):
    nobody = "http://127.0.0.1:1"
    lonely = Firebase(service_account(nobody), base=nobody)
    lonely._token, lonely._token_until = "x", clock.now() + timedelta(hours=1)
    await to_one()
    await Sender(lonely).send_due()
    assert await states() == [("due", "unreached")]
    lonely.close()


async def test_what_may_have_arrived_is_repeated_once(sender, sandbox):
    """I28: an answer that never came, or a worker that died."""
    await to_one("broken-token")
    for became in ("due", "failed"):
        await sender.send_due()
        assert await states() == [(became, "unclear")]
        await let_through()
    assert not await sender.send_due()


async def test_what_a_dead_worker_held_is_taken_over_once(sender, sandbox):
    """I28: with the same collapse id. Who was frozen has nothing more to say."""
    await to_one()
    dead = uuid4()
    (held,) = (await deliveries.claim(dead, 10)).held
    assert not await sender.send_due()
    await execute("UPDATE push_delivery SET due_at = $1", clock.now())
    await sender.send_due()
    assert list(sandbox.accepted) == [("a-token-of-alice", "n1")]
    late = deliveries.Settled(id=held.id, state=sending.PushState.DUE)
    assert await deliveries.settle(dead, [late]) == 0
    assert await states() == [("sent", "")]


async def test_what_killed_two_workers_is_given_up(sender, sandbox):
    """I28."""
    await to_one()
    for _ in range(2):
        assert len((await deliveries.claim(uuid4(), 10)).held) == 1
        await execute("UPDATE push_delivery SET due_at = $1", clock.now())
    await sender.send_due()
    assert await states() == [("failed", "unclear")]
    assert not sandbox.accepted


async def test_a_worker_that_was_frozen_sends_nothing_late(sender, sandbox, monkeypatch):
    monkeypatch.setattr(sending, "LAST_MOMENT", -1.0)
    await to_one()
    await sender.send_due()
    assert await fetchval("SELECT tries FROM push_delivery") == 0
    assert not sandbox.accepted


async def test_the_life_of_a_message_ends(sender, sandbox):
    """I30."""
    await to_one(expires_at=clock.now() - timedelta(seconds=1))
    await to_one("unavailable-token", first=9, expires_at=clock.now() + timedelta(seconds=5))
    await sender.send_due()
    assert await states() == [("failed", "expired"), ("failed", "unavailable")]
    assert not sandbox.accepted


async def test_a_phone_that_changed_hands_gets_nothing_of_before(sender, sandbox):
    """I31."""
    await to_one()
    await execute("UPDATE device SET member_id = $1", uuid4())
    await sender.send_due()
    assert await states() == [("dropped", "no_device")]
    assert not sandbox.accepted


async def test_what_is_read_or_withdrawn_when_its_turn_comes_is_dropped(sender, sandbox):
    """I32."""
    alice = await device("token-of-alice")
    read = await told(alice, read_at=clock.now())
    await handed([alice], first=read)
    await handed([alice], first=90)
    await deliveries.withdraw([90])
    await sender.send_due()
    assert await states() == [("dropped", "seen"), ("dropped", "")]
    assert not sandbox.accepted


@pytest.mark.parametrize(
    ("changed", "became"),
    [
        ("paused_until = now() + interval '2 hours'", ("due", "paused")),
        ("paused_until = now() + interval '2 days'", ("dropped", "paused")),
        ('choices = \'{"badge.earned": {"push": false}}\'', ("dropped", "switched_off")),
        ("expected = true", ("dropped", "gone")),
        ("quiet_from = 0, quiet_until = 0", ("sent", "")),
    ],
)
async def test_a_wish_of_the_last_moment_counts(sender, sandbox, changed, became):
    """I32: what waited for Firebase is decided about again when it leaves."""
    alice = await device("token-of-alice")
    await preferences.prefer(alice, Language.FRENCH, "Europe/Paris")
    await execute("UPDATE preferences SET quiet_from = 0, quiet_until = 0")
    await handed([alice], first=await told(alice))
    await execute(f"UPDATE preferences SET {changed}")
    await sender.send_due()
    assert await states() == [became]


async def test_what_is_long_over_is_forgotten(sender, sandbox):
    await to_one(expires_at=clock.now() - timedelta(days=31))
    await deliveries.forget_old()
    assert await states() == []


async def test_a_worker_that_is_told_to_stop_waits_for_what_has_left(sender, sandbox):
    await handed([await device(f"token-{n:03}") for n in range(150)])
    sandbox.behaves(think_milliseconds=200)
    working = asyncio.create_task(sender.send_regularly())
    await asyncio.sleep(0.3)
    working.cancel()
    await asyncio.wait({working})
    assert {state for state, _ in await states()} == {"sent", "due"}
    assert len(sandbox.accepted) == await fetchval(
        "SELECT count(*) FROM push_delivery WHERE state = 'sent'"
    )


async def test_a_connection_that_is_cut_off_ends_no_sender(sender, monkeypatch):
    """A cancellation that nobody asked for is an interruption like any other."""
    tries = 0
    claim = deliveries.claim

    async def cut_off_once(*wanted):
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncio.CancelledError
        return await claim(*wanted)

    monkeypatch.setattr(deliveries, "claim", cut_off_once)
    monkeypatch.setattr(sending, "EVERY_SECONDS", 0.01)
    await to_one()
    working = asyncio.create_task(sender.send_regularly())
    try:
        async with asyncio.timeout(5):
            while {state for state, _ in await states()} != {"sent"}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await end(working)
    assert tries > 1
