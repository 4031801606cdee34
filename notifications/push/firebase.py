"""Firebase Cloud Messaging: the one module that speaks to it, and only ever in the worker.

firebase-admin builds, checks and encodes each message, holds the credentials and says what a
refusal means. Its own senders aren't used: they cost a thread and a millisecond of the processor
for each message, repeat what may have arrived, and know no `Retry-After` (decision 0108).
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import google.auth.transport.requests
import httpx
import msgspec
from firebase_admin import credentials, exceptions, messaging
from firebase_admin._messaging_encoder import MessageEncoder
from firebase_admin._utils import handle_platform_error_from_httpx
from google.auth.exceptions import GoogleAuthError

from ground import clock
from notifications.devices.tables import Platform
from notifications.push.faults import Fault, Refused, Taken
from notifications.push.push import (
    LONGEST_BODY,
    LONGEST_PAYLOAD,
    LONGEST_TITLE,
    Push,
    shortened,
)
from notifications.push.wire import Answer, Unanswered, Unreached, Wire

GOOGLE: Final = "https://fcm.googleapis.com"
ANSWER_SECONDS: Final = 10.0
# So long before it ends a token is replaced.
BEFORE: Final = timedelta(minutes=5)
LONGEST_LIFE: Final = timedelta(days=28)
# What each of firebase-admin's errors is to us; the first that fits.
FAULTS: Final[tuple[tuple[type[Exception], Fault], ...]] = (
    (messaging.UnregisteredError, Fault.UNREGISTERED),
    (messaging.SenderIdMismatchError, Fault.SENDER_ID_MISMATCH),
    (messaging.ThirdPartyAuthError, Fault.THIRD_PARTY_AUTH),
    (messaging.QuotaExceededError, Fault.QUOTA_EXCEEDED),
    (exceptions.ResourceExhaustedError, Fault.QUOTA_EXCEEDED),
    (exceptions.InvalidArgumentError, Fault.BAD_MESSAGE),
    (exceptions.UnauthenticatedError, Fault.UNAUTHENTICATED),
    (exceptions.PermissionDeniedError, Fault.NOT_PERMITTED),
)


class CredentialsRefused(ValueError):
    """What was given isn't the key of a service account."""


class Firebase:
    """One project. Belongs to one event loop; `close()` ends it."""

    def __init__(self, key: str, *, base: str = GOOGLE, public_url: str = "") -> None:
        """`key` is a service account's key, or the name of a file that holds one."""
        try:
            given = json.loads(key) if key.lstrip().startswith("{") else key
            self._certificate = credentials.Certificate(given)
        except (OSError, ValueError) as failure:
            raise CredentialsRefused(
                "not a service account's key, nor a file with one"
            ) from failure
        self.project = str(self._certificate.project_id)
        self._public_url = public_url
        self._google = self._certificate.get_credential()
        self._request = google.auth.transport.requests.Request()
        self._wire = Wire(
            f"{base}/v1/projects/{self.project}/messages:send", patience=ANSWER_SECONDS
        )
        # The libraries around tokens wait in the thread that calls them.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="google")
        self._token = ""
        self._token_until = datetime.min.replace(tzinfo=UTC)

    def is_signed_in(self) -> bool:
        """Whether there is an access token that lasts for a while."""
        return bool(self._token) and clock.now() < self._token_until - BEFORE

    async def sign_in(self) -> Refused | None:
        """Have another access token, or say why there is none. That can take half a minute."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(3 * ANSWER_SECONDS):
                await loop.run_in_executor(self._thread, self._refresh)
        except (GoogleAuthError, OSError, TimeoutError, ValueError):
            return Refused(Fault.UNAUTHENTICATED)
        return None

    def sign_out(self) -> None:
        """Ask for another access token next time: this one isn't accepted."""
        self._token = ""

    def _refresh(self) -> None:
        self._google.refresh(partial(self._request, timeout=ANSWER_SECONDS))
        token, expiry = self._google.token, self._google.expiry
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ValueError("not an access token")
        self._token = token
        self._token_until = expiry.replace(tzinfo=UTC)

    async def send(self, push: Push, token: str, platform: Platform) -> Taken | Refused:
        """Send to one device, once. Whatever comes back, nothing is raised for it."""
        try:
            body = self.encoded(push, token, platform)
        except ValueError:
            return Refused(Fault.BAD_MESSAGE)
        try:
            answer = await self._wire.post(body, {"Authorization": f"Bearer {self._token}"})
        except Unreached:
            return Refused(Fault.UNREACHED)
        except Unanswered:
            return Refused(Fault.UNCLEAR)
        return read(answer)

    def encoded(self, push: Push, token: str, platform: Platform) -> bytes:
        """A message as Firebase wants it, checked by firebase-admin; `ValueError` if it isn't."""
        message = messaging.Message(
            data={**push.data, "link": push.link},
            notification=messaging.Notification(
                title=shortened(push.title, LONGEST_TITLE),
                body=shortened(push.body, LONGEST_BODY),
                image=push.image,
            ),
            **_BY_PLATFORM[platform](push, self._public_url),
        )
        # Its argument is deprecated in favour of installation ids, which apps don't send yet.
        message.token = token
        encoded = MessageEncoder().default(message)
        body = msgspec.json.encode({"message": encoded})
        if len(body) - len(token) > LONGEST_PAYLOAD:
            raise ValueError("longer than Firebase takes")
        return body

    def close(self) -> None:
        self._wire.close()
        self._request.session.close()
        self._thread.shutdown(wait=False)


