"""Limits: exact over any window and all processes, soft when Valkey is away (I43, T22, T23)."""

import asyncio
import subprocess
import sys
import time
from itertools import pairwise

import msgspec
import pytest

from ground import valkey
from server.middleware.addresses import client_address, limit_key
from server.middleware.sliding_window import WINDOW_SECONDS, LocalWindows, Windows
from tests.conftest import calling

PROCESS = """
import asyncio, sys
from ground import valkey
from server.middleware.sliding_window import Windows

async def main():
    valkey.open_valkey(sys.argv[1])
    windows = Windows()
    verdicts = []
    for _ in range(20):
        verdicts += await asyncio.gather(*(windows.admit("read:x", 100) for _ in range(10)))
    await valkey.close_valkey()
    print(sum(verdict.admitted for verdict in verdicts))

asyncio.run(main())
"""


@pytest.fixture
def limited(make_trial_app, settings, database):
    """A client of an application with small limits, by address."""
    strict = msgspec.structs.replace(
        settings,
        reads_per_minute=3,
        writes_per_minute=2,
        sign_ins_per_minute=2,
        failures_per_minute=3,
        trusted_proxy="10.0.0.1",
    )
    app = make_trial_app(strict)
    return lambda address="127.0.0.1": calling(app, address)


async def statuses(client, path, count, **more):
    return [(await client.get(path, **more)).status_code for _ in range(count)]


async def test_who_is_over_a_limit_is_told_when_to_come_back(limited, sign_in):
    async with limited() as client:
        answers = [await client.get("/v1/me", headers=sign_in("camille")) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 429, 429]
    assert answers[3].json()["code"] == "too_many_requests"
    assert 0 < int(answers[3].headers["retry-after"]) <= WINDOW_SECONDS


async def test_answers_say_what_is_left(limited, sign_in):
    async with limited() as client:
        answers = [await client.get("/v1/me", headers=sign_in("camille")) for _ in range(4)]

    assert {a.headers["ratelimit-policy"] for a in answers} == {'"read";q=3;w=60'}
    assert [a.headers["ratelimit"].split(";")[1] for a in answers] == ["r=2", "r=1", "r=0", "r=0"]


async def test_one_caller_takes_nothing_from_another(limited, sign_in):
    async with limited() as client:
        assert 429 in await statuses(client, "/v1/me", 5, headers=sign_in("camille"))
        assert 429 not in await statuses(client, "/v1/me", 3, headers=sign_in("bernard"))


async def test_reads_and_writes_are_counted_apart(limited, sign_in):
    async with limited() as client:
        assert 429 in await statuses(client, "/v1/me", 5, headers=sign_in("camille"))
        answer = await client.post("/v1/trials", json={"name": "A"}, headers=sign_in("camille"))
    assert answer.status_code == 201


async def test_two_routes_share_one_limit(limited, sign_in):
    async with limited() as client:
        await statuses(client, "/v1/me", 2, headers=sign_in("camille"))
        assert await statuses(client, "/v1/trials/members", 2, headers=sign_in("camille")) == [
            403,
            429,
        ]


async def test_joining_is_counted_by_address_whoever_joins(limited, sign_in):
    async with limited() as client:
        answers = [
            await client.post("/v1/members", json={}, headers=sign_in(f"member-{n}"))
            for n in range(3)
        ]
    assert [answer.status_code for answer in answers] == [422, 422, 429]


async def test_guessing_ends_soon(limited):
    async with limited() as client:
        guesses = [
            await client.get("/v1/me", headers={"X-API-Key": f"sk_{n:032}"}) for n in range(5)
        ]
    assert [guess.status_code for guess in guesses] == [401, 401, 401, 429, 429]


async def test_who_is_signed_in_is_not_held_to_what_their_address_guessed(limited, sign_in):
    async with limited() as client:
        for n in range(5):
            await client.get("/v1/me", headers={"X-API-Key": f"sk_{n:032}"})
        answer = await client.get("/v1/me", headers=sign_in("camille"))
    assert answer.status_code == 403


async def test_a_header_gives_nobody_another_address(limited):
    async with limited("203.0.113.7") as client:
        answers = [
            await client.get(
                "/v1/charter", headers={"X-Forwarded-For": f"198.51.100.{n}", "Forwarded": "for=1"}
            )
            for n in range(4)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_behind_the_proxy_each_address_has_its_own_limit(limited):
    async with limited("10.0.0.1") as client:
        one = await statuses(client, "/v1/charter", 4, headers={"X-Forwarded-For": "198.51.100.1"})
        spoofed = await statuses(
            client, "/v1/charter", 1, headers={"X-Forwarded-For": "198.51.100.9, 198.51.100.1"}
        )
        other = await statuses(client, "/v1/charter", 1, headers={"X-Forwarded-For": "2001:db8::1"})
    assert (one, spoofed, other) == ([200, 200, 200, 429], [429], [200])


async def test_health_has_no_limit(limited):
    async with limited() as client:
        assert set(await statuses(client, "/health/live", 10)) == {200}


@pytest.mark.parametrize(
    ("peer", "named", "trusted", "address"),
    [
        pytest.param("1.1.1.1", [], None, "1.1.1.1", id="nobody named"),
        pytest.param("1.1.1.1", ["9.9.9.9"], None, "1.1.1.1", id="no proxy is trusted"),
        pytest.param("1.1.1.1", ["9.9.9.9"], "2.2.2.2", "1.1.1.1", id="another one is"),
        pytest.param("2.2.2.2", ["9.9.9.9"], "2.2.2.2", "9.9.9.9", id="it is"),
        pytest.param("2.2.2.2", ["6.6.6.6, 9.9.9.9"], "2.2.2.2", "9.9.9.9", id="the last hop"),
        pytest.param("2.2.2.2", ["6.6.6.6", "9.9.9.9"], "2.2.2.2", "9.9.9.9", id="two headers"),
        pytest.param("2.2.2.2", ["<script>"], "2.2.2.2", "2.2.2.2", id="nonsense"),
        pytest.param("2.2.2.2", [], "2.2.2.2", "2.2.2.2", id="the proxy names nobody"),
    ],
)
def test_the_address_of_a_client(peer, named, trusted, address):
    headers = [(b"x-forwarded-for", value.encode()) for value in named]
    assert client_address({"client": (peer, 1), "headers": headers}, trusted) == address


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("no address", "unknown"),
    ],
)
def test_what_an_address_is_counted_as(address, key):
    assert limit_key(address) == key


