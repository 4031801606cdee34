"""The demo's own site: a key with which the widget shows the demo community."""

from typing import Final

from community.publishable import service as publishable
from community.publishable.service import Opened
from ground.callers import Caller, CallerKind
from ground.roles import Role

_DEMO: Final = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="demo")
MAKER: Final = _DEMO.actor
BOARDS: Final = frozenset({"all", "month", "week", "helpers"})


async def open_site() -> None:
    """Make the key. Our own pages show it, and those need no welcome."""
    await publishable.create(Opened(name="Luciole", boards=BOARDS), by=_DEMO)
