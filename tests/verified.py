"""Which kinds of event a test holds against a fresh read: see tests/test_events_are_verified.py."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


def verifies(*types: str) -> Callable[[Test], Test]:
    """Say that this test applies events of these types to a snapshot, and compares (I22).

    A snapshot that is read at a position, with the events after it, is what is read anew.
    """
    assert types, "it verifies something"
    return lambda test: test
