"""The widget in a real browser, on a site that isn't ours."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

WIDGET = "ambassade-leaderboard"
MINUTES = 120_000
# What OWASP's lists make of a name of sixty characters.
PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "<iframe src=javascript:alert(1)>",
    "javascript:alert(1)//",
    "'-alert(1)-'",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "</th></table><b onclick=alert(1)>",
    "&lt;b&gt;",
)


def rows(page):
    return page.locator(WIDGET).get_by_role("row")


async def lines(page):
    """What a reader reads, row by row."""
    await expect(rows(page).nth(1)).to_be_visible()
    read = await rows(page).all_inner_texts()
    return [re.split(r"\s*\t\s*|\n+", row.strip()) for row in read[1:]]


async def problems(page):
    found = await Axe().run(page)
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found.response["violations"]
    ]


async def styles(page, selector, *names):
    return await page.locator(f"{WIDGET} >> {selector}").evaluate(
        "(element, names) => names.map((name) => getComputedStyle(element)[name])", list(names)
    )


async def test_two_lines_of_html_show_a_board(page, context, people, shows, site, address):
    """On another site, under its own policy, and with no cookie at all (I46)."""
    asked = []
    page.on("request", lambda request: asked.append(request))
    await shows()

    assert await lines(page) == [["1", "Camille", "25"], ["2", "Sam", "20"], ["3", "Inès", "10"]]
    table = page.locator(WIDGET).get_by_role("table")
    await expect(table).to_have_accessible_name(re.compile("This month"))
    heads = page.locator(WIDGET).get_by_role("columnheader")
    assert await heads.all_inner_texts() == ["Place", "Name", "Points"]
    assert [each["name"] for each in await context.cookies()] == ["theirs"]
    for request in asked:
        headers = await request.all_headers()
        if request.url.startswith(address):
            assert "cookie" not in headers
        if request.url.startswith(f"{address}/v1"):
            assert "referer" not in headers
            assert headers["origin"] == site.origin
    assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


async def test_points_that_are_earned_arrive(page, people, shows):
    await page.clock.install()
    await shows(head="")
    await lines(page)
    await page.evaluate(
        """() => { window.heard = [];
        for (const type of ["ambassade-ready", "ambassade-update"]) {
          document.addEventListener(type, (e) => heard.push([type, e.detail.items[0].name]));
        } }"""
    )
    await people.earns("Sam", 3)
    await page.clock.fast_forward(MINUTES)

    await expect(rows(page).nth(1)).to_contain_text("Sam")
    assert (await lines(page))[:2] == [["1", "Sam", "35"], ["2", "Camille", "25"]]
    assert await page.evaluate("heard") == [["ambassade-update", "Sam"]]
    status = page.locator(WIDGET).get_by_role("status")
    await expect(status).to_have_text("Sam takes the lead with 35 points.")

    # Nothing is said about what changes nothing at the top.
    await people.earns("Inès", 1)
    await page.clock.fast_forward(MINUTES)
    await expect(rows(page).nth(3)).to_contain_text("15")
    await expect(status).to_have_text("Sam takes the lead with 35 points.")


async def test_a_name_full_of_markup_stays_text(page, community, shows):
    """T17."""
    opened = []
    page.on("dialog", lambda dialog: opened.append(dialog.message))
    for number, name in enumerate(PAYLOADS):
        await community.earns(name, len(PAYLOADS) - number)
    await shows()

    assert [line[1] for line in await lines(page)] == list(PAYLOADS)
    inside = "(host) => host.shadowRoot.querySelectorAll('img,svg,script,iframe,b,a').length"
    assert await page.locator(WIDGET).evaluate(inside) == 0
    assert opened == []


async def test_an_outage_leaves_what_was_there(page, people, shows, address):
    await page.clock.install()
    await shows()
    before = await lines(page)
    calls = []

    async def fail(route):
        calls.append(route.request.url)
        await (route.abort() if len(calls) % 2 else route.fulfill(status=503, body="<h1>Oh</h1>"))

    await page.route(f"{address}/v1/**", fail)
    for _ in range(20):
        await page.clock.run_for(60_000)
    assert await lines(page) == before
    # More and more seldom: twenty minutes would have had thirty reads.
    assert 2 <= len(calls) <= 8
    assert await page.locator(WIDGET).locator("[part=quiet]").count() == 0

    await page.unroute(f"{address}/v1/**")
    await people.earns("Sam", 3)
    await page.clock.fast_forward(15 * 60_000)
    await expect(rows(page).nth(1)).to_contain_text("Sam")


async def test_who_comes_during_an_outage_reads_a_calm_word(page, people, shows, address):
    await page.route(f"{address}/v1/**", lambda route: route.abort())
    await shows()
    await expect(page.locator(WIDGET)).to_have_text("Not available at the moment.")
    assert await problems(page) == []

    await page.unroute(f"{address}/v1/**")
    await page.locator(WIDGET).evaluate("(element) => element.refresh()")
    assert (await lines(page))[0] == ["1", "Camille", "25"]


@pytest.mark.long
async def test_an_empty_board_is_an_invitation(page, community, shows):
    await shows(lang="fr")
    await expect(page.locator(WIDGET)).to_contain_text("la première place est libre")
    assert await problems(page) == []


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True, ids=["dark"])
async def test_it_is_dark_or_light_as_its_reader_or_the_site_says(page, people, shows):
    await shows()
    await lines(page)
    dark, light = "rgb(28, 25, 23)", "rgb(255, 255, 255)"
    assert await styles(page, "section", "backgroundColor") == [dark]
    assert await problems(page) == []

    await page.locator(WIDGET).evaluate("(element) => element.setAttribute('theme', 'light')")
    assert await styles(page, "section", "backgroundColor") == [light]
    await page.emulate_media(color_scheme="light")
    assert await problems(page) == []
    await page.locator(WIDGET).evaluate("(element) => element.setAttribute('theme', 'dark')")
    assert await styles(page, "section", "backgroundColor") == [dark]


@pytest.mark.long
async def test_a_site_themes_it_by_properties_and_parts(page, people, shows):
    style = (
        '<style nonce="site">ambassade-leaderboard { --ambassade-background: rgb(1, 2, 3);'
        " --ambassade-radius: 3px } ambassade-leaderboard::part(title) { color: rgb(4, 5, 6) }"
        "* { color: red; border: 9px solid red } section { display: none }</style>"
    )
    await shows(head=style)
    await lines(page)
    assert await styles(page, "section", "backgroundColor", "borderRadius", "borderWidth") == [
        "rgb(1, 2, 3)",
        "3px",
        "1px",
    ]
    assert await styles(page, "[part=title]", "color") == ["rgb(4, 5, 6)"]


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 320, "height": 640}}], indirect=True, ids=["phone"]
)
async def test_it_fits_a_phone(page, community, shows):
    await community.earns("Wolfeschlegelsteinhausenbergerdorff" + "x" * 20, 200)
    await community.earns("Al", 1)
    await shows()
    await lines(page)
    wide = "document.documentElement.scrollWidth"
    assert await page.evaluate(wide) <= 320
    inside = await page.locator(WIDGET).evaluate(
        "(e) => [...e.shadowRoot.querySelectorAll('*')].every((each) =>"
        " each.matches('.spoken, thead, thead *') || each.getBoundingClientRect().right <= 320)"
    )
    assert inside
    assert await problems(page) == []


MOVING = (
    "(e) => e.shadowRoot.querySelector('section').getAnimations({ subtree: true })"
    ".some((each) => each.playState === 'running')"
)


@pytest.mark.parametrize("context", [{"reduced_motion": "reduce"}, {}], indirect=True, ids=str)
async def test_who_prefers_less_motion_sees_none(page, people, shows, request):
    await shows()
    await lines(page)
    await people.earns("Inès", 9)
    await page.locator(WIDGET).evaluate("(element) => element.refresh()")
    moving = await page.locator(WIDGET).evaluate(MOVING)
    assert moving is ("reduce" not in request.node.name)
    assert (await lines(page))[0][1] == "Inès"


@pytest.mark.long
async def test_it_reads_only_while_somebody_can_see_it(page, people, shows, address):
    asked = []
    page.on("request", lambda r: asked.append(r.url) if "/v1/public" in r.url else None)
    await page.clock.install()
    tall = '<style nonce="site">div { height: 9000px }</style>'
    await shows(around="<div></div>{}", head=tall)
    await page.wait_for_function("!!customElements.get('ambassade-leaderboard')")
    await page.clock.run_for(MINUTES)
    assert asked == []

    await page.locator(WIDGET).scroll_into_view_if_needed()
    await lines(page)
    await page.clock.run_for(MINUTES)
    seen = len(asked)
    assert 2 <= seen <= 5
    await page.evaluate("scrollTo(0, 0)")
    await page.wait_for_timeout(100)
    await page.clock.run_for(MINUTES)
    assert len(asked) <= seen + 1


@pytest.mark.long
async def test_it_speaks_the_language_of_the_page(page, people, shows):
    await shows(lang="fr-CA")
    await expect(page.locator(WIDGET)).to_contain_text("Ce mois-ci")
    heads = page.locator(WIDGET).get_by_role("columnheader")
    assert await heads.all_inner_texts() == ["Rang", "Nom", "Points"]
    await page.locator(WIDGET).evaluate("(element) => element.setAttribute('lang', 'en')")
    await expect(page.locator(WIDGET)).to_contain_text("This month")
    await page.locator(WIDGET).evaluate("(element) => element.setAttribute('board', 'week')")
    await expect(page.locator(WIDGET)).to_contain_text("This week")


@pytest.mark.long
async def test_a_frame_shows_it_where_it_is_welcome(page, people, shows, site, address, key):
    frame = f'<iframe title="Board" src="{address}/widget/frame?board=month&key={key}"></iframe>'
    await shows(around=frame)
    inside = page.frame_locator("iframe").locator(WIDGET)
    await expect(inside.get_by_role("row").nth(1)).to_contain_text("Camille")

    await page.goto(site.unwelcome)
    await page.wait_for_load_state("load")
    assert await page.frame_locator("iframe").locator(WIDGET).count() == 0


async def test_the_page_that_shows_it_is_sound(page, context, people, address, key):
    await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    await page.goto(f"{address}/widget?key={key}&lang=en")
    assert (await lines(page))[0] == ["1", "Camille", "25"]
    assert await problems(page) == []

    await page.get_by_label("Dark").focus()
    await page.keyboard.press("Space")
    assert await page.locator(WIDGET).get_attribute("theme") == "dark"
    await page.get_by_role("button", name="Copy").first.click()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert f'<ambassade-leaderboard board="month" key="{key}">' in copied
    assert await context.cookies() == []
