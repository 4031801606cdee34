"""Workers of an installation that push to the sandbox, and what became of what they push."""

import asyncio
import subprocess
import sys
from collections import Counter
from contextlib import suppress

from ground import clock
from ground.engine import execute, fetch
from notifications.push.sending import INTERRUPTIONS

SECONDS = 120
PATIENCE = 0.1


class Workers:
    """Workers of the installation that push to the sandbox."""

    def __init__(self, installation, phones):
        self.environment = installation.environment | {
            "PUSH_SANDBOX_URL": phones.url,
            # Nobody's second word is asked for.
            "CAMPAIGN_MEMBERS_A_DAY": "1000000",
        }
        self.log = installation.folder / "pushing.log"
        if self.log not in installation.logs:
            installation.logs.append(self.log)
        self.began = len(self._log())
        self.command = installation.command
        self.processes = []

    def start(self, number=1):
        for _ in range(number):
            with self.log.open("ab") as output:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "server", "worker"],
                        env=self.environment,
                        stdout=output,
                        stderr=output,
                    )
                )

    def kill(self):
        """`kill -9` to the oldest of them."""
        process = self.processes.pop(0)
        process.kill()
        process.wait()

    def replace(self):
        """Let another one come for the oldest of them, which is killed."""
        self.kill()
        self.start()

    def log_of_them(self):
        return self._log()[self.began :]

    def said(self, event, times=1):
        """A condition: they logged something so many times."""

        async def was_said():
            return self.log_of_them().count(event) >= times

        return was_said

    def _log(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


async def until(condition, seconds=SECONDS):
    """Wait for something, also while PostgreSQL is away."""
    async with asyncio.timeout(seconds):
        while True:
            with suppress(*INTERRUPTIONS):
                if await condition():
                    return
            await asyncio.sleep(PATIENCE)


async def states():
    rows = await fetch("SELECT state, count(*) AS n FROM push_delivery GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def is_over():
    return not {"due", "sending"} & set(await states())


async def let_through():
    """Nobody waits for what was held or put off."""
    await execute("UPDATE push_delivery SET due_at = $1 WHERE state = 'due'", clock.now())
    await execute("UPDATE push_gate SET held_until = $1", clock.now())


def arrived(phones, least):
    """A condition: so many pushes arrived."""

    async def have_arrived():
        return len(phones.sandbox.phones.accepted) >= least

    return have_arrived


async def assert_pushed_once(phones, pushes, crashes=0):
    """I28: to each device once, and after a crash at most once more under the same name.

    A crash costs no more than one page of a worker its certainty.
    """
    rows = await fetch(
        """
        SELECT p.state, p.repeats, p.push ->> 'collapse_id' AS collapse_id, d.token
        FROM push_delivery p JOIN device d ON d.id = p.device_id
        """
    )
    assert Counter(row["state"] for row in rows) == {"sent": pushes}
    accepted = phones.accepted
    assert set(accepted) == {(row["token"], row["collapse_id"]) for row in rows}
    assert len({token for token, _ in accepted}) == pushes
    for row in rows:
        assert 1 <= accepted[row["token"], row["collapse_id"]] <= 1 + row["repeats"] <= 2
    assert sum(row["repeats"] for row in rows) <= crashes * 256
