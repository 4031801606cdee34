"""What is pushed fits the platforms, and tells nobody what is personal (T29)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ground import clock
from notifications.devices.tables import Platform
from notifications.push import faults
from notifications.push.faults import Fault, Refused, Taken
from notifications.push.firebase import CredentialsRefused, Firebase, read
from notifications.push.push import LONGEST_BODY, LONGEST_TITLE, shortened
from notifications.push.wire import Answer
from server.sandbox.account import service_account
from server.sandbox.behaviour import REFUSALS, Trouble
from server.sandbox.wanted import taken
from tests.notifications.sandbox import a_push

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
IMAGE = "https://a.example/badge.png"


@pytest.fixture(scope="module")
def firebase():
    made = Firebase(service_account("http://127.0.0.1:1"), public_url="https://a.example")
    yield made
    made.close()


def message(firebase, platform, **more):
    with clock.frozen(NOW):
        body = firebase.encoded(a_push(**more), "a-good-token", platform)
    taken(body)
    return json.loads(body)["message"]


def test_android(firebase):
    sent = message(firebase, Platform.ANDROID, urgent=True, badge=3, image=IMAGE)
    assert sent == {
        "token": "a-good-token",
        "notification": {
            "title": "Thank you",
            "body": "Alice thanked you for your answer.",
            "image": IMAGE,
        },
        "data": {"link": "/thanks/1"},
        "android": {
            "collapse_key": "n1",
            "priority": "high",
            "ttl": "86400s",
            "notification": {"channel_id": "thanks", "tag": "n1", "notification_count": 3},
        },
    }


def test_apple(firebase):
    sent = message(firebase, Platform.IOS, badge=0, image=IMAGE)
    assert sent["apns"] == {
        "headers": {
            "apns-collapse-id": "n1",
            "apns-push-type": "alert",
            "apns-priority": "5",
            "apns-expiration": str(int((NOW + timedelta(days=1)).timestamp())),
        },
        "payload": {"aps": {"badge": 0, "thread-id": "thanks", "mutable-content": 1}},
        "fcm_options": {"image": IMAGE},
    }
    assert "android" not in sent


def test_web(firebase):
    sent = message(firebase, Platform.WEB, urgent=True)
    assert sent["webpush"] == {
        "headers": {"TTL": "86400", "Urgency": "high"},
        "notification": {"tag": "n1"},
        "fcm_options": {"link": "https://a.example/thanks/1"},
    }


@pytest.mark.parametrize("platform", list(Platform))
def test_texts_are_cut_to_what_phones_show(firebase, platform):
    sent = message(firebase, platform, title="word " * 100, body="b" * 3000)["notification"]
    assert sent["title"].endswith("word…")
    assert len(sent["title"]) <= LONGEST_TITLE
    assert len(sent["body"]) == LONGEST_BODY


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("short", "short"),
        ("  two\nlines ", "two lines"),
        ("exactly ten", "exactly…"),
        ("unbreakable", "unbreakab…"),
    ],
)
def test_a_text_is_cut_between_words(text, cut):
    assert shortened(text, 10) == cut


@pytest.mark.parametrize(
    "more",
    [
        {"collapse_id": ""},
        {"collapse_id": "é" * 33},
        {"data": {"google.sent": "x"}},
        {"data": {"from": "x"}},
    ],
)
def test_what_firebase_keeps_for_itself_is_refused_at_once(more):
    with pytest.raises(ValueError, match=r"bytes|Firebase"):
        a_push(**more)


async def test_what_is_too_long_never_leaves(firebase):
    huge = a_push(data={"x": "y" * 4096})
    found = await firebase.send(huge, "a-good-token", Platform.ANDROID)
    assert found == Refused(Fault.BAD_MESSAGE)


@pytest.mark.parametrize("key", ["{}", "/there/is/no/such/file", '{"type": "service_account"}'])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(CredentialsRefused):
        Firebase(key)


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        (Trouble.UNREGISTERED, Fault.UNREGISTERED),
        (Trouble.INVALID, Fault.BAD_TOKEN),
        (Trouble.BAD_MESSAGE, Fault.BAD_MESSAGE),
        (Trouble.SENDER_ID_MISMATCH, Fault.SENDER_ID_MISMATCH),
        (Trouble.THIRD_PARTY_AUTH_ERROR, Fault.THIRD_PARTY_AUTH),
        (Trouble.QUOTA_EXCEEDED, Fault.QUOTA_EXCEEDED),
        (Trouble.UNAUTHENTICATED, Fault.UNAUTHENTICATED),
        (Trouble.PERMISSION_DENIED, Fault.NOT_PERMITTED),
        (Trouble.UNAVAILABLE, Fault.UNAVAILABLE),
        (Trouble.INTERNAL, Fault.UNAVAILABLE),
    ],
)
def test_what_firebase_means(trouble, fault):
    refusal = REFUSALS[trouble]
    body = json.dumps(refusal.body).encode()
    headers = {"retry-after": "7"}
    assert read(Answer(refusal.status, headers, body)) == Refused(fault, 7.0)


ERROR = b'{"error": {"status": "NOT_FOUND", "details": %s}}'


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, b'{"name": "projects/p/messages/1"}', Taken("projects/p/messages/1")),
        (200, b'{"name": 7}', Refused(Fault.UNCLEAR)),
        (200, b"[]", Refused(Fault.UNCLEAR)),
        (200, b"\xff\xfe", Refused(Fault.UNCLEAR)),
        (200, b"[" * 60_000, Refused(Fault.UNCLEAR)),
        (204, b"", Refused(Fault.UNAVAILABLE)),
        (302, b"", Refused(Fault.UNAVAILABLE)),
        (404, b"<html>", Refused(Fault.UNAVAILABLE)),
        (404, b'{"error": "unregistered"}', Refused(Fault.UNAVAILABLE)),
        (404, b'{"error": {"status": 5}}', Refused(Fault.UNAVAILABLE)),
        (404, ERROR % b"[]", Refused(Fault.UNAVAILABLE)),
        (404, ERROR % b"{}", Refused(Fault.UNAVAILABLE)),
        (404, ERROR % b"[3]", Refused(Fault.UNAVAILABLE)),
        (400, b'{"error": {"status": "INVALID_ARGUMENT"}}', Refused(Fault.BAD_MESSAGE)),
        (
            400,
            b'{"error": {"status": "INVALID_ARGUMENT", "details": [{"fieldViolations": 3}]}}',
            Refused(Fault.BAD_MESSAGE),
        ),
        (429, b"", Refused(Fault.QUOTA_EXCEEDED)),
        (503, b"\x00", Refused(Fault.UNAVAILABLE)),
    ],
)
def test_odd_answers_are_failures_and_no_crashes(status, body, means):
    """T34: no token is forgotten for what somebody in between said."""
    assert read(Answer(status, {}, body)) == means


@pytest.mark.parametrize("retry_after", ["", "-1", "soon", "7.5", "\u0667"])
def test_odd_delays_are_none(retry_after):
    found = read(Answer(429, {"retry-after": retry_after}, b""))
    assert found == Refused(Fault.QUOTA_EXCEEDED)


@pytest.mark.parametrize(
    ("waits", "retry_after", "times", "least", "most"),
    [
        (faults.hold, None, 1, 60, 75),
        (faults.hold, None, 3, 240, 300),
        (faults.hold, 7.0, 3, 7, 8.75),
        (faults.pause, None, 1, 10, 12.5),
        (faults.pause, None, 4, 80, 100),
        (faults.pause, 30.0, 1, 30, 37.5),
        (faults.pause, 1.0, 2, 20, 25),
        (faults.pause, None, 1000, 21600, 27000),
        (faults.pause, 1e300, 1, 21600, 27000),
    ],
)
def test_how_long_is_waited(waits, retry_after, times, least, most):
    """I30."""
    refused = Refused(Fault.UNAVAILABLE, retry_after)
    waited = {waits(refused, times).total_seconds() for _ in range(50)}
    assert least <= min(waited)
    assert max(waited) <= most
    assert len(waited) > 1