def _android(push: Push, _public_url: str) -> dict[str, Any]:
    notification = messaging.AndroidNotification(
        channel_id=push.channel, tag=push.collapse_id, notification_count=push.badge
    )
    return {
        "android": messaging.AndroidConfig(
            collapse_key=push.collapse_id,
            priority="high" if push.urgent else "normal",
            ttl=_life(push),
            notification=notification,
        )
    }


def _apple(push: Push, _public_url: str) -> dict[str, Any]:
    headers = {
        "apns-collapse-id": push.collapse_id,
        "apns-push-type": "alert",
        "apns-priority": "10" if push.urgent else "5",
        "apns-expiration": str(int((clock.now() + _life(push)).timestamp())),
    }
    aps = messaging.Aps(
        badge=push.badge,
        sound="default" if push.urgent else None,
        thread_id=push.channel,
        mutable_content=push.image is not None,
    )
    options = messaging.APNSFCMOptions(image=push.image) if push.image else None
    return {
        "apns": messaging.APNSConfig(
            headers=headers, payload=messaging.APNSPayload(aps), fcm_options=options
        )
    }


def _web(push: Push, public_url: str) -> dict[str, Any]:
    link = urljoin(public_url, push.link)
    headers = {
        "TTL": str(int(_life(push).total_seconds())),
        "Urgency": "high" if push.urgent else "normal",
    }
    notification = messaging.WebpushNotification(tag=push.collapse_id, image=push.image)
    safe = urlsplit(link).scheme == "https"
    return {
        "webpush": messaging.WebpushConfig(
            headers=headers,
            notification=notification,
            fcm_options=messaging.WebpushFCMOptions(link=link) if safe else None,
        )
    }


_BY_PLATFORM: Final[dict[Platform, Callable[[Push, str], dict[str, Any]]]] = {
    Platform.ANDROID: _android,
    Platform.IOS: _apple,
    Platform.WEB: _web,
}


def _life(push: Push) -> timedelta:
    """How long it is still worth saying, in whole seconds."""
    left = min(max(push.expires_at - clock.now(), timedelta()), LONGEST_LIFE)
    return timedelta(seconds=int(left.total_seconds()))


def read(answer: Answer) -> Taken | Refused:
    """What an answer of Firebase means, however odd it is (T34)."""
    retry_after = _seconds(answer.headers.get("retry-after", ""))
    if answer.status == httpx.codes.OK:
        name = _field(answer.body, "name")
        # Perhaps taken, perhaps a page of somebody in between.
        return Taken(name) if isinstance(name, str) and name else Refused(Fault.UNCLEAR)
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Refused(Fault.UNAVAILABLE, retry_after)
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        return Refused(Fault.QUOTA_EXCEEDED, retry_after)
    details = _details(answer.body)
    if details is None:
        # Firebase explains what it refuses. Whoever this is, it isn't about the message.
        return Refused(Fault.UNAVAILABLE, retry_after)
    failure = _named(answer)
    fault = next((fault for error, fault in FAULTS if isinstance(failure, error)), None)
    if fault is Fault.BAD_MESSAGE and _blames_token(details):
        fault = Fault.BAD_TOKEN
    return Refused(fault or Fault.UNAVAILABLE, retry_after)


def _named(answer: Answer) -> Exception:
    """firebase-admin's error for a refusal."""
    request = httpx.Request("POST", GOOGLE)
    response = httpx.Response(answer.status, content=answer.body, request=request)
    failure = httpx.HTTPStatusError("refused", request=request, response=response)
    builder = messaging._MessagingService._build_fcm_error_httpx  # noqa: SLF001 - it has no other door
    named: Exception = handle_platform_error_from_httpx(failure, builder)
    return named


def _details(body: bytes) -> list[dict[str, Any]] | None:
    """The details of an error in the form of Google's APIs; nothing if it isn't one."""
    error = _field(body, "error")
    if not isinstance(error, dict) or not isinstance(error.get("status"), str):
        return None
    details = error.get("details", [])
    well_formed = isinstance(details, list) and all(isinstance(each, dict) for each in details)
    return details if well_formed else None


def _blames_token(details: list[dict[str, Any]]) -> bool:
    violations = [each.get("fieldViolations") for each in details]
    return any(
        isinstance(violation, dict) and violation.get("field") == "message.token"
        for listed in violations
        if isinstance(listed, list)
        for violation in listed
    )


def _field(body: bytes, name: str) -> Any:  # noqa: ANN401 - whatever they sent
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return decoded.get(name) if isinstance(decoded, dict) else None


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
