"""Who may hear what: the same as who may read it (I25, I39)."""

from uuid import UUID, uuid4

import pytest

from gamification.catalogue.publishing import publish
from ground.engine import execute
from ground.roles import Role
from server.live.reader import Reader
from server.live.rights import may_read
from tests.community.people import joined
from tests.gamification.programme import catalogue
from tests.server.live.conftest import CHALLENGE

OPEN, CLOSED, DRAFT = (str(uuid4()) for _ in range(3))

TAKES_PART = """
INSERT INTO challenge_participation (challenge, team, member_id, joined_at)
VALUES ($1, $1, $2, now())
"""


@pytest.fixture
async def readers(database):
    """A member, one who takes part, a moderator, and the page of a site."""
    await publish(catalogue())
    for name, segment, state in [
        (OPEN, None, "running"),
        (CLOSED, "nobody-is-in-it", "running"),
        (DRAFT, None, "draft"),
    ]:
        await execute(CHALLENGE, UUID(name), segment, state)
    camille, bob = await joined("camille", "Camille"), await joined("bob", "Bob")
    await execute(TAKES_PART, UUID(CLOSED), bob)
    named = {"board:all", f"challenge:{OPEN}", f"challenge:{CLOSED}", "me", "staff"}
    return {
        "camille": Reader(member=camille),
        "bob": Reader(member=bob),
        "moderator": Reader(member=camille, role=Role.MODERATOR),
        "site": Reader(key=uuid4(), channels=frozenset(named)),
        "other site": Reader(key=uuid4(), channels=frozenset({f"challenge:{DRAFT}"})),
    }


WHO = {
    "me": {"camille", "bob", "moderator"},
    "staff": {"moderator"},
    "board:all": {"camille", "bob", "moderator", "site"},
    "board:nowhere": set(),
    "board": set(),
    "board:": set(),
    "staff:x": set(),
    f"challenge:{OPEN}": {"camille", "bob", "moderator", "site"},
    f"challenge:{OPEN.upper()}": set(),
    f"challenge:{CLOSED}": {"bob", "site"},
    f"challenge:{DRAFT}": set(),
    "challenge:17": set(),
    "space:1": set(),
    "member:1": set(),
    "site_board:all": set(),
}


async def test_who_may_hear_what(readers, statements):
    wanted = [(name, reader, channel) for channel in WHO for name, reader in readers.items()]
    with statements() as ran:
        answers = await may_read([(reader, channel) for _, reader, channel in wanted])
    found = {channel: set() for channel in WHO}
    for (name, _, channel), may in zip(wanted, answers, strict=True):
        if may:
            found[channel].add(name)
    assert found == WHO
    # However many ask: one about boards, and a few about challenges.
    assert len(ran) <= 6
