"""The charter: public, versioned, accepted, re-readable (R12, R17, R21, R22)."""

import asyncio
import re

import pytest

from community.charter import service as charter
from community.charter.errors import CharterIncomplete
from community.members import admission
from ground.engine import fetchval
from ground.languages import Language
from tests.community.conftest import OPERATOR

NEW = {Language.FRENCH: "# Nouvelle charte", Language.ENGLISH: "# New charter"}


@pytest.mark.parametrize(
    ("wish", "language", "heading"),
    [
        ("fr", "fr", "# Charte de la communauté"),
        ("en-GB, fr;q=0.8", "en", "# Community charter"),
        ("de", "fr", "# Charte de la communauté"),
        ("", "fr", "# Charte de la communauté"),
    ],
)
async def test_anybody_reads_it_in_their_language(client, wish, language, heading):
    response = await client.get("/v1/charter", headers={"Accept-Language": wish})

    assert response.status_code == 200
    view = response.json()
    assert (view["version"], view["language"]) == (1, language)
    assert view["text"].startswith(heading)


async def test_the_age_question_stands_beside_it(client):
    french = (await client.get("/v1/charter", headers={"Accept-Language": "fr"})).json()
    english = (await client.get("/v1/charter", headers={"Accept-Language": "en"})).json()

    age = admission.admission().minimum_age
    assert french["minimum_age"] == english["minimum_age"] == age
    assert french["age_question"] == f"Avez-vous {age} ans ou plus ?"
    assert english["age_question"] == f"Are you {age} or older?"


async def test_readers_keep_it_for_a_while(client):
    first = await client.get("/v1/charter")

    again = await client.get("/v1/charter", headers={"If-None-Match": first.headers["etag"]})

    assert "max-age" in first.headers["cache-control"]
    assert "Accept-Language" in first.headers["vary"]
    assert again.status_code == 304
    assert again.content == b""


async def test_another_language_is_another_text(client):
    french = await client.get("/v1/charter", headers={"Accept-Language": "fr"})

    english = await client.get(
        "/v1/charter",
        headers={"Accept-Language": "en", "If-None-Match": french.headers["etag"]},
    )

    assert english.status_code == 200


async def test_every_version_stays_readable(client):
    await charter.publish(NEW, by=OPERATOR)

    current = (await client.get("/v1/charter", headers={"Accept-Language": "en"})).json()
    first = await client.get("/v1/charter/versions/1", headers={"Accept-Language": "en"})

    assert (current["version"], current["text"]) == (2, "# New charter")
    assert first.json()["text"].startswith("# Community charter")


@pytest.mark.parametrize("version", ["2", "0", "-1", "99999999999999999999", "one", "1.0"])
async def test_versions_that_never_were(client, version):
    response = await client.get(f"/v1/charter/versions/{version}")

    assert response.status_code in {404, 422}
    assert response.headers["content-type"].startswith("application/problem+json")


async def test_the_first_publication_happens_once(database):
    assert await asyncio.gather(*(charter.publish_first() for _ in range(5))) == [False] * 5
    assert await fetchval("SELECT count(*) FROM charter_version") == 1


async def test_publications_at_once_get_numbers_of_their_own(database):
    versions = await asyncio.gather(*(charter.publish(NEW, by=OPERATOR) for _ in range(4)))

    assert sorted(versions) == [2, 3, 4, 5]


@pytest.mark.parametrize("texts", [{}, {"fr": "Oui"}, {"fr": "Oui", "en": " "}])
async def test_a_charter_that_not_everybody_could_read(database, texts):
    with pytest.raises(CharterIncomplete):
        await charter.publish(texts, by=OPERATOR)

    assert await fetchval("SELECT max(version) FROM charter_version") == 1


async def test_a_new_version_is_offered_and_nothing_is_withheld(client, alice):
    await charter.publish(NEW, by=OPERATOR)

    profile = (await client.get("/v1/me", headers=alice.headers)).json()

    assert profile["charter"] == {"accepted_version": 1, "current_version": 2}


