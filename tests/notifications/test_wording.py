"""What is said, in French and English, of one and of many."""

import re
from datetime import timedelta

import msgspec
import pytest

from ground.languages import Language
from notifications.wording.catalogue import compiled, found, kept, up_to_date
from notifications.wording.category import Category, Channel, Kind
from notifications.wording.names import known_by, names_of
from notifications.wording.registry import CATEGORIES
from notifications.wording.rendering import LOCALE, collapse_key, render
from tests.notifications.told import ALICE, BOB, FIRST

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH
BLANK = re.compile(r"\{\w+\}")


def example(category: Category):
    """Facts such as the category asks for."""
    made = {
        field.encode_name: {"fr": "Un nom", "en": "A name"}
        if "ByLanguage" in repr(field.type)
        else 50
        if field.type is int
        else "slug"
        for field in msgspec.structs.fields(category.facts)
    }
    return msgspec.convert(made, category.facts)


def test_everything_is_translated_and_nothing_that_is_not_said_any_more():
    """`make translations` finds what is new."""
    translated, marked = kept(FRENCH), found()
    missing = [each.id for each in marked if each.id and not _is_said(translated, each.id)]
    assert missing == []
    assert [each.id for each in translated if each.id and each.id not in marked] == []
    assert [each.id for each in translated if each.fuzzy and each.id] == []


def _is_said(catalog, text):
    message = catalog.get(text if isinstance(text, str) else text[0])
    if message is None:
        return False
    return bool(message.string) if isinstance(text, str) else all(message.string)


def test_what_is_read_is_what_was_translated():
    there = (LOCALE / "fr" / "LC_MESSAGES" / "ambassade.mo").read_bytes()
    assert there == compiled(kept(FRENCH))
    assert compiled(up_to_date(FRENCH)) == there


def test_translations_have_the_same_blanks():
    for message in kept(FRENCH):
        if message.id and isinstance(message.id, str):
            assert sorted(BLANK.findall(message.id)) == sorted(BLANK.findall(message.string))
        elif message.id:
            assert {frozenset(BLANK.findall(text)) for text in (*message.id, *message.string)} == {
                frozenset(BLANK.findall(message.id[1]))
            }


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("category", CATEGORIES.values(), ids=CATEGORIES)
def test_each_category_says_something_with_the_facts_it_asks_for(category, language):
    for likes in (1, 2, 13):
        text = render(
            category.slug, example(category), language, likes=likes, names=["Alice Martin"]
        )
        assert text.title
        assert text.body
        assert not BLANK.search("".join(text))
        assert text.link.startswith("/") or category.link == "{to}"
    assert len(collapse_key(category, example(category))) <= 200
    assert category.label[0].isupper()
    assert timedelta(hours=1) <= category.lasts <= timedelta(days=28)


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=CATEGORIES)
def test_what_is_always_said_can_be_switched_off_nowhere(category):
    switchable = {each for each in Channel if category.may_be_switched(each)}
    assert bool(switchable) is (category.kind is not Kind.SERVICE)
    assert Channel.INBOX in category.channels
    assert (Channel.INBOX in switchable) is (category.kind is Kind.SOLICITATION)


@pytest.mark.parametrize(
    ("likes", "language", "title"),
    [
        (1, ENGLISH, "Alice thanked you"),
        (2, ENGLISH, "Alice and 1 other thanked you"),
        (13, ENGLISH, "Alice and 12 others thanked you"),
        (1, FRENCH, "Alice vous a remercié"),
        (2, FRENCH, "Alice et 1 autre personne vous ont remercié"),
        (13, FRENCH, "Alice et 12 autres personnes vous ont remercié"),
    ],
)
def test_many_are_one_sentence(likes, language, title):
    said = render("thanks.received", {}, language, likes=likes, names=["Alice"])
    assert said.title == title


def test_who_is_not_to_be_named_is_somebody():
    assert render("thanks.received", {}, FRENCH).title == "Quelqu’un vous a remercié"


def test_what_managers_wrote_is_said_in_the_readers_language_as_it_is():
    facts = {"badge": "first", "name": {"fr": "Première {critique}", "en": "First {review}"}}
    assert render("badge.earned", facts, ENGLISH).title == "New badge: First {review}"
    assert render("badge.earned", facts, FRENCH).title == "Nouveau badge : Première {critique}"
    assert render("badge.earned", facts, FRENCH).link == "/me/badges/first"


def test_a_locked_screen_shows_nothing_personal():
    facts = {"badge": "first", "name": FIRST, "reason": {"fr": "Merci Bob", "en": "Thanks Bob"}}
    discreet = render("badge.given", facts, ENGLISH, discreet=True)
    assert discreet[:2] == ("There is something new for you", "Open the app to read it.")
    assert discreet.link == "/me/badges/first"
    assert render("badge.given", facts, ENGLISH).body == "In their words: Thanks Bob"
    earned = {"badge": "first", "name": FIRST}
    assert render("badge.earned", earned, ENGLISH, discreet=True).title == "New badge: First review"


async def test_names_are_asked_of_who_knows_them():
    async def lookup(member_ids):
        return {each: "Alice" for each in member_ids if each == ALICE}

    from notifications.wording import names

    before = names._lookup
    known_by(lookup)
    try:
        assert await names_of({ALICE, BOB}) == {ALICE: "Alice"}
        assert await names_of(set()) == {}
    finally:
        known_by(before)
