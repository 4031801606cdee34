"""What goes on for ever ends when it is told to."""

import asyncio

from ground import ending
from ground.ending import end, for_ever


async def test_who_loses_a_cancellation_is_told_again(monkeypatch):
    """On Python 3.11 `asyncio.wait_for` loses one that comes just as it is done."""
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.01)
    lost = 0

    async def hard_of_hearing():
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    async def attentive():
        await asyncio.Event().wait()

    async def broken():
        raise ValueError

    tasks = [asyncio.create_task(each()) for each in (hard_of_hearing, attentive, broken)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(*tasks)

    assert lost == 3
    assert [each.cancelled() for each in tasks] == [True, True, False]
    assert isinstance(tasks[2].exception(), ValueError)


async def test_what_ends_by_itself_is_done_again_until_it_is_told_to_end(monkeypatch):
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.01)
    ends = iter([ValueError("a fault of ours"), asyncio.CancelledError(), None])
    begun, at_rest = 0, asyncio.Event()

    async def stumbling():
        nonlocal begun
        begun += 1
        try:
            end_of_it = next(ends)
        except StopIteration:
            at_rest.set()
            await asyncio.Event().wait()
        if end_of_it is not None:
            raise end_of_it

    working = asyncio.create_task(for_ever(stumbling, "stumbling"))
    async with asyncio.timeout(5):
        await at_rest.wait()
        await end(working)

    assert begun == 4
    assert working.cancelled()