async def test_the_limit_is_exact_for_many_at_once(database):
    windows = Windows()
    verdicts = await asyncio.gather(*(windows.admit("read:x", 50) for _ in range(120)))
    assert sum(verdict.admitted for verdict in verdicts) == 50


async def test_the_limit_is_exact_across_processes(database, redis_url):
    command = [sys.executable, "-c", PROCESS, redis_url]
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(3)
    ]
    outputs = [await process.communicate() for process in processes]
    assert sum(int(out) for out, _ in outputs) == 100


async def test_no_window_admits_more_than_the_limit(database, monkeypatch):
    """Not twice the limit around the moment at which a fixed window would start again."""
    monkeypatch.setattr("server.middleware.sliding_window.WINDOW_SECONDS", 0.4)
    windows = Windows()
    admitted = []
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        before = time.monotonic()
        verdict = await windows.admit("read:x", 10)
        if verdict.admitted:
            admitted.append((before, time.monotonic()))
        else:
            assert 0 < verdict.wait <= 0.4
        await asyncio.sleep(0.005)

    assert len(admitted) >= 30
    for (_, earlier), (later, _) in zip(admitted, admitted[10:], strict=False):
        # Measured from outside: the moment in Valkey lies between the two.
        assert later - earlier > 0.4 - 0.1


def test_the_local_count_follows_the_same_rule():
    windows = LocalWindows()
    verdicts = [windows.admit("x", 3, now) for now in (0, 1, 2, 3, 59.9, 60, 61, 61.5)]

    assert [v.admitted for v in verdicts] == [True, True, True, False, False, True, True, False]
    assert verdicts[3].wait == 57
    assert all(first.remaining >= 0 for first, _ in pairwise(verdicts))


def test_the_local_count_forgets_who_came_long_ago(monkeypatch):
    monkeypatch.setattr("server.middleware.sliding_window.MOST_LOCAL_KEYS", 3)
    windows = LocalWindows()
    for key in "abcd":
        windows.admit(key, 1, 0)
    assert len(windows._admitted) == 3


@pytest.fixture
async def without_valkey(database, redis_url):
    await valkey.close_valkey()
    valkey.open_valkey("redis://127.0.0.1:1/0")
    yield
    await valkey.close_valkey()
    valkey.open_valkey(redis_url)


async def test_without_valkey_each_process_counts_its_share(without_valkey):
    windows = Windows(processes=4)
    started = time.monotonic()
    verdicts = [await windows.admit("read:x", 40) for _ in range(30)]

    assert sum(verdict.admitted for verdict in verdicts) == 10
    assert time.monotonic() - started < 1
    assert valkey.is_away()


async def test_without_valkey_requests_are_answered_and_limited(limited, without_valkey, sign_in):
    async with limited() as client:
        assert await statuses(client, "/v1/me", 5, headers=sign_in("camille")) == [
            403,
            403,
            403,
            429,
            429,
        ]


async def test_a_frozen_valkey_costs_one_request_its_patience(database, redis_url):
    """Somebody accepts connections and never answers."""
    over = asyncio.Event()

    async def never_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    frozen = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{frozen.sockets[0].getsockname()[1]}/0"
    await valkey.close_valkey()
    valkey.open_valkey(url)
    started = time.monotonic()
    verdicts = [await Windows().admit("read:x", 100) for _ in range(50)]
    lasted = time.monotonic() - started
    await valkey.close_valkey()
    over.set()
    frozen.close()
    await frozen.wait_closed()
    valkey.open_valkey(redis_url)

    assert all(verdict.admitted for verdict in verdicts)
    # Each waiting for itself would take 50 times as long as one waits.
    assert lasted < 10 * valkey.ANSWER_SECONDS


async def test_valkey_is_used_again_when_it_is_back(database, redis_url):
    """I20."""
    there = valkey._client
    valkey.open_valkey("redis://127.0.0.1:1/0")
    gone = valkey._client
    windows = Windows()
    await windows.admit("read:x", 5)
    assert valkey.is_away()

    gone.connection_pool = there.connection_pool
    async with asyncio.timeout(5):
        while valkey.is_away():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await windows.admit("read:x", 5)
    assert await valkey.client().llen("limit:read:x") == 1
