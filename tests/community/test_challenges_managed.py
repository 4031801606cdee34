"""What managers do with challenges."""

from uuid import uuid4

import pytest

from ground import clock
from ground.engine import fetch
from ground.roles import Role
from tests.community.challenges import DAY, DRAFT, MONDAY, WORD, reviews

pytestmark = pytest.mark.usefixtures("catalogue")
CHALLENGES = "/manage/challenges"
LATER = {"ends_at": "2026-12-24T10:00:00Z"}


@pytest.fixture(autouse=True)
def on_monday():
    with clock.frozen(MONDAY):
        yield


async def test_max_writes_a_draft_changes_it_and_publishes_it(ask, max_, alice):
    made = await ask("POST", CHALLENGES, max_, **DRAFT)
    path = made.headers["location"].removeprefix("/v1")
    assert made.json()["definition"]["counts"].items() >= DRAFT["counts"].items()
    assert (made.json()["state"], made.headers["etag"]) == ("draft", made.json()["etag"])
    below = path.removeprefix("/manage")
    assert (await ask("GET", below, alice)).status_code == 404

    change = DRAFT | {"daily_cap": 5}
    unseen = await ask("PUT", path, max_, **change)
    assert (unseen.status_code, unseen.json()["code"]) == (428, "precondition_missing")
    for stale in ('"0"', '"99"', "nonsense", '"1", "2"'):
        old = await ask("PUT", path, max_, headers={"If-Match": stale}, **change)
        assert (old.status_code, old.json()["code"]) == (412, "precondition_failed")
    changed = await ask("PUT", path, max_, headers={"If-Match": made.headers["etag"]}, **change)
    assert changed.json()["definition"]["daily_cap"] == 5
    assert changed.headers["etag"] != made.headers["etag"]

    for _ in range(2):
        published = await ask("PUT", f"{path}/published", max_)
        assert published.json()["state"] == "running"
    assert (await ask("GET", below, alice)).status_code == 200
    listed = (await ask("GET", CHALLENGES, max_)).json()
    assert [each["id"] for each in listed["items"]] == [made.json()["id"]]
    trail = await fetch(
        "SELECT action FROM audit_entry WHERE action LIKE 'challenges.%' ORDER BY id"
    )
    assert [row["action"].partition(".")[2] for row in trail] == [
        "created",
        "changed",
        "published",
    ]


async def test_it_is_paused_resumed_extended_and_cancelled_with_a_word(ask, challenge, max_, alice):
    going_on = await challenge()
    path = f"{CHALLENGES}/{going_on}"
    await ask("PUT", f"/challenges/{going_on}/participation", alice)
    with clock.frozen(MONDAY + DAY):
        paused = await ask("PUT", f"{path}/paused", max_, word=WORD)
        assert (paused.status_code, paused.json()["state"]) == (200, "paused")
        await reviews(alice, 1)
    with clock.frozen(MONDAY + 3 * DAY):
        resumed = (await ask("PUT", f"{path}/resumed", max_)).json()
        assert resumed["definition"]["ends_at"] == "2026-12-02T09:00:00Z"
        await reviews(alice, 1)
        mine = (await ask("GET", f"/challenges/{going_on}", alice)).json()["challenge"]
        assert mine["mine"]["given"] == 1
        assert [(each["about"], each["word"]) for each in mine["said"]] == [("paused", WORD["fr"])]
        shorter = await ask("PUT", f"{path}/end", max_, ends_at="2026-11-06T09:00:00Z")
        assert (shorter.status_code, shorter.json()["code"]) == (422, "challenge_invalid")
        longer = await ask("PUT", f"{path}/end", max_, ends_at="2026-12-24T10:00:00", word=WORD)
        assert longer.json()["definition"]["ends_at"] == "2026-12-24T09:00:00Z"
        wordless = await ask("PUT", f"{path}/cancelled", max_)
        assert wordless.status_code == 422
        for _ in range(2):
            over = await ask("PUT", f"{path}/cancelled", max_, word=WORD)
            assert (over.status_code, over.json()["state"]) == (200, "cancelled")
        assert [each["about"] for each in over.json()["said"]].count("cancelled") == 1
        refused = await ask("PUT", f"/challenges/{going_on}/participation", alice)
        assert (refused.status_code, refused.json()["code"]) == (409, "challenge_not_open")
        again = await ask("PUT", f"{path}/resumed", max_)
        assert (again.status_code, again.json()["code"]) == (409, "challenge_state")
    english = {"Accept-Language": "en"}
    told = (await ask("GET", f"/challenges/{going_on}", alice, headers=english)).json()["challenge"]
    assert (told["state"], told["said"][-1]["word"]) == ("cancelled", WORD["en"])


async def test_a_draft_is_thrown_away_and_what_is_published_is_not(ask, challenge, max_):
    made = (await ask("POST", CHALLENGES, max_, **DRAFT)).json()
    assert (await ask("DELETE", f"{CHALLENGES}/{made['id']}", max_)).status_code == 204
    assert (await ask("GET", f"{CHALLENGES}/{made['id']}", max_)).status_code == 404
    refused = await ask("DELETE", f"{CHALLENGES}/{await challenge()}", max_)
    assert (refused.status_code, refused.json()["code"]) == (409, "challenge_state")


