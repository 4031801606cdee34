"""What FCM takes, and what it says to what it doesn't. Pure."""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec

from notifications.push.push import LONGEST_COLLAPSE_ID, LONGEST_PAYLOAD, is_reserved

FCM_ERROR: Final = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST: Final = "type.googleapis.com/google.rpc.BadRequest"
TOKEN: Final = re.compile(r"[A-Za-z0-9_:.\-~%]{8,4096}")
DURATION: Final = re.compile(r"\d{1,8}(\.\d{1,9})?s")
AT: Final = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<where>[^`]*)`)?$", re.DOTALL)
Strings = dict[str, str]
Anything = dict[str, Any]


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A message of the API, which knows its fields and no others."""


class Notification(_Strict):
    title: str | None = None
    body: str | None = None
    image: str | None = None


class AndroidNotification(_Strict):
    title: str | None = None
    body: str | None = None
    icon: str | None = None
    color: str | None = None
    sound: str | None = None
    tag: str | None = None
    click_action: str | None = None
    body_loc_key: str | None = None
    body_loc_args: list[str] | None = None
    title_loc_key: str | None = None
    title_loc_args: list[str] | None = None
    channel_id: str | None = None
    ticker: str | None = None
    sticky: bool | None = None
    event_time: str | None = None
    local_only: bool | None = None
    notification_priority: str | None = None
    default_sound: bool | None = None
    default_vibrate_timings: bool | None = None
    default_light_settings: bool | None = None
    vibrate_timings: list[str] | None = None
    visibility: str | None = None
    notification_count: int | None = None
    light_settings: Anything | None = None
    image: str | None = None
    proxy: str | None = None


class Android(_Strict):
    collapse_key: str | None = None
    priority: str | None = None
    ttl: str | None = None
    restricted_package_name: str | None = None
    data: Strings | None = None
    notification: AndroidNotification | None = None
    fcm_options: Anything | None = None
    direct_boot_ok: bool | None = None
    bandwidth_constrained_ok: bool | None = None
    restricted_satellite_ok: bool | None = None


class Apns(_Strict):
    headers: Strings | None = None
    payload: Anything | None = None
    fcm_options: Anything | None = None
    live_activity_token: str | None = None


class Webpush(_Strict):
    headers: Strings | None = None
    data: Strings | None = None
    notification: Anything | None = None
    fcm_options: Anything | None = None


class Message(_Strict):
    token: str | None = None
    fid: str | None = None
    topic: str | None = None
    condition: str | None = None
    data: Strings | None = None
    notification: Notification | None = None
    android: Android | None = None
    webpush: Webpush | None = None
    apns: Apns | None = None
    fcm_options: Anything | None = None


class Sending(_Strict):
    message: Message
    validate_only: bool = False


class Refusal(Exception):
    """An answer in the form of Google's errors."""

    def __init__(
        self, status: HTTPStatus, name: str, words: str, *, code: str = "", field: str = ""
    ) -> None:
        super().__init__(words)
        self.status = status
        details: list[Anything] = []
        if code:
            details.append({"@type": FCM_ERROR, "errorCode": code})
        if field:
            violation = {"field": field, "description": words}
            details.append({"@type": BAD_REQUEST, "fieldViolations": [violation]})
        error = {"code": status.value, "message": words, "status": name}
        self.body = {"error": error | ({"details": details} if details else {})}


def argument(words: str, field: str) -> Refusal:
    """The refusal of something that was sent."""
    return Refusal(
        HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", words, code="INVALID_ARGUMENT", field=field
    )


def taken(body: bytes) -> Sending:
    """What was sent, if FCM would take it; `Refusal` otherwise."""
    try:
        sending = msgspec.json.decode(body, type=Sending)
    except msgspec.ValidationError as failure:
        raise _unfit(str(failure)) from failure
    except (msgspec.DecodeError, RecursionError) as failure:
        raise argument("Invalid JSON payload received.", "") from failure
    message = sending.message
    _refuse_targets(message)
    _refuse_data(message)
    _refuse_platforms(message)
    bare = msgspec.structs.replace(message, token=None, fid=None)
    if len(msgspec.json.encode(_without_nulls(msgspec.to_builtins(bare)))) > LONGEST_PAYLOAD:
        raise argument("Android message is too big", "message.data")
    return sending


def _unfit(words: str) -> Refusal:
    found = AT.match(words)
    where = (found["where"] or "").strip(".") if found else ""
    unknown = re.search(r"unknown field `([^`]+)`", words)
    field = ".".join(part for part in (where, unknown[1] if unknown else "") if part)
    return argument(f"Invalid JSON payload received. {words}", field)


def _refuse_targets(message: Message) -> None:
    given = [message.token, message.fid, message.topic, message.condition]
    if sum(each is not None for each in given) != 1:
        raise argument("Recipient of the message is not set, or there is more than one.", "message")
    if message.token is not None and not TOKEN.fullmatch(message.token):
        words = "The registration token is not a valid FCM registration token"
        raise argument(words, "message.token")


def _refuse_data(message: Message) -> None:
    for key in {**(message.data or {}), **((message.android and message.android.data) or {})}:
        if is_reserved(key):
            raise argument(f"Invalid data payload key: {key}", "message.data")


def _refuse_platforms(message: Message) -> None:
    android, apns, webpush = message.android, message.apns, message.webpush
    if android is not None:
        if android.priority not in {None, "high", "normal", "HIGH", "NORMAL"}:
            raise argument("Invalid value for the priority", "message.android.priority")
        if android.ttl is not None and not DURATION.fullmatch(android.ttl):
            raise argument("Illegal duration format", "message.android.ttl")
    if apns is not None:
        collapses = (apns.headers or {}).get("apns-collapse-id", "")
        if len(collapses.encode()) > LONGEST_COLLAPSE_ID:
            raise argument("The collapse id is too long", "message.apns.headers")
    if webpush is not None:
        link = (webpush.fcm_options or {}).get("link", "https://")
        if not str(link).startswith("https://"):
            raise argument("The link is not HTTPS", "message.webpush.fcm_options.link")


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value
