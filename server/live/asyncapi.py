"""The AsyncAPI 3.0 document: every frame, and every event that anybody announces."""

import importlib
import inspect
import pkgutil
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from notifications.announcements.events import EVENTS, Event
from server.config import Settings
from server.live.addresses import socket_url
from server.live.frames import (
    Authenticate,
    Happened,
    Refused,
    Reload,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
    Welcome,
)
from server.openapi.examples import TYPICAL, Composer
from server.openapi.schemas import Schema, named, schemas_of
from server.version import VERSION

COMMANDS: Final = (Authenticate, Subscribe, Unsubscribe)
REPLIES: Final = (Welcome, Subscribed, Reload, Unsubscribed, Refused)
INTRODUCTION: Final = """\
What happens in the community, as it happens. Get a ticket (`POST /v1/live/tickets`), connect, and
send the ticket as the first message, within five seconds. Frames are JSON text of at most 16 KiB.

Positions in a channel rise by one without a gap. Subscribe first, then read the snapshot over
HTTP, then apply the events: each holds values as they are, so applying one again changes nothing.
Whoever comes back says which position they saw last, with its epoch, and gets what they missed,
or `reload`.

Closing codes: 4401 no ticket that is good, or not any more; 4403 not allowed from there; 4408 too
slow, come back with your positions; 4409 a newer socket of yours has taken the place, don't come
back by yourself; 1012 a restart, and the reason says `{"retry_after": seconds}`; 1013 try again in
a moment; 1003, 1008 and 1009 are mistakes of the client.
"""
CHANNELS: Final = {"member": "me"}
NAMES: Final = {
    "me": "me",
    "staff": "staff",
    "board": "board:month",
    "challenge": f"challenge:{TYPICAL['uuid']}",
}


def asyncapi(settings: Settings) -> dict[str, Any]:
    """The whole document."""
    load_events()
    events = [EVENTS[kind] for kind in sorted(EVENTS)]
    schemas, components = schemas_of([*COMMANDS, *REPLIES, *events])
    composer = Composer(components)
    commands = {_name(c): _frame(c, schemas[c], composer, "do") for c in COMMANDS}
    replies = {_name(r): _frame(r, schemas[r], composer, "is") for r in REPLIES}
    happenings = {f"event.{event.type}": _event(event, schemas[event]) for event in events}
    heard = {**replies, **happenings}
    url = urlsplit(socket_url(settings))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": settings.programme_name,
            "version": VERSION,
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"live": {"host": url.netloc, "pathname": url.path, "protocol": url.scheme}},
        "channels": {
            "socket": {
                "address": None,
                "title": "The socket",
                "description": "One a device. Its channels are named in its frames.",
                "messages": {
                    name: {"$ref": f"#/components/messages/{name}"} for name in (*commands, *heard)
                },
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "hear": _operation("receive", "What a client may say.", commands),
            "say": _operation("send", "What a client hears.", heard),
        },
        "components": {
            "messages": {**commands, **heard},
            "schemas": dict(sorted(components.items())),
        },
    }


@cache
def load_events() -> None:
    """Know all events, also those that only another process says: modules named `events`."""
    for package in ("notifications", "gamification", "community"):
        for module in pkgutil.walk_packages(
            importlib.import_module(package).__path__, f"{package}."
        ):
            if module.name.endswith(".events"):
                importlib.import_module(module.name)


def _operation(action: str, summary: str, messages: dict[str, Schema]) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in messages],
    }


def _name(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _frame(
    frame: type[msgspec.Struct], schema: Schema, composer: Composer, tag_field: str
) -> Schema:
    example = composer.example(schema)
    return {
        "name": _name(frame),
        "title": _name(frame),
        "summary": inspect.cleandoc(frame.__doc__ or ""),
        "payload": schema,
        "examples": [{"payload": {tag_field: _name(frame), **example}}],
    }


def _event(event: type[Event], schema: Schema) -> Schema:
    """An event in its frame. `data` alone differs from one to the other."""
    shown = [CHANNELS.get(prefix, prefix) for prefix in event.channels]
    return {
        "name": f"event.{event.type}",
        "title": event.type,
        "summary": inspect.cleandoc(event.__doc__ or "").partition("\n\n")[0],
        "description": f"On {', '.join(f'`{channel}`' for channel in shown)}.",
        "payload": {
            "type": "object",
            "required": ["is", "channel", "position", "type", "data"],
            "properties": {
                "is": {"const": str(Happened.__struct_config__.tag)},
                "channel": {"type": "string"},
                "position": {"type": "integer", "minimum": 1},
                "type": {"const": event.type},
                "data": {"$ref": f"#/components/schemas/{named(schema)}"},
            },
        },
        "examples": [
            {
                "payload": {
                    "is": str(Happened.__struct_config__.tag),
                    "channel": NAMES.get(shown[0], f"{shown[0]}:{TYPICAL['uuid']}"),
                    "position": 42,
                    "type": event.type,
                    "data": event.example,
                }
            }
        ],
    }
