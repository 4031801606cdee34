"""200 contributions a second to one challenge: what a call costs while it runs, and without it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from benchmarks.activities import PATH, RECORDED
from benchmarks.calls import Failed, drive, measure, post
from benchmarks.community import SCORED, SOURCE
from benchmarks.figures import Compared, Figure, Found, Wishes
from benchmarks.load import Plan
from benchmarks.settled import settled
from benchmarks.stage import Served, Stage, publish_scored
from gamification.challenges import managing, reading, taking_part
from gamification.challenges.challenge import Challenge
from gamification.challenges.definition import ChallengeDefinition
from ground import clock
from ground.engine import fetch
from server.cli.operator import operator

MEMBERS: Final = 1_000
FEW: Final = 200
A_SECOND: Final = 200
CLIENTS: Final = 32
KIND: Final = f"{SCORED}:question"
WORDS: Final = {"fr": "Ensemble", "en": "Together"}


class Contributing(msgspec.Struct, kw_only=True):
    """What both runs share."""

    stage: Stage
    product: Served
    members: int
    seconds: float
    number: int = 0

    def plan(self, seconds: float) -> Plan:
        """Activities of everybody in turn, at a constant rate."""
        count = int(A_SECOND * seconds)
        requests = [self._call() for _ in range(count)]
        return Plan(
            port=self.product.port,
            requests=requests,
            connections=CLIENTS,
            seconds=seconds + 1,
            a_second=A_SECOND,
            needle=RECORDED,
            times=1,
        )

    def _call(self) -> bytes:
        self.number += 1
        told = {
            "key": f"together{self.number}",
            "member": f"external:{SOURCE}:m{self.number % self.members}",
            "kind": KIND,
            "subject": f"together{self.number}",
            "occurred_at": moment(clock.now()),
        }
        return post(PATH, self.stage.key, {"activities": [told]})

    async def measured(self, what: str) -> Figure:
        """Warm up, and measure."""
        await drive(self.plan(1))
        plan = self.plan(self.seconds)
        figure, _ = await measure(self.stage, self.product, plan, what=what, each="activity")
        return figure


async def measured(wishes: Wishes) -> Found:
    """Without a challenge, and then with one in which everybody takes part."""
    members = FEW if wishes.quick else MEMBERS
    async with settled(members) as stage:
        await publish_scored()
        with stage.worker(), stage.product() as product:
            run = Contributing(
                stage=stage, product=product, members=members, seconds=wishes.seconds
            )
            without = await run.measured("POST /v1/activities, no challenge")
            challenge = await _running()
            before = run.number
            during = await run.measured("the same, each counts in a challenge")
            done = await _reached(challenge)
    if done != run.number - before:
        raise Failed(f"{run.number - before} contributions, and the challenge says {done}")
    compared = Compared(
        name=f"one challenge, {members:,} take part, {A_SECOND} contributions a second",
        members=members,
        figure=during,
        limit=without,
        target=0.98,
    )
    slower = (during.p99_ms or 0.0) / (without.p99_ms or 1.0)
    dearer = (during.api_us + during.postgres_us) / (without.api_us + without.postgres_us)
    notes = [
        f"p99 with the challenge: {slower:.2f} times that without; processor time: {dearer:.2f}"
        f" times; its progress is exact ({done:,})"
    ]
    return Found(compared=[compared], notes=notes)


async def _running() -> Challenge:
    """A challenge that everybody has joined."""
    now = clock.now()
    definition = msgspec.convert(
        {
            "title": WORDS,
            "description": WORDS,
            "counts": {"term": "count", "kind": KIND, "at_least": 1_000_000},
            "starts_at": now,
            "ends_at": now + timedelta(days=10),
        },
        ChallengeDefinition,
    )
    draft = await managing.create(definition, by=operator())
    challenge = await managing.publish(draft.id, by=operator())
    for row in await fetch("SELECT id FROM bench_person ORDER BY n"):
        member: UUID = row["id"]
        await taking_part.join(challenge.id, member)
    return challenge


async def _reached(challenge: Challenge) -> int:
    reached = (await reading.one(challenge.id, None)).reached
    return 0 if reached is None else reached.done


def moment(at: datetime) -> str:
    """As systems write it."""
    return at.isoformat().replace("+00:00", "Z")
