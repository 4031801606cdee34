"""A challenge on somebody else's site."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import expect

from community.members import service as members
from community.members.views import Change
from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.challenges import taking_part
from gamification.players.tables import Visibility
from ground import clock
from tests.browser.test_leaderboard import problems
from tests.community.conftest import OPERATOR
from tests.gamification.challenges import published

WIDGET = "ambassade-challenge"
MARKUP = "<img src=x onerror=alert(1)>"
TOGETHER = {"fr": "Quarante avis", "en": "Forty reviews"}


@pytest.fixture
async def challenge(community, site):
    """Forty reviews together; three take part, and one of them is on no public site."""
    made = await published(
        title=TOGETHER,
        counts={"term": "count", "kind": "review", "at_least": 40},
        milestones=[25, 50, 75],
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(days=10),
    )
    for name in ("Camille", "Hana", "Sam"):
        await community.earns(name, 0)
        await taking_part.join(made.id, community.ids[name])
    hidden = Change(visibility=Visibility.NAME, public_visibility=False)
    await members.change(community.ids["Hana"], hidden)
    shown = Change(visibility=Visibility.PSEUDONYM, public_visibility=True, pseudonym=MARKUP)
    await members.change(community.ids["Sam"], shown)
    for name in ("Camille", "Hana", "Sam"):
        await community.earns(name, 4)
    return made


@pytest.fixture
async def opened(challenge, site):
    names = frozenset({str(challenge.id)})
    key = Opened(name="Shop", challenges=names, origins=frozenset({site.origin}))
    return (await publishable.create(key, by=OPERATOR)).key


async def test_a_site_shows_how_far_a_challenge_has_come(
    page, client, community, challenge, opened, shows
):
    """I25, T17: who helped is named if they chose to appear there, as plain text."""
    await shows(challenge=str(challenge.id), key=opened)
    widget = page.locator(WIDGET)
    bar = widget.get_by_role("progressbar", name="Forty reviews")
    await expect(bar).to_have_attribute("aria-valuetext", "12 of 40")
    await expect(widget).to_contain_text(f"Thanks to {MARKUP} and Camille.")
    await expect(widget).to_contain_text("3 people have helped.")
    assert "Hana" not in await widget.inner_text()
    assert await problems(page) == []

    await community.earns("Camille", 9)
    await widget.evaluate("(element) => element.refresh()")
    await expect(bar).to_have_attribute("aria-valuetext", "21 of 40")
    await expect(widget.get_by_role("status")).to_have_text("50% reached, together.")

    path = f"/v1/public/challenges/{challenge.id}"
    other = await client.get(path, params={"key": opened})
    assert "Hana" not in other.text
    assert not any(str(each) in other.text for each in community.ids.values())
    nothing = await client.get(f"/v1/public/challenges/{UUID(int=7)}", params={"key": opened})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "challenge_not_found")
    board = await client.get("/v1/public/boards/month", params={"key": opened})
    assert (board.status_code, board.json()["code"]) == (404, "board_not_found")
