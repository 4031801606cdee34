"""A real Chromium, the application on a real port, and sites that show the widget."""

import asyncio
import contextlib
import html
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from community.members import service as members
from community.members.views import Change
from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.credit import credit_many
from gamification.ledger.activity import Activity
from gamification.players.tables import Visibility
from ground import clock
from tests.browser.chromium import FLAGS, NONE_HERE, chromium, is_needed
from tests.community.conftest import OPERATOR
from tests.community.people import joined

BOARDS = """
[[kind]]
slug = "review"
name = { fr = "avis", en = "review" }
points = 5
[[board]]
slug = "month"
name = { fr = "Ce mois-ci", en = "This month" }
description = { fr = "Un mot", en = "A word" }
period = "month"
[[board]]
slug = "week"
name = { fr = "Cette semaine", en = "This week" }
description = { fr = "Un mot", en = "A word" }
period = "week"
"""


class Quiet(uvicorn.Server):
    """It leaves the signals to the tests."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        (pytest.fail if is_needed() else pytest.skip)(NONE_HERE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    """Serve an application on this machine. Gives the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = Quiet(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield listener.getsockname()[1]
        server.should_exit = True
        await task


@pytest.fixture(scope="session")
async def address(app: Litestar) -> AsyncIterator[str]:
    """Where the application is served."""
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


class Site:
    """Somebody else's site, of one page. It has two names, and so two origins."""

    def __init__(self) -> None:
        self.body = self.policy = ""
        self.port = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html"), (b"set-cookie", b"theirs=1")]
        headers += [(b"content-security-policy", self.policy.encode())] if self.policy else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body.encode()})

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def unwelcome(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with serving(site) as site.port:
        yield site


@pytest.fixture
async def context(
    browser: Browser, app: Litestar, database: None, request: pytest.FixtureRequest
) -> AsyncIterator[BrowserContext]:
    """A browser that has seen nothing yet. Its options are the parameters, if there are any."""
    app.state.sites.kept.forget_all()
    context = await browser.new_context(**getattr(request, "param", {}))
    context.set_default_timeout(5_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab whose errors are the test's."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


class Community:
    """People on a board, and how they earn points."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self.ids: dict[str, Any] = {}
        self.told = 0

    async def earns(self, name: str, reviews: int) -> None:
        """Let somebody, who comes if need be, earn five points for each review."""
        if name not in self.ids:
            self.ids[name] = await joined(f"uid-{len(self.ids)}", name)
            change = Change(visibility=Visibility.NAME, public_visibility=True)
            await members.change(self.ids[name], change)
        self.told += 1
        await credit_many(
            [
                Activity(
                    member_id=self.ids[name],
                    kind="review",
                    source="test",
                    key=f"{self.told}-{n}",
                    occurred_at=clock.now(),
                )
                for n in range(reviews)
            ]
        )
        self.app.state.sites.kept.forget_all()


@pytest.fixture
async def community(app: Litestar, database: None) -> Community:
    await publish(read_toml(BOARDS.encode()), to_the_past=True)
    return Community(app)


@pytest.fixture
async def people(community: Community) -> Community:
    """Three who appear on public sites."""
    for name, reviews in (("Camille", 5), ("Sam", 4), ("Inès", 2)):
        await community.earns(name, reviews)
    return community


@pytest.fixture
async def key(community: Community, site: Site) -> str:
    """What opens both boards on the site."""
    boards, origins = frozenset({"month", "week"}), frozenset({site.origin})
    opened = Opened(name="Shop", boards=boards, origins=origins)
    return (await publishable.create(opened, by=OPERATOR)).key


Shows = Callable[..., Awaitable[None]]


@pytest.fixture
def shows(page: Page, site: Site, address: str, key: str) -> Shows:
    """Open a page of a site that shows the widget, under the policy that the docs ask for."""

    async def opened(
        *, around: str = "{}", head: str = "", lang: str = "en", live_at: str = "", **more: str
    ) -> None:
        given = {"key": key} | ({} if "challenge" in more else {"board": "month"}) | more
        attributes = " ".join(f'{n}="{html.escape(v)}"' for n, v in given.items())
        name = "challenge" if "challenge" in more else "leaderboard"
        element = f"<ambassade-{name} {attributes}></ambassade-{name}>"
        site.body = (
            f'<!doctype html><html lang="{lang}"><head><title>A shop</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f'{head}<script src="{address}/widget/leaderboard.js" async></script></head>'
            f"<body><main><h1>A shop</h1>{around.replace('{}', element)}</main></body></html>"
        )
        site.policy = (
            f"default-src 'none'; script-src {address}; connect-src {address} {live_at};"
            f" frame-src {address}; style-src 'nonce-site'; img-src data:"
        )
        await page.goto(site.origin)

    return opened
