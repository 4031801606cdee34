"""What staff does by hand leaves recognition a function of what stands (I9).

Hypothesis draws what members did, and an interleaving of crediting, holding, releasing, taking
back, giving and taking badges. What is kept in the end must be what crediting only what stands
comes to, under the acts by hand that rule in the end.
"""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Wanted
from gamification.by_hand.limits import Limits, keep_to
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.credit import credit_many, reverse
from gamification.holds import service as holds
from gamification.holds.errors import AlreadyReversed, NotHeld
from gamification.ledger.activity import Activity
from gamification.recognition import kept, replay
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetchval
from ground.roles import Role
from tests.conftest import Owner
from tests.gamification.programme import ALICE, BOB, set_up
from tests.gamification.test_confluence import deeds

MONA = Caller(kind=CallerKind.MEMBER, member_id=UUID(int=0x303A), role=Role.MANAGER)
BECAUSE = Reason(en="We had a look.")
# Before what happens in the drawn histories, so that grace and clocks are the same in each run.
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOLLOWS_FROM_ENTRIES = [name for name in kept.BY_NAME if name != "tier_held"]
BADGES = ["first-post", "commentator", "both", "unblemished"]


@st.composite
def stories(draw) -> tuple[list[Any], list[tuple[str, Any]]]:
    """What members did, and what becomes of it in which order."""
    n = draw(st.integers(1, 12))
    told = [draw(deeds(str(number))) for number in range(n)]
    acts: list[tuple[str, Any]] = [("credit", each) for each in told]
    for each in told:
        later = draw(
            st.lists(st.sampled_from(["hold", "release", "reverse", "source"]), max_size=4)
        )
        acts += [(what, each.key) for what in later]
    for _ in range(draw(st.integers(0, 4))):
        what = draw(st.sampled_from([Does.GIVE, Does.TAKE, Does.LEAVE]))
        acts.append(
            ("act", (what, draw(st.sampled_from(BADGES)), draw(st.sampled_from([ALICE, BOB]))))
        )
    return told, draw(st.permutations(acts))


class Play:
    """Does all of a story, and remembers what became of each key."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.became: dict[str, str] = {}
        self.too_early: dict[str, list[str]] = {}
        self.minutes = 0

    def next_minute(self) -> AbstractContextManager[None]:
        """No two things happen at the same moment."""
        self.minutes += 1
        return clock.frozen(NOW + timedelta(minutes=self.minutes))

    async def all_of(self, acts: list[tuple[str, Any]]) -> set[str]:
        """Return the keys that stand in the end."""
        for what, about in acts:
            if what == "credit":
                await self.credit(about)
            elif what == "act":
                with self.next_minute():
                    await act(*about)
            else:
                await self.look(what, about)
        return {key for key, state in self.became.items() if state in ("new", "released")}

    async def credit(self, told: Activity) -> None:
        with self.next_minute():
            [answer] = await credit_many([told])
        assert answer.entry_id is not None
        self.ids[told.key], self.became[told.key] = answer.entry_id, "new"
        for each in self.too_early.pop(told.key, []):
            await self.look(each, told.key)

    async def look(self, what: str, key: str) -> None:
        if key not in self.ids:
            self.too_early.setdefault(key, []).append(what)
            return
        with self.next_minute():
            await self.look_at(what, key)

    async def look_at(self, what: str, key: str) -> None:
        entry, before = self.ids[key], self.became[key]
        if what == "source":
            await reverse([entry], reason="refund")
        elif what == "reverse":
            await holds.reverse(entry, BECAUSE, by=MONA)
        elif before == "gone" or (what, before) == ("release", "new"):
            with pytest.raises((AlreadyReversed, NotHeld)):
                await self.hold_or_release(what, entry)
            return
        else:
            await self.hold_or_release(what, entry)
        after = {"hold": "held", "release": "released"}
        self.became[key] = after.get(what, "gone")

    async def hold_or_release(self, what: str, entry: int) -> None:
        if what == "hold":
            await holds.hold(entry, BECAUSE, by=MONA)
        else:
            await holds.release(entry, by=MONA)


async def outcome() -> dict[str, Any]:
    """What is kept now, without the ids of entries."""
    with clock.frozen(NOW + timedelta(days=1)):
        assert await replay.check() == []
        rows = await kept.read([ALICE, BOB, UUID(int=0xC1A2A)], clock.now())
    assert await fetchval("SELECT coalesce(sum(points), 0) FROM ledger_entry") == await fetchval(
        "SELECT coalesce(sum(points), 0) FROM standing"
    )
    return {
        **{table: rows[table] for table in FOLLOWS_FROM_ENTRIES},
        # Given by criteria: since when, under which version and through what.
        "award": {key: values[:3] for key, values in rows["award"].items() if values[4] is None},
        "by_hand": {
            key: (values[5] is None, values[0])
            for key, values in rows["award"].items()
            if values[4] is not None
        },
    }


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories())
async def test_what_stands_decides_and_nothing_else(programme, owner, drawn):
    told, acts = drawn
    await forget_all(owner)
    standing = await Play().all_of(acts)
    first = await outcome()

    await forget_all(owner)
    with clock.frozen(NOW):
        await credit_many([each for each in told if each.key in standing])
    # The acts by hand that rule in the end, now that nothing else happens.
    rulings = first.pop("by_hand")
    for (member, badge, _, _), (gives, at) in rulings.items():
        with clock.frozen(at):
            await force(Does.GIVE if gives else Does.TAKE, badge, member)
    second = await outcome()

    assert second.pop("by_hand") == rulings
    assert first == second


async def forget_all(owner: Owner) -> None:
    """Start from nothing, past the triggers that forbid it to everybody else."""
    await owner.execute(
        """
        SET session_replication_role = replica;
        DELETE FROM ledger_entry; DELETE FROM tally; DELETE FROM day_tally; DELETE FROM day_in_flow;
        DELETE FROM value_in_flow; DELETE FROM active_day; DELETE FROM award;
        DELETE FROM tier_held; DELETE FROM standing; DELETE FROM board_points;
        DELETE FROM entry_hold; DELETE FROM hand_award; DELETE FROM hand_act;
        SET session_replication_role = origin
        """
    )


async def force(does: Does, badge: str, member: UUID) -> None:
    """Give or take by hand, also what criteria have as it should be."""
    await act(Does.TAKE if does is Does.GIVE else Does.GIVE, badge, member)
    await act(does, badge, member)


async def act(does: Does, badge: str, member: UUID) -> None:
    await by_hand.act(Wanted(does=does, slug=badge, members=(member,), reason=BECAUSE), by=MONA)


@pytest.fixture
async def programme(database):
    keep_to(Limits(members=1000, points=1_000_000))
    yield await set_up()
    keep_to(Limits())
