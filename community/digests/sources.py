"""What digests are gathered from. What comes to the product with events stands here as a line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from community.digests import challenges
from notifications.digests.content import Item, Part, Reader

Gather = Callable[[Sequence[Reader]], Awaitable[Mapping[UUID, Sequence[Item]]]]


class Source(msgspec.Struct, frozen=True):
    """What says something to a page of readers, in statements that don't grow with the page."""

    part: Part
    gather: Gather


SOURCES: Final = (
    Source(Part.TOGETHER, challenges.achieved),
    Source(Part.COMING, challenges.coming),
)
