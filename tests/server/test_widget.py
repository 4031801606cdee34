"""The widget's files and pages over HTTP. How it behaves in a browser is in tests/browser."""

import base64
import gzip
import hashlib
import html
import re

import pytest

from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.catalogue.publishing import load_default_if_empty
from server.seed.site import open_site
from server.widget.files import SCRIPT, files, versioned
from tests.community.conftest import OPERATOR

LARGEST = 12 * 1024
SHOP = "https://www.shop.example"


@pytest.fixture
async def key(database):
    await load_default_if_empty()
    opened = Opened(name="Shop", boards=frozenset({"month"}), origins=frozenset({SHOP}))
    return (await publishable.create(opened, by=OPERATOR)).key


def test_the_script_is_small():
    assert len(gzip.compress(files()[SCRIPT].body, 9)) <= LARGEST


def test_the_script_makes_dom_of_nothing_that_people_wrote():
    """T17."""
    script = files()[SCRIPT].body.decode()
    for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert door not in script
    assert "cookie" not in re.sub(r"/\*.*?\*/", "", script, flags=re.DOTALL)


def test_the_types_name_what_the_script_knows():
    script, types = files()[SCRIPT].body.decode(), files()["leaderboard.d.ts"].body.decode()
    for element in re.findall(r'customElements\.define\("([\w-]+)"', script):
        assert f'"{element}":' in types
    for listed in re.findall(r"observedAttributes = \[([^\]]+)\]", script):
        for attribute in re.findall(r"\w+", listed):
            assert re.search(rf"\b{attribute}\b", types), attribute


async def test_files_are_for_every_site(client):
    plain = await client.get("/widget/leaderboard.js", headers={"Origin": SHOP})
    name = versioned(plain.content)
    pinned = await client.get(f"/widget/{name}")

    assert plain.content == pinned.content == files()[SCRIPT].body
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["content-encoding"] == "gzip"
    assert plain.headers["cache-control"] == "public, max-age=300"
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    for answer in (plain, pinned):
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
        assert "set-cookie" not in answer.headers
    again = await client.get(f"/widget/{name}", headers={"If-None-Match": pinned.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    gone = await client.get("/widget/leaderboard.0123456789abcdef.js")
    assert (gone.status_code, gone.json()["code"]) == (404, "widget_file_not_found")
    assert (await client.get("/widget/..%2froutes.py")).status_code == 404


async def test_the_page_shows_what_to_copy(client, key):
    answer = await client.get("/widget", params={"key": key, "lang": "en"})
    text = answer.text

    digest = base64.b64encode(hashlib.sha384(files()[SCRIPT].body).digest()).decode()
    assert html.unescape(text).count(f'integrity="sha384-{digest}"') == 1
    assert (
        html.escape(f'<ambassade-leaderboard board="month" key="{key}">').replace("&quot;", "&#34;")
        in text
    )
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    unknown = await client.get("/widget", params={"key": "pk_0123456789abcdef0123"})
    assert unknown.json()["code"] == "publishable_key_unknown"


async def test_the_demo_has_a_key_of_its_own(client, database):
    await load_default_if_empty()
    assert "<ambassade-leaderboard board=" not in (await client.get("/widget")).text
    await open_site()
    french = (await client.get("/widget", headers={"Accept-Language": "fr"})).text
    assert '<ambassade-leaderboard board="month" key="pk_' in french
    assert "En action" in french
    assert re.search(r'value="month" checked>\s*Ce mois-ci<', french)


async def test_a_frame_is_for_the_sites_of_its_key(client, key):
    """T28."""
    query = {"key": key, "board": 'month"><script>alert(1)</script>', "theme": "dark"}
    answer = await client.get("/widget/frame", params=query)

    policy = answer.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {SHOP}")
    assert "x-frame-options" not in answer.headers
    assert "<script>alert" not in answer.text
    assert 'theme="dark"' in answer.text
    for wrong in ({"theme": "pink"}, {"limit": "0"}, {"lang": "xx"}, {"board": "b" * 81}):
        assert (await client.get("/widget/frame", params=query | wrong)).status_code == 422
    unknown = await client.get("/widget/frame", params={"key": "pk_0123456789abcdef0123"})
    assert unknown.status_code == 401
    assert "frame-ancestors 'none'" in unknown.headers["content-security-policy"]
