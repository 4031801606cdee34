"""What routes of all packages share: languages, cursors, and answers that one may keep."""

import pytest

from ground import cursors
from ground.cursors import decode, encode
from ground.errors import CursorInvalid
from ground.languages import Language, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param("", "fr", id="no wish"),
        pytest.param("en", "en", id="English"),
        pytest.param("en-GB,en;q=0.9", "en", id="British English"),
        pytest.param("FR-ca", "fr", id="Canadian French"),
        pytest.param("de, en;q=0.7, fr;q=0.3", "en", id="German, then English"),
        pytest.param("fr;q=0.2, en;q=0.8", "en", id="rather English"),
        pytest.param("de", "fr", id="German only"),
        pytest.param("en;q=0", "fr", id="anything but English"),
        pytest.param("*", "fr", id="anything"),
        pytest.param("en;q=many, fr;q=0.1", "fr", id="nonsense"),
        pytest.param("en;q=" + "9" * 5000, "en", id="an endless weight"),
        pytest.param(", ; =,en", "en", id="commas"),
    ],
)
def test_the_language_that_a_reader_prefers(header, language):
    assert preferred(header) is Language(language)


def test_the_programme_decides_when_in_doubt():
    assert preferred("de", otherwise=Language.ENGLISH) is Language.ENGLISH


def test_a_cursor_leads_back_to_its_position():
    assert decode(encode(42, "a/b"), int, str) == (42, "a/b")
    assert "=" not in encode(1)


@pytest.mark.parametrize("cursor", ["", "x", "WzQyXQ", "!!!!", "W1tbW1tb", "é", "a" * 5000])
def test_a_cursor_of_somebody_elses_is_refused(cursor):
    with pytest.raises(CursorInvalid):
        cursors.decode(cursor, int, str)


async def test_who_has_an_answer_is_not_sent_it_again(client):
    first = await client.get("/v1/charter")
    etag = first.headers["etag"]
    same = await client.get("/v1/charter", headers={"If-None-Match": f'"x", W/{etag}'})
    other = await client.get("/v1/charter", headers={"If-None-Match": '"x"'})

    assert (first.status_code, same.status_code, other.status_code) == (200, 304, 200)
    assert (same.content, same.headers["etag"]) == (b"", etag)
    assert same.headers["cache-control"].startswith("public, max-age=")
    assert "Accept-Language" in same.headers["vary"]


async def test_an_answer_in_another_language_is_another_answer(client):
    french = await client.get("/v1/charter", headers={"Accept-Language": "fr"})
    english = await client.get("/v1/charter", headers={"Accept-Language": "en"})
    assert french.headers["etag"] != english.headers["etag"]
