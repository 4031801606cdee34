"""The demo's own site: a key with which the widget shows the demo community."""

from typing import Final

from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.challenges import reading
from gamification.challenges.tables import Team
from ground.callers import Caller, CallerKind
from ground.roles import Role

_DEMO: Final = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="demo")
MAKER: Final = _DEMO.actor
BOARDS: Final = frozenset({"all", "month", "week", "helpers"})
SOME: Final = 10


async def open_site() -> None:
    """Make the key. Our own pages show it, and those need no welcome."""
    running, _ = await reading.several("running", None, limit=SOME, cursor=None)
    everybodys = {
        str(each.challenge.id) for each in running if each.challenge.team is Team.COMMUNITY
    }
    opened = Opened(name="Luciole", boards=BOARDS, challenges=frozenset(everybodys))
    await publishable.create(opened, by=_DEMO)
