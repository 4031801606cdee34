"""What a client says, and what is done about it: without a socket (I39, T3, T11)."""

import json

import pytest

from server.live.conversation import Check, Conversation, Join, Leave, Say, Shut


def spoken(*frames, authenticated=True, channels=(), now=0.0):
    """The last of the effects that frames have."""
    conversation = Conversation()
    conversation.authenticated = authenticated
    conversation.channels |= set(channels)
    effect = None
    for frame in frames:
        effect = conversation.received(frame, now)
    return effect


def told(effect):
    return effect.code if isinstance(effect, Shut) else effect.reply.code


TICKET = '{"do": "authenticate", "ticket": "secret"}'
SUBSCRIBE = '{"do": "subscribe", "channel": "me"}'


@pytest.mark.parametrize(
    ("frame", "effect"),
    [
        pytest.param(TICKET, Check("secret"), id="a ticket is looked at"),
        pytest.param(SUBSCRIBE, 4401, id="whoever says something else first is shown out"),
        pytest.param('{"do": "authenticate"}', 4401, id="a ticket has to be in it"),
        pytest.param('{"do": "authenticate", "ticket": ""}', 4401, id="an empty one is none"),
        pytest.param(json.dumps({"do": "authenticate", "ticket": "x" * 101}), 4401, id="too long"),
        pytest.param("hello", 4401, id="what is no JSON is no ticket"),
        pytest.param(b"\x00", 1003, id="bytes are no text"),
    ],
)
def test_the_first_message(frame, effect):
    found = spoken(frame, authenticated=False)
    assert (found.code if isinstance(found, Shut) else found) == effect


@pytest.mark.parametrize(
    ("frame", "effect"),
    [
        pytest.param(SUBSCRIBE, Join("me", None, None), id="from now on"),
        pytest.param(
            '{"do": "subscribe", "channel": "board:all", "after": 41, "epoch": "e"}',
            Join("board:all", 41, "e"),
            id="after a position",
        ),
        pytest.param('{"do": "unsubscribe", "channel": "staff"}', Leave("staff"), id="no more"),
    ],
)
def test_what_is_understood(frame, effect):
    assert spoken(frame, channels=["staff"]) == effect


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param("", "malformed", id="nothing"),
        pytest.param("{", "malformed", id="half of something"),
        pytest.param("[]", "malformed", id="a list"),
        pytest.param("null", "malformed", id="null"),
        pytest.param('{"do": "become_admin"}', "malformed", id="unknown command (I39)"),
        pytest.param('{"channel": "me"}', "malformed", id="no command"),
        pytest.param('{"do": "subscribe"}', "malformed", id="no channel"),
        pytest.param('{"do": "subscribe", "channel": 7}', "malformed", id="a number"),
        pytest.param('{"do": "subscribe", "channel": "ME"}', "malformed", id="capitals"),
        pytest.param('{"do": "subscribe", "channel": "a:b:c"}', "malformed", id="two colons"),
        pytest.param('{"do": "subscribe", "channel": "board:\\u0000"}', "malformed", id="NUL"),
        pytest.param(
            '{"do": "subscribe", "channel": "me", "after": -1}', "malformed", id="before the first"
        ),
        pytest.param(
            '{"do": "subscribe", "channel": "me", "after": 1e30}', "malformed", id="beyond all"
        ),
        pytest.param(
            '{"do": "subscribe", "channel": "me", "role": "admin"}', "malformed", id="more (I40)"
        ),
        pytest.param("[" * 5_000, "malformed", id="deep"),
        pytest.param(TICKET, "already_authenticated", id="a second ticket"),
        pytest.param('{"do": "subscribe", "channel": "staff"}', "already_subscribed", id="again"),
    ],
)
def test_what_is_refused(frame, code):
    assert told(spoken(frame, channels=["staff"])) == code


def test_a_refusal_repeats_nothing_of_what_was_said():
    """I27: it may have been a secret."""
    assert "canary" not in str(spoken('{"do": "canary", "ticket": "canary"}'))


def test_leaving_what_one_does_not_hear_is_no_mistake():
    assert spoken('{"do": "unsubscribe", "channel": "me"}').reply.channel == "me"


def test_a_socket_hears_a_hundred_channels_at_most():
    many = [f"board:b{n}" for n in range(100)]
    assert told(spoken(SUBSCRIBE, channels=many)) == "too_many_subscriptions"
    assert spoken(SUBSCRIBE, channels=many[1:]) == Join("me", None, None)


def test_sixty_commands_a_minute_then_refusals_then_the_door():
    """T11."""
    conversation = Conversation()
    conversation.authenticated = True
    found = [conversation.received("{", float(n) / 10) for n in range(81)]

    assert [told(each) for each in found[:60]] == ["malformed"] * 60
    assert [told(each) for each in found[60:80]] == ["too_many_commands"] * 20
    assert isinstance(found[80], Shut)
    assert found[80].code == 1008


def test_a_minute_later_one_may_speak_again():
    conversation = Conversation()
    conversation.authenticated = True
    for _ in range(61):
        conversation.received("{", 0.0)
    assert isinstance(conversation.received(SUBSCRIBE, 60.1), Join)
    assert isinstance(conversation.received("{", 60.2), Say)
