"""Reading the catalogue over HTTP: by everybody, in their language, kept until it changes."""

from datetime import timedelta

import msgspec
import pytest

from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.publishing import load_default_if_empty, publish, retire
from ground import clock
from ground.callers import Caller, CallerKind
from tests.gamification.drafts import badge, file

OPERATOR = Caller(kind=CallerKind.OPERATOR, name="tests")
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


@pytest.fixture
async def shipped(database):
    await load_default_if_empty()


@pytest.mark.usefixtures("shipped")
class TestTheShippedCatalogue:
    async def test_a_badge_says_how_it_is_earned_in_the_readers_language(self, client):
        french = await client.get("/v1/badges/helper-2")
        english = await client.get("/v1/badges/helper-2", headers=ENGLISH)

        assert french.json()["name"] == "Bras droit"
        assert french.json()["how"] == "25 réponses et remerciements de 5 personnes différentes"
        assert english.json() == {
            "slug": "helper-2",
            "name": "Right hand",
            "description": "Answers that really help: others thank you for them.",
            "how": "25 answers and thanks from 5 different people",
            "family": "helper",
            "level": 2,
            "earned": "once",
            "kept": True,
            "image_url": english.json()["image_url"],
        }

    async def test_families_stay_together_in_the_order_of_their_levels(self, client):
        items = (await client.get("/v1/badges")).json()["items"]
        slugs = [item["slug"] for item in items]

        assert len(slugs) == 17
        assert slugs.index("helper-3") - slugs.index("helper-1") == 2

    async def test_a_secret_badge_is_shown_to_nobody(self, client):
        listed = await client.get("/v1/badges")
        asked_for = await client.get("/v1/badges/quiet-kindness")

        assert "quiet-kindness" not in listed.text
        assert asked_for.status_code == 404
        assert asked_for.json()["code"] == "badge_not_found"

    async def test_tiers_come_lowest_first(self, client):
        items = (await client.get("/v1/tiers", headers=ENGLISH)).json()["items"]

        assert [item["name"] for item in items] == ["Seed", "Sprout", "Tree", "Forest"]
        assert items[0]["how"] == "the badge “First steps”"

    async def test_a_tier_by_its_slug(self, client):
        assert (await client.get("/v1/tiers/tree")).json()["name"] == "Arbre"
        assert (await client.get("/v1/tiers/bush")).json()["code"] == "tier_not_found"

    async def test_kinds_say_what_they_are_worth(self, client):
        items = (await client.get("/v1/kinds", headers=ENGLISH)).json()["items"]
        welcome = next(item for item in items if item["slug"] == "welcome")

        assert welcome == {
            "slug": "welcome",
            "name": "welcome",
            "plural": "welcomes",
            "points": 4,
            "daily_cap": 12,
            "cool_down": "hour",
            "received": False,
        }

    @pytest.mark.parametrize("path", ["badges", "tiers", "kinds"])
    async def test_pages_hold_everything_once(self, client, path):
        whole = (await client.get(f"/v1/{path}")).json()["items"]
        found, cursor = [], None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(f"/v1/{path}", params=query)).json()
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert found == whole

    async def test_who_has_the_catalogue_is_not_sent_it_again(self, client):
        first = await client.get("/v1/badges", headers=ENGLISH)
        etag = {"If-None-Match": first.headers["ETag"]}
        again = await client.get("/v1/badges", headers=ENGLISH | etag)
        french = await client.get("/v1/badges", headers=etag)

        assert first.headers["Cache-Control"] == "public, max-age=60"
        assert again.status_code == 304
        assert again.content == b""
        assert french.status_code == 200

    async def test_a_publication_shows_at_once(self, client):
        before = await client.get("/v1/badges")
        await retire("badge", "explorer", by=OPERATOR)
        after = await client.get("/v1/badges", headers={"If-None-Match": before.headers["ETag"]})

        assert after.status_code == 200
        assert "explorer" not in after.text
        assert (await client.get("/v1/badges/explorer")).status_code == 404

    async def test_every_image_is_where_the_catalogue_says(self, client):
        items = (await client.get("/v1/badges")).json()["items"]
        items += (await client.get("/v1/tiers")).json()["items"]
        for item in items:
            image = await client.get(item["image_url"])

            assert image.headers["Content-Type"] == "image/svg+xml"
            assert "immutable" in image.headers["Cache-Control"]
            assert "sandbox" in image.headers["Content-Security-Policy"]
            assert image.content.startswith(b"<svg ")

    async def test_an_image_that_is_there_already_is_not_sent_again(self, client):
        first = await client.get("/static/badges/helper-1.svg")
        again = await client.get(
            "/static/badges/helper-1.svg", headers={"If-None-Match": first.headers["ETag"]}
        )

        assert again.status_code == 304
        assert again.content == b""

    @pytest.mark.parametrize(
        "name", ["nothing.svg", "..%2fdefault.toml", "%2e%2e/default.toml", "helper-1", "a" * 200]
    )
    async def test_no_other_file_is_an_image(self, client, name):
        answer = await client.get(f"/static/badges/{name}")

        assert answer.status_code in {404, 422}


async def test_an_empty_catalogue_is_an_empty_list(client):
    for path in ("badges", "tiers", "kinds"):
        assert (await client.get(f"/v1/{path}")).json() == {"items": [], "next_cursor": None}


async def test_a_foreign_cursor_is_refused(client):
    answer = await client.get("/v1/badges", params={"cursor": "bm90aGluZw"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "cursor_invalid"


async def test_a_secret_badge_that_another_asks_for_is_not_named(client):
    asks = badge({"term": "holds", "badge": "shy"}, slug="open")
    await publish(file(badge=[badge(slug="shy", secret=True), asks]))

    [shown] = (await client.get("/v1/badges", headers=ENGLISH)).json()["items"]
    assert shown["how"] == "a secret badge"


async def test_points_of_a_kind_show_from_the_day_on_which_they_count(client):
    [post, _] = file().kind
    await publish(file())
    await publish(CatalogueFile(kind=[msgspec.structs.replace(post, points=9)]))
    today = (await client.get("/v1/kinds")).json()["items"]
    with clock.shifted(timedelta(days=3)):
        later = (await client.get("/v1/kinds")).json()["items"]

    assert [item["points"] for item in today] == [0, 0]
    assert [item["points"] for item in later] == [9, 0]