async def test_a_preview_says_when_it_would_have_been_reached(ask, max_, alice, bob):
    for day in range(1, 5):
        for someone in (alice, bob):
            await reviews(someone, 1, at=MONDAY - day * DAY)
    french = (await ask("POST", f"{CHALLENGES}/previews", max_, **DRAFT)).json()
    english = (
        await ask(
            "POST",
            f"{CHALLENGES}/previews",
            max_,
            headers={"Accept-Language": "en"},
            **DRAFT | {"counts": {"term": "count", "kind": "review", "at_least": 100}},
        )
    ).json()
    assert (french["done"], french["helpers"], french["days"]) == (8, 2, 28)
    assert french["says"].startswith("Avec l’activité récente, il serait atteint le 2")
    assert english["reached_on_day"] is None
    assert english["says"] == "With the activity of the last 28 days it would come to 8%."
    assert await fetch("SELECT FROM challenge") == []


WRONG = {
    "nothing": ({"title": None}, 422, "invalid"),
    "no French": ({"title": {"en": "Alone"}}, 422, "invalid"),
    "too long": ({"description": {"fr": "a" * 501, "en": "a"}}, 422, "invalid"),
    "a goal of none": ({"counts": DRAFT["counts"] | {"at_least": 0}}, 422, "invalid"),
    "no such kind": ({"counts": DRAFT["counts"] | {"kind": "dance"}}, 422, "challenge_invalid"),
    "another term": ({"counts": {"term": "points", "at_least": 5}}, 422, "invalid"),
    "no such badge": ({"badge": "crown"}, 422, "challenge_invalid"),
    "no such season": ({"season": "fifth"}, 422, "challenge_invalid"),
    "no such segment": ({"segment": "nobody"}, 422, "challenge_invalid"),
    "before it begins": ({"ends_at": "2026-11-01T00:00:00Z"}, 422, "challenge_invalid"),
    "a milestone past the goal": ({"milestones": [101]}, 422, "invalid"),
    "a stretch below the goal": ({"stretch_goal": 5}, 422, "challenge_invalid"),
    "something more": ({"reward": "a car"}, 422, "invalid"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
async def test_what_cannot_be_is_refused_with_its_place(ask, max_, case):
    changes, status, code = case
    answer = await ask("POST", CHALLENGES, max_, **DRAFT | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(changes))}"), answer.text
    assert await fetch("SELECT FROM challenge") == []


def both(english, french="Tranquillement"):
    return {"en": english, "fr": french}


PRESSING = {
    "guilt": ("POST", "", DRAFT | {"title": both("Don't let us down")}, "/title/en"),
    "urgency": ("POST", "", DRAFT | {"description": both("Hurry up")}, "/description/en"),
    "in French": ("POST", "", DRAFT | {"title": both("Come", "Dernière chance")}, "/title/fr"),
    "money": ("POST", "", DRAFT | {"thanks": both("Here is a gift card")}, "/thanks/en"),
    "changed": ("PUT", "/{}", DRAFT | {"title": both("Win 20 euros")}, "/title/en"),
    "end": ("PUT", "/{}/end", LATER | {"word": both("Last chance")}, "/word/en"),
    "pause": ("PUT", "/{}/paused", {"word": both("You are all lazy")}, "/word/en"),
    "resumption": ("PUT", "/{}/resumed", {"word": both("Go", "Dépêchez-vous")}, "/word/fr"),
    "cancellation": ("PUT", "/{}/cancelled", {"word": both("You disappointed us")}, "/word/en"),
}


@pytest.mark.parametrize("case", PRESSING.values(), ids=PRESSING)
async def test_words_that_press_people_are_refused_with_their_place(ask, challenge, max_, case):
    method, below, body, place = case
    going_on = await challenge()
    before = await fetch("SELECT * FROM challenge")
    path = f"{CHALLENGES}{below.format(going_on)}"
    answer = await ask(method, path, max_, headers={"If-Match": "*"}, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "wording_refused"), answer.text
    assert answer.json()["errors"][0]["pointer"] == place
    assert await fetch("SELECT * FROM challenge") == before


ACTS = [
    ("GET", "", {}),
    ("PUT", "", DRAFT),
    ("DELETE", "", {}),
    ("PUT", "/published", {}),
    ("PUT", "/end", {"ends_at": "2026-12-24T10:00:00Z"}),
    ("PUT", "/paused", {}),
    ("PUT", "/resumed", {}),
    ("PUT", "/cancelled", {"word": WORD}),
]


async def test_what_isnt_there_is_not_found_and_who_isnt_a_manager_is_not_let_in(
    ask, max_, member, alice
):
    moderator = await member("Mo", Role.MODERATOR)
    for method, below, body in ACTS:
        path = f"{CHALLENGES}/{uuid4()}{below}"
        answer = await ask(method, path, max_, headers={"If-Match": "*"}, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "challenge_not_found")
        for someone in (alice, moderator):
            assert (await ask(method, path, someone, **body)).status_code == 403
