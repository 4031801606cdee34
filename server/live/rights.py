"""Who may hear which channel, by what stands before the colon of its name.

Another kind of channel is one line in `RULES`: a function that answers for many at a time, since
all who are connected are asked about again and again. What has no rule isn't there.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from gamification.catalogue.service import current
from ground.roles import Role
from server.live.asked import Asked
from server.live.challenges import challenges
from server.live.reader import Reader

Rule: TypeAlias = Callable[[Sequence[Asked]], Awaitable[Sequence[bool]]]


async def own(asked: Sequence[Asked]) -> list[bool]:
    """Everybody hears what happens to themselves, and nobody else does."""
    return [reader.member is not None and not name for reader, name in asked]


async def of_staff(asked: Sequence[Asked]) -> list[bool]:
    """What concerns those who run the programme."""
    return [
        reader.member is not None and reader.role.reaches(Role.MODERATOR) and not name
        for reader, name in asked
    ]


async def boards(asked: Sequence[Asked]) -> list[bool]:
    """Who may read a board may hear it: all members, and sites whose key names it."""
    slugs = {board.slug for board in (await current()).boards}
    return [name in slugs for _, name in asked]


RULES: Final[dict[str, Rule]] = {
    "me": own,
    "staff": of_staff,
    "board": boards,
    "challenge": challenges,
}
# What a publishable key may open, if it names it.
FOR_SITES: Final = frozenset({"board", "challenge"})


async def may_read(wanted: Sequence[tuple[Reader, str]]) -> list[bool]:
    """Whether each of them may hear that channel, which they call as clients do."""
    answers = [False] * len(wanted)
    by_rule: defaultdict[str, list[int]] = defaultdict(list)
    for index, (reader, channel) in enumerate(wanted):
        prefix = channel.partition(":")[0]
        if prefix in RULES and _comes_into_question(reader, prefix, channel):
            by_rule[prefix].append(index)
    for prefix, indices in by_rule.items():
        asked = [Asked(wanted[i][0], wanted[i][1].partition(":")[2]) for i in indices]
        for index, may in zip(indices, await RULES[prefix](asked), strict=True):
            answers[index] = may
    return answers


def _comes_into_question(reader: Reader, prefix: str, channel: str) -> bool:
    if reader.key is None:
        return True
    return prefix in FOR_SITES and channel in reader.channels
