"""What managers may write to many, and how gently it goes out: without a database."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ground.errors import AmbassadeError
from ground.languages import Language
from notifications.campaigns import limits, managing, plan
from notifications.campaigns.asking import asks
from notifications.campaigns.definition import Campaign, Pace, Steps
from notifications.campaigns.phones import shown
from tests.community.campaigns import CAMPAIGN

NOW = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def images():
    limits.keep_to(limits.Limits(image_hosts=frozenset({"img.example"})))
    yield
    limits.keep_to(limits.Limits())


def campaign(**changes):
    return msgspec.convert(CAMPAIGN | changes, Campaign)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        pytest.param({"body": {"fr": "Vite !", "en": "Hello."}}, "/body/fr", id="urgency"),
        pytest.param(
            {"body": {"fr": "Bonjour.", "en": "You let us down."}}, "/body/en", id="guilt"
        ),
        pytest.param({"title": {"fr": "10 € pour vous", "en": "Hi"}}, "/title/fr", id="money"),
        pytest.param(
            {"body": {"fr": "Tout le monde a voté sauf vous.", "en": "Hi."}}, "/body/fr", id="shame"
        ),
        pytest.param(
            {"body": {"fr": "Bonjour.", "en": "Please vote."}}, "/body/en", id="news that ask"
        ),
        pytest.param(
            {"body": {"fr": "Pourriez-vous voter ?", "en": "Hi."}}, "/body/fr", id="asks in French"
        ),
        pytest.param({"title": {"fr": " ", "en": "Hi"}}, "/title/fr", id="no title"),
        pytest.param({"link": "//evil.example"}, "/link", id="a link to another site"),
        pytest.param({"link": "https://evil.example"}, "/link", id="an address as a link"),
        pytest.param({"image_url": "http://img.example/a.png"}, "/image_url", id="an open image"),
        pytest.param({"image_url": "https://evil.example/"}, "/image_url", id="an unknown host"),
        pytest.param({"image_url": "https://img.example@evil/a"}, "/image_url", id="a disguise"),
        pytest.param({"image_url": "https://img.example:x/a"}, "/image_url", id="an odd port"),
        pytest.param(
            {"ramp": {"ramp": "steps", "percents": [10, 1], "every_minutes": 5}},
            "/ramp/percents",
            id="a ramp that falls",
        ),
        pytest.param({"lasts_hours": 0}, "/lasts_hours", id="no time to live"),
        pytest.param({"kind": "service"}, "/kind", id="a kind that is always said"),
        pytest.param({"collapses": "A B"}, "/collapses", id="an odd name to collapse by"),
    ],
)
def test_what_cant_be_sent_is_refused_with_its_place(images, changes, pointer):
    places = []
    try:
        managing.refuse_faults(campaign(**changes))
    except AmbassadeError as refused:
        places = [error.pointer for error in refused.errors]
    except msgspec.ValidationError as refused:
        places = [str(refused).partition("`$")[2].rstrip("`").replace(".", "/")]
    assert pointer in places


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="news"),
        pytest.param({"image_url": "https://img.example/a.png?b=1"}, id="an image"),
        pytest.param({"kind": "solicitation", "body": {"fr": "Votez.", "en": "Vote."}}, id="asks"),
        pytest.param({"body": {"fr": "", "en": ""}}, id="a title alone"),
        pytest.param({"collapses": "weekly", "lasts_hours": 168}, id="for a week"),
    ],
)
def test_what_can_be_sent_is_not_refused(images, changes):
    managing.refuse_faults(campaign(**changes))


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Pourriez-vous nous aider ?", Language.FRENCH, "Pourriez-vous"),
        ("RÉPONDEZ à trois questions.", Language.FRENCH, "RÉPONDEZ"),
        ("C’est la fin. Donnez votre avis.", Language.FRENCH, "Donnez votre avis"),
        ("Please answer.", Language.ENGLISH, "Please answer"),
        ("It is time: take the survey", Language.ENGLISH, "take the"),
        ("Vous avez participé à 300.", Language.FRENCH, None),
        ("You shared 300 reviews, thank you.", Language.ENGLISH, None),
        ("Les votes sont clos.", Language.FRENCH, None),
    ],
)
def test_news_that_ask_are_found_out(text, language, found):
    assert asks(text, language) == found


@pytest.mark.parametrize(
    ("ramp", "minutes", "allowed", "again_after"),
    [
        (None, 0, None, 0),
        (Steps(percents=[1, 10], every_minutes=30), 0, 1, 30),
        (Steps(percents=[1, 10], every_minutes=30), 29, 1, 30),
        (Steps(percents=[1, 10], every_minutes=30), 30, 5, 60),
        (Steps(percents=[1, 10], every_minutes=30), 60, None, 90),
        (Steps(percents=[1, 10], every_minutes=30), -5, 1, 30),
        (Pace(per_minute=7), 0, 7, 1),
        (Pace(per_minute=7), 3, 28, 4),
    ],
)
def test_a_ramp_allows_so_many_by_a_moment(ramp, minutes, allowed, again_after):
    now = NOW + minutes * MINUTE
    assert plan.allowed(ramp, 50, NOW, now) == allowed
    assert plan.next_at(ramp, NOW, now) == NOW + again_after * MINUTE


def test_phones_show_what_fits():
    views = shown(campaign(body={"fr": "mot " * 100, "en": "Short.\n"}))
    assert {(each.language, each.is_cut) for each in views} == {("fr", True), ("en", False)}
    assert all(len(each.folded_body) <= len(each.body) <= 240 for each in views)
