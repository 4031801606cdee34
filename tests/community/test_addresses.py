"""Addresses are recognised and not kept."""

import pytest

from community.members.addresses import address_digest, is_address, normal_address
from community.members.person import Person
from ground.callers import Caller


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("alice@example.org", "Alice@Example.ORG", True, id="case doesn't matter"),
        pytest.param(" alice@example.org ", "alice@example.org", True, id="nor do spaces around"),
        pytest.param("a.lice@example.org", "alice@example.org", False, id="dots do"),
        pytest.param("alice+x@example.org", "alice@example.org", False, id="plus signs do"),
        pytest.param(
            "al\u0131ce@example.org", "alice@example.org", False, id="a letter that looks alike"
        ),
        pytest.param("\u212aim@example.org", "kim@example.org", False, id="a Kelvin sign is no k"),
        pytest.param("\uff41lice@example.org", "alice@example.org", False, id="wide letters"),
    ],
)
def test_two_spellings_of_an_address(one, other, same):
    assert (normal_address(one) == normal_address(other)) is same
    assert (address_digest(one) == address_digest(other)) is same


def test_a_digest_holds_nothing_to_write_to():
    digest = address_digest("alice@example.org")

    assert len(digest) == 32
    assert b"alice" not in digest


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("alice@example.org", True),
        ("alice", False),
        ("@example.org", False),
        ("alice@", False),
        ("alice smith@example.org", False),
        ("a" * 250 + "@example.org", False),
    ],
)
def test_what_has_the_form_of_an_address(text, answer):
    assert is_address(text) is answer


def test_only_a_verified_address_proves_anything():
    verified = Caller(uid="alice", email="Alice@Example.org", email_verified=True)
    claimed = Caller(uid="mallory", email="alice@example.org", email_verified=False)

    assert Person.of(verified) == Person("alice", "alice@example.org")
    assert Person.of(claimed) == Person("mallory", None)


def test_whoever_has_no_sign_in_is_no_person():
    with pytest.raises(LookupError):
        Person.of(Caller())
