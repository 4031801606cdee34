"""What public sites read, beside a bare route that answers the same bytes."""

from typing import Final

from benchmarks.activities import Measuring
from benchmarks.bare import PUBLIC
from benchmarks.calls import Failed
from benchmarks.community import Community
from benchmarks.figures import Compared, Found, Wishes
from benchmarks.history import look_back
from benchmarks.reads import read
from benchmarks.settled import settled
from community.publishable import service as publishable
from community.publishable.service import Opened
from server.cli.operator import operator

MEMBERS: Final = 1_000
ROWS: Final = 10
TARGET: Final = 0.6
PATH: Final = "/v1/public/boards/ever"
ORIGIN: Final = "https://shop.example"


async def measured(wishes: Wishes) -> Found:
    """The board that a widget shows."""
    async with settled(MEMBERS) as stage:
        await look_back()
        run = Measuring(stage, Community(MEMBERS), MEMBERS, wishes.seconds)
        opened = Opened(name="Bench", boards=frozenset({"ever"}), origins=frozenset({ORIGIN}))
        key = await publishable.create(opened, by=operator())
        request = [
            f"GET {PATH}?key={key.key}&limit={ROWS} HTTP/1.1\r\nhost: localhost\r\n"
            f"origin: {ORIGIN}\r\n\r\n".encode()
        ]
        with stage.product() as product:
            figure, answer = await read(run, product, request, "a public board, 10 rows")
        if answer.count(b'"place"') != ROWS:
            raise Failed("the public board has other rows", answer)
        with stage.bare(**{PUBLIC: answer.decode()}) as bare:
            limit, same = await read(run, bare, request, "bare route, the same bytes")
        if same != answer:
            raise Failed("the bare route answers something else", same)
    name = "a board as public sites read it"
    compared = Compared(name=name, members=MEMBERS, figure=figure, limit=limit, target=TARGET)
    return Found(compared=[compared])