async def test_alice_accepts_the_new_version(client, alice):
    await charter.publish(NEW, by=OPERATOR)

    response = await client.post(
        "/v1/charter/acceptances",
        json={"version": 2},
        headers=alice.headers | {"Accept-Language": "en"},
    )

    assert response.status_code == 201
    assert response.json() | {"accepted_at": ""} == {
        "version": 2,
        "accepted_at": "",
        "channel": "app",
        "language": "en",
    }
    profile = (await client.get("/v1/me", headers=alice.headers)).json()
    assert profile["charter"] == {"accepted_version": 2, "current_version": 2}


async def test_accepting_again_changes_nothing(client, alice):
    response = await client.post(
        "/v1/charter/acceptances", json={"version": 1}, headers=alice.headers
    )

    assert response.status_code == 200
    assert await fetchval("SELECT count(*) FROM charter_acceptance") == 1


async def test_accepting_ten_times_at_once_leaves_one_line(client, alice):
    await charter.publish(NEW, by=OPERATOR)

    responses = await asyncio.gather(
        *(
            client.post("/v1/charter/acceptances", json={"version": 2}, headers=alice.headers)
            for _ in range(10)
        )
    )

    assert sorted(each.status_code for each in responses) == [200] * 9 + [201]
    assert await fetchval("SELECT count(*) FROM charter_acceptance WHERE version = 2") == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"version": 1}, "charter_outdated", id="what was in force before"),
        pytest.param({"version": 3}, "charter_outdated", id="what isn't there yet"),
        pytest.param({"version": -1}, "invalid", id="a negative version"),
        pytest.param({"version": 2**60}, "invalid", id="a huge version"),
        pytest.param({"version": "2"}, "invalid", id="a text"),
        pytest.param({"version": 2, "channel": "console"}, "invalid", id="a channel of choice"),
        pytest.param({"version": 2, "accepted_at": "2020-01-01"}, "invalid", id="another date"),
        pytest.param({}, "invalid", id="nothing"),
    ],
)
async def test_what_accepting_refuses(client, alice, body, code):
    await charter.publish(NEW, by=OPERATOR)

    response = await client.post("/v1/charter/acceptances", json=body, headers=alice.headers)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert await fetchval("SELECT count(*) FROM charter_acceptance") == 1


async def test_the_proof_is_ones_own(client, alice, bob):
    response = await client.get("/v1/me/charter/acceptances", headers=alice.headers)

    assert len(response.json()["items"]) == 1
    assert response.json()["next_cursor"] is None


async def test_the_proof_is_read_in_pages(client, alice):
    for version in (2, 3, 4, 5):
        await charter.publish(NEW, by=OPERATOR)
        await client.post(
            "/v1/charter/acceptances", json={"version": version}, headers=alice.headers
        )

    seen, cursor = [], ""
    while cursor is not None:
        address = f"/v1/me/charter/acceptances?limit=2{cursor}"
        page = (await client.get(address, headers=alice.headers)).json()
        seen += [line["version"] for line in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("query", ["cursor=nonsense", "limit=0", "limit=101", "cursor=WyJ4Il0"])
async def test_pages_that_nobody_gave_out(client, alice, query):
    response = await client.get(f"/v1/me/charter/acceptances?{query}", headers=alice.headers)

    assert response.status_code == 422


async def test_strangers_accept_nothing(client, sign_in):
    body = {"version": 1}
    assert (await client.post("/v1/charter/acceptances", json=body)).status_code == 401
    response = await client.post("/v1/charter/acceptances", json=body, headers=sign_in("candidate"))
    assert response.json()["code"] == "membership_needed"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.FRENCH, ["bénévole", "jamais payé", "obligation", "à tout moment", "négatif"]),
        (Language.ENGLISH, ["voluntary", "never paid", "obligation", "at any time", "negative"]),
    ],
)
def test_the_shipped_charter_says_what_it_has_to(language, words):
    """R1, R11, R17 to R20, R119."""
    text = re.sub(r"\s+", " ", charter.shipped_texts()[language]).lower()

    assert [word for word in words if word not in text] == []


def test_the_two_languages_have_the_same_parts():
    texts = charter.shipped_texts()
    parts = {
        language: len(re.findall(r"^## ", text, re.MULTILINE)) for language, text in texts.items()
    }

    assert set(parts.values()) == {8}
