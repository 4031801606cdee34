"""Calls that come at the same time are done together, and each is answered on its own."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from ground.gathering import Gatherer, TooMuchAtOnce


async def turns(number: int) -> None:
    """Let everybody else go on for so many turns of the loop."""
    for _ in range(number):
        await asyncio.sleep(0)


class Kitchen:
    """Cooks orders, a pot at a time, when it is let; what is called `poison` spoils a pot."""

    def __init__(self, *, at_once: int = 100, waiting: int = 100) -> None:
        self.pots: list[list[str]] = []
        self.may_cook = asyncio.Event()
        self.may_cook.set()
        self.spoilt_by: Exception = asyncpg.DataError("poison")
        self.gatherer = Gatherer(self.cook, at_once=at_once, waiting=waiting)

    async def cook(self, orders: Sequence[str]) -> list[str]:
        self.pots.append(list(orders))
        await self.may_cook.wait()
        await asyncio.sleep(0)
        if "poison" in orders:
            raise self.spoilt_by
        return [order.upper() for order in orders]

    def order(self, *dishes: str) -> "asyncio.Task[Sequence[str]]":
        return asyncio.create_task(self.gatherer.do(dishes))

    async def busy(self) -> "asyncio.Task[Sequence[str]]":
        """Be at work on a first order, so that what comes next has to wait."""
        self.may_cook.clear()
        first = self.order("first")
        await turns(5)
        assert self.pots == [["first"]]
        return first


async def test_who_comes_alone_is_served_at_once():
    kitchen = Kitchen()

    assert await kitchen.gatherer.do(["soup"]) == ["SOUP"]
    assert await kitchen.gatherer.do(["salad"]) == ["SALAD"]
    assert kitchen.pots == [["soup"], ["salad"]]


async def test_what_comes_meanwhile_is_done_together_next():
    kitchen = Kitchen()
    first = await kitchen.busy()
    alice, bob = kitchen.order("soup", "bread"), kitchen.order("salad")
    await asyncio.sleep(0)
    kitchen.may_cook.set()

    assert await first == ["FIRST"]
    assert await alice == ["SOUP", "BREAD"]
    assert await bob == ["SALAD"]
    assert kitchen.pots == [["first"], ["soup", "bread", "salad"]]


async def test_a_poisonous_one_fails_alone():
    kitchen = Kitchen()
    await kitchen.busy()
    alice, eve, bob = kitchen.order("soup"), kitchen.order("poison"), kitchen.order("salad")
    await asyncio.sleep(0)
    kitchen.may_cook.set()

    assert await alice == ["SOUP"]
    with pytest.raises(asyncpg.DataError):
        await eve
    assert await bob == ["SALAD"]
    assert kitchen.pots == [
        ["first"],
        ["soup", "poison", "salad"],
        ["soup"],
        ["poison"],
        ["salad"],
    ]


@pytest.mark.parametrize(
    "away",
    [
        pytest.param(ConnectionResetError(), id="the wire is cut"),
        pytest.param(TimeoutError(), id="nobody answers"),
        pytest.param(asyncpg.InterfaceError("closed"), id="the connection is closed"),
        pytest.param(asyncpg.QueryCanceledError("slow"), id="a statement took too long"),
    ],
)
async def test_nobody_tries_alone_while_postgresql_is_away(away):
    kitchen = Kitchen()
    await kitchen.busy()
    kitchen.spoilt_by = away
    alice, eve = kitchen.order("soup"), kitchen.order("poison")
    await asyncio.sleep(0)
    kitchen.may_cook.set()

    for each in (alice, eve):
        with pytest.raises(type(away)):
            await each
    assert kitchen.pots == [["first"], ["soup", "poison"]]


async def test_the_queue_is_bounded():
    kitchen = Kitchen(waiting=2)
    await kitchen.busy()
    alice = kitchen.order("soup", "bread")
    await asyncio.sleep(0)

    with pytest.raises(TooMuchAtOnce) as refusal:
        await kitchen.gatherer.do(["salad"])

    assert (refusal.value.status, refusal.value.retry_after) == (503, 1)
    kitchen.may_cook.set()
    assert await alice == ["SOUP", "BREAD"]
    assert await kitchen.gatherer.do(["salad"]) == ["SALAD"]


async def test_more_than_fits_is_done_in_turns_and_a_call_stays_whole():
    kitchen = Kitchen(at_once=3)
    await kitchen.busy()
    orders = [kitchen.order("a", "b"), kitchen.order("c", "d"), kitchen.order("e")]
    await asyncio.sleep(0)
    kitchen.may_cook.set()
    await asyncio.gather(*orders)

    assert kitchen.pots == [["first"], ["a", "b"], ["c", "d", "e"]]


async def test_a_call_larger_than_fits_is_done_by_itself():
    kitchen = Kitchen(at_once=1)

    assert await kitchen.gatherer.do(["a", "b"]) == ["A", "B"]


async def test_who_gave_up_is_left_out():
    kitchen = Kitchen()
    await kitchen.busy()
    alice, bob = kitchen.order("soup"), kitchen.order("salad")
    await asyncio.sleep(0)
    alice.cancel()
    await asyncio.sleep(0)
    kitchen.may_cook.set()

    assert await bob == ["SALAD"]
    assert kitchen.pots == [["first"], ["salad"]]
    assert alice.cancelled()


async def test_who_gives_up_while_it_is_done_spoils_nothing():
    kitchen = Kitchen()
    await kitchen.busy()
    alice, bob = kitchen.order("soup"), kitchen.order("salad")
    await asyncio.sleep(0)
    kitchen.may_cook.set()
    await turns(2)
    assert kitchen.pots == [["first"], ["soup", "salad"]]
    alice.cancel()

    assert await bob == ["SALAD"]
