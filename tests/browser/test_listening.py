"""A widget that listens: the socket in a real browser, on somebody else's site."""

from playwright.async_api import expect

from gamification.boards.events import BoardMoved
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from server.live import routes
from server.worker.relay import relay_once
from tests.browser.test_leaderboard import WIDGET, rows
from tests.server.live.conftest import living


async def test_a_widget_that_listens_hears_at_once(
    page, client, settings, people, key, site, shows, monkeypatch
):
    """Without waiting for its next reading; and when the socket is gone it reads on."""
    async with living(settings, client) as place:
        place.live.door.origins_of_sites = {site.origin}
        monkeypatch.setattr(routes, "socket_url", lambda _: place.url)
        await shows(live="", live_at=place.url.removesuffix("/live"))
        await expect(page.locator(WIDGET).locator("[part=live]")).to_have_text("Live")

        await people.earns("Sam", 3)
        async with unit_of_work():
            announce("site_board:month", BoardMoved(board="month", period="2026-11"))
        await relay_once()
        await expect(rows(page).nth(1)).to_contain_text("Sam")
    await expect(page.locator(WIDGET).locator("[part=live]")).to_have_count(0)
    await expect(rows(page).nth(1)).to_contain_text("Sam")
