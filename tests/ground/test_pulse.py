"""Whether PostgreSQL answers is asked on a connection of its own, and heard on all others."""

import asyncio

from ground.pulse import Pulse


class Mute:
    """A connection whose questions nobody answers."""

    def __init__(self):
        self.is_open = True

    async def execute(self, _):
        await asyncio.Event().wait()

    def terminate(self):
        self.is_open = False


async def unreachable():
    raise OSError


async def test_who_answers_others_isnt_away_and_who_falls_silent_is():
    cut = asyncio.Event()
    pulse = Pulse(Mute(), unreachable, cut.set, patience=0.1)
    try:
        for _ in range(30):
            pulse.heard += 1
            await asyncio.sleep(0.01)
        while_others_hear = pulse.is_away
        async with asyncio.timeout(5):
            await cut.wait()
    finally:
        await pulse.stop()

    assert not while_others_hear
    assert pulse.is_away
