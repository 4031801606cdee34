"""What is said over sockets is described, and what is described is what is said."""

import re

import msgspec
import pytest

from notifications.announcements.events import EVENTS
from server.config import Settings
from server.live import frames
from server.live.asyncapi import asyncapi

DOCUMENT = asyncapi(Settings(environment="test", public_url="https://api.example.com"))
MESSAGES = DOCUMENT["components"]["messages"]
REPLIES = [frames.Welcome, frames.Subscribed, frames.Reload, frames.Unsubscribed, frames.Refused]


def test_its_structure_is_that_of_asyncapi_3():
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["servers"]["live"] == {
        "host": "api.example.com",
        "pathname": "/live",
        "protocol": "wss",
    }
    [channel] = DOCUMENT["channels"].values()
    assert set(channel["messages"]) == set(MESSAGES)
    said = [o["messages"] for o in DOCUMENT["operations"].values()]
    assert sum(map(len, said)) == len(MESSAGES)
    assert {o["action"] for o in DOCUMENT["operations"].values()} == {"receive", "send"}


def test_every_reference_leads_somewhere():
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(DOCUMENT)):
        place = DOCUMENT
        for step in reference.split("/"):
            place = place[step]
        assert place


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_event_is_described_and_its_example_is_one(kind):
    event = EVENTS[kind]
    if not event.__module__.startswith("tests."):
        described = MESSAGES[f"event.{kind}"]
        assert described["summary"]
        assert re.search(r"On `(me|board|challenge|staff|space|event)`", described["description"])
        [example] = described["examples"]
        assert isinstance(msgspec.convert(example["payload"]["data"], event), event)
        happened = msgspec.json.encode(example["payload"])
        msgspec.json.decode(happened, type=frames.Happened)


@pytest.mark.parametrize("name", ["authenticate", "subscribe", "unsubscribe"])
def test_the_example_of_a_command_is_understood(name):
    [example] = MESSAGES[name]["examples"]
    assert frames.command(msgspec.json.encode(example["payload"]).decode())


@pytest.mark.parametrize("reply", REPLIES)
def test_the_example_of_a_reply_is_one(reply):
    [example] = MESSAGES[reply.__struct_config__.tag]["examples"]
    assert isinstance(msgspec.convert(example["payload"], reply), reply)


async def test_it_is_open_to_everybody(client):
    answer = await client.get("/asyncapi.json")
    assert answer.json()["info"] == DOCUMENT["info"]
