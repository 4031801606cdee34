"""Each kind of event is applied to a snapshot by a test, and compared with a fresh read (I22)."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import msgspec
import pytest

from notifications.announcements.events import EVENTS

ROOT = Path(__file__).parent.parent
PACKAGES = ("ground", "notifications", "gamification", "community", "server")
# What they say is no part of anything that is read as it stands: there is nothing to keep right.
WITHOUT_SNAPSHOT = {"season_celebrated"}
VERIFIES = re.compile(r"^@verifies\(([^)]*)\)", re.MULTILINE)


def events():
    """Every event of ours, in whichever module."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if module.name.endswith("events"):
                importlib.import_module(module.name)
    return {
        name: event for name, event in EVENTS.items() if event.__module__.split(".")[0] in PACKAGES
    }


def verified():
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = (found for text in texts for found in VERIFIES.findall(text))
    return {name for each in named for name in re.findall(r'"([^"]+)"', each)}


@pytest.mark.parametrize("event", events().values(), ids=events())
def test_an_event_has_words_an_example_and_somewhere_to_be_said(event):
    assert event.__doc__.strip()
    assert event.channels
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", event.type)
    example = json.dumps(event.example)
    written = msgspec.json.encode(msgspec.json.decode(example, type=event))
    assert json.loads(written).keys() == event.example.keys()


def test_every_event_is_verified():
    assert sorted(events().keys() - verified() - WITHOUT_SNAPSHOT) == []
    assert sorted((verified() | WITHOUT_SNAPSHOT) - events().keys()) == []


def test_events_are_declared_where_they_are_found():
    """A module of events is called `events`: what describes them finds all."""
    assert [e for e in events().values() if not e.__module__.endswith("events")] == []
