"""What people are called in messages. Names are another package's: the server says who knows."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

Lookup = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, str]]]


async def _nobody_knows(_: Collection[UUID]) -> Mapping[UUID, str]:
    return {}


_lookup: Lookup = _nobody_knows


def known_by(lookup: Lookup) -> None:
    """Ask this from now on. It leaves out who doesn't want to be shown."""
    global _lookup
    _lookup = lookup


async def names_of(member_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of those who may be named."""
    return await _lookup(member_ids) if member_ids else {}
