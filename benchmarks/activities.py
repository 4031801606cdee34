"""Activities end to end over HTTP: in batches, and one a call from many clients."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.byhand import BATCH, inserted_by_hand
from benchmarks.calls import Failed, drive, measure, post, statements_a_call
from benchmarks.community import SCORED, SOURCE, Community
from benchmarks.figures import Compared, Figure
from benchmarks.load import Plan
from benchmarks.stage import Served, Stage
from ground.engine import execute, fetchval

PATH: Final = "/v1/activities"
RECORDED: Final = b'"status":"recorded"'
CLIENTS: Final = 64
# As many as one that sends batches would have under way.
SENDERS: Final = 2
# More than can be done in a second, so that time is what ends it.
MOST_BATCHES: Final = 25
MOST_SINGLES: Final = 10_000
BARE: Final = """
DROP TABLE IF EXISTS bare_entry, bare_standing;
CREATE TABLE bare_entry (LIKE ledger_entry INCLUDING ALL);
CREATE TABLE bare_standing (member_id uuid PRIMARY KEY, entries bigint NOT NULL);
"""


class Measuring(NamedTuple):
    """What all measurements of a run share."""

    stage: Stage
    community: Community
    members: int
    seconds: float

    def batches(self, count: int, prefix: str = SOURCE) -> list[bytes]:
        """The next calls with a batch each."""
        return [self._call(self.community.batch(BATCH, prefix)) for _ in range(count)]

    def singles(self, count: int, prefix: str = SOURCE) -> list[bytes]:
        """The next calls with one activity each."""
        return [self._call([each]) for each in self.community.batch(count, prefix)]

    def _call(self, activities: list[dict[str, object]]) -> bytes:
        return post(PATH, self.stage.key, {"activities": activities})

    def plan(
        self, served: Served, requests: Sequence[bytes], *, clients: int, activities: int = 1
    ) -> Plan:
        """Send them until the time is over."""
        return Plan(
            port=served.port,
            requests=list(requests),
            connections=clients,
            seconds=self.seconds,
            needle=RECORDED,
            times=activities,
        )


async def in_batches(
    run: Measuring, product: Served, *, prefix: str = SOURCE, target: float | None = 0.25
) -> Compared:
    """Batches of 1,000, beside the loop that only inserts the same rows."""

    def plan(count: int) -> Plan:
        requests = run.batches(count, prefix)
        return run.plan(product, requests, clients=SENDERS, activities=BATCH)

    await drive(plan(10))
    before = await entries()
    figure, _ = await measure(
        run.stage,
        product,
        plan(int(run.seconds * MOST_BATCHES)),
        what="POST /v1/activities, 1,000 a call",
        each="activity",
        a_call=BATCH,
    )
    await refuse_missing(before, figure.done)
    limit = await inserted_by_hand(run.stage, figure.done)
    figure.statements_a_call = await statements_a_call(plan(4))
    scored = " worth points" if prefix == SCORED else ""
    return Compared(
        name=f"activities{scored}, in batches of 1,000",
        members=run.members,
        figure=figure,
        limit=limit,
        target=target,
    )


async def one_a_call(run: Measuring, product: Served) -> Compared:
    """Single calls from 64 clients, beside a handler that takes a transaction for each."""
    figure = await _singles(run, product, "POST /v1/activities, one a call")
    with run.stage.naive() as naive:
        limit = await _singles(run, naive, "the same, a transaction a call")
    await execute(BARE)
    with run.stage.bare() as bare:
        by_hand = await _singles(run, bare, "four statements by hand, no rules", ledger=False)
    await execute("DROP TABLE bare_entry, bare_standing")
    return Compared(
        name="activities, one a call, 64 clients",
        members=run.members,
        figure=figure,
        limit=limit,
        target=3,
        beside=[by_hand],
    )


async def _singles(run: Measuring, served: Served, what: str, *, ledger: bool = True) -> Figure:
    def plan(count: int) -> Plan:
        return run.plan(served, run.singles(count), clients=CLIENTS)

    await drive(plan(1_500))
    before = await entries()
    requests = plan(int(run.seconds * MOST_SINGLES))
    figure, _ = await measure(run.stage, served, requests, what=what, each="activity")
    if ledger:
        await refuse_missing(before, figure.done)
    figure.statements_a_call = await statements_a_call(plan(1_500))
    return figure


async def entries() -> int:
    """How many entries the ledger has."""
    return int(await fetchval("SELECT count(*) FROM ledger_entry WHERE source = $1", SOURCE))


async def refuse_missing(before: int, done: int) -> None:
    """A figure counts only if every activity that was answered is in the ledger."""
    added = await entries() - before
    if added != done:
        raise Failed(f"{done} activities were answered and {added} recorded")
