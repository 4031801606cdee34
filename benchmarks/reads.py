"""Hot reads as members: a page of a board and a standing, beside routes that only answer."""

import random
from typing import Final

import msgspec

from benchmarks.activities import Measuring
from benchmarks.bare import ANSWERS, Answers
from benchmarks.calls import Failed, drive, get, measure, statements_a_call
from benchmarks.figures import Compared, Figure, percentile
from benchmarks.load import Plan
from benchmarks.people import uid_of
from benchmarks.stage import Served
from community.boards.views import BoardPage
from gamification.standings.views import StandingView
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT

BOARD: Final = "/v1/boards/ever?limit=25"
STANDING: Final = "/v1/me/standing"
ROWS: Final = 25
CLIENTS: Final = 16
# Members who read at the same time.
READERS: Final = 200
# So often a standing is read where something else is measured meanwhile.
A_SECOND: Final = 100


async def hot_reads(run: Measuring, product: Served) -> list[Compared]:
    """Both reads, and the bare routes that answer the same."""
    who = tokens(run.members)
    board = await read(run, product, [get(BOARD, token) for token in who], BOARD)
    standing = await read(run, product, [get(STANDING, token) for token in who], STANDING)
    page = msgspec.json.decode(board[1], type=BoardPage)
    if len(page.items) != min(ROWS, run.members):
        raise Failed(f"the board has {len(page.items)} rows")
    answers = Answers(page, msgspec.json.decode(standing[1], type=StandingView))
    with run.stage.bare(**{ANSWERS: msgspec.json.encode(answers).decode()}) as bare:
        bare_board = await read(run, bare, [get(BOARD)], "bare route, the same page")
        bare_standing = await read(run, bare, [get(STANDING)], "bare route, the same standing")
    return [
        _compared(run, "a page of a board, 25 rows", board[0], bare_board[0], 0.6),
        _compared(run, "a standing", standing[0], bare_standing[0], None),
    ]


def tokens(members: int) -> list[str]:
    """Members who read, signed in."""
    readers = random.Random(7).sample(range(members), min(READERS, members))
    return [emulator_token(DEVELOPMENT_PROJECT, uid_of(number)) for number in readers]


def reading(served: Served, requests: list[bytes], seconds: float) -> Plan:
    """Read for so long."""
    return Plan(
        port=served.port, requests=requests, connections=CLIENTS, seconds=seconds, again=True
    )


def steadily(served: Served, seconds: float) -> Plan:
    """Standings at a constant rate, far from what the API can do, for as long as that."""
    people = [emulator_token(DEVELOPMENT_PROJECT, uid_of(number)) for number in range(READERS)]
    return Plan(
        port=served.port,
        requests=[get(STANDING, token) for token in people],
        connections=CLIENTS,
        seconds=seconds,
        a_second=A_SECOND,
        again=True,
    )


async def p99_of_standings(served: Served, seconds: float) -> float:
    """How long one in a hundred waits, in milliseconds."""
    outcome = await drive(steadily(served, seconds))
    found = percentile(outcome.latencies, 0.99)
    if outcome.failed or found is None:
        raise Failed("the API doesn't answer", outcome.failures)
    return found


async def read(
    run: Measuring, served: Served, requests: list[bytes], what: str
) -> tuple[Figure, bytes]:
    """Read for half the time; what it cost, and an answer."""
    await drive(reading(served, requests, 1))
    plan = reading(served, requests, run.seconds / 2)
    figure, outcome = await measure(run.stage, served, plan, what=f"GET {what}", each="call")
    figure.statements_a_call = await statements_a_call(reading(served, requests, 0.3))
    return figure, outcome.answer


def _compared(
    run: Measuring, name: str, figure: Figure, limit: Figure, target: float | None
) -> Compared:
    return Compared(name=name, members=run.members, figure=figure, limit=limit, target=target)
