"""The settings: read once from the environment, typed, and refused when they are unsafe."""

import ipaddress
from collections.abc import Mapping
from typing import Any, Literal, Self
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from ground.languages import Language
from notifications.mail.letter import AddressUnusable, address_of
from notifications.mail.transport import transport_in

DEVELOPMENT_PROJECT = "ambassade-development"
GUESSABLE = {"", "postgres", "password", "secret", "changeme", "ambassade", "admin", "root"}
SHORTEST_SECRET = 16


class SettingsRefused(Exception):
    """The environment can't be used. `reasons` says why, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        listed = "\n".join(f"  - {reason}" for reason in reasons)
        super().__init__(f"These settings can't be used:\n{listed}\nSee .env.example.")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation decides. `.env.example` explains each."""

    environment: Literal["production", "development", "test"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    database_url: str = ""
    database_owner_url: str = ""
    redis_url: str = ""
    embedded_in_production: bool = False
    pool_size: int = 10
    api_processes: int = 1
    drain_seconds: int = 0

    public_url: str = "http://localhost:8000"
    live_url: str = ""
    live_strangers_per_address: int = 20
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    trusted_proxy: str | None = None
    cors_origins: tuple[str, ...] = ()

    firebase_project_id: str = ""
    firebase_credentials: str | None = None
    firebase_auth_emulator_host: str | None = None
    google_application_credentials: str | None = None
    push_sandbox_url: str | None = None

    smtp_url: str = ""
    mail_from: str = ""

    programme_name: str = "Ambassade"
    programme_time_zone: str = "Europe/Paris"
    default_locale: Language = Language.FRENCH
    minimum_age: int = 15
    by_hand_members_a_day: int = 20
    by_hand_points_a_day: int = 500
    campaign_members_a_day: int = 500
    broadcasts_a_day: int = 3
    push_image_hosts: tuple[str, ...] = ()

    reads_per_minute: int = 600
    writes_per_minute: int = 120
    ingestions_per_minute: int = 6000
    sign_ins_per_minute: int = 20
    failures_per_minute: int = 60
    site_reads_per_minute: int = 600
    site_key_reads_per_minute: int = 60_000

    metrics_token: str | None = None
    demo_moves: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read `REDIS_URL` into `redis_url`, and so on. Refuse what is wrong or unsafe."""
        values: dict[str, Any] = {}
        reasons = []
        for field in msgspec.structs.fields(cls):
            given = environment.get(field.encode_name.upper(), "").strip()
            if not given:
                continue
            try:
                values[field.name] = _converted(given, field.type)
            except msgspec.ValidationError as failure:
                reasons.append(f"{field.encode_name.upper()}: {failure}.")
        settings = cls(**values)
        reasons += wrong_values(settings)
        if settings.environment == "production":
            reasons += unsafe_values(settings)
        if reasons:
            raise SettingsRefused(reasons)
        return settings

    @property
    def in_production(self) -> bool:
        return self.environment == "production"

    @property
    def project_id(self) -> str:
        """The Firebase project that tokens must be for."""
        return self.firebase_project_id or DEVELOPMENT_PROJECT


def _converted(given: str, wanted: object) -> object:
    if wanted == tuple[str, ...]:
        return tuple(part.strip() for part in given.split(",") if part.strip())
    if wanted is bool:
        given = {"yes": "true", "no": "false", "on": "true", "off": "false"}.get(given, given)
    converted: object = msgspec.convert(given, wanted, strict=False)
    return converted


def wrong_values(settings: Settings) -> list[str]:
    """What no environment can run with."""
    checks = {
        "DATABASE_URL: must start with postgresql:// or postgres://.": _has_scheme(
            settings.database_url, "postgresql", "postgres"
        ),
        "DATABASE_OWNER_URL: must be another role's address of the database at DATABASE_URL.": (
            _has_scheme(settings.database_owner_url, "postgresql", "postgres")
            and bool(settings.database_url or not settings.database_owner_url)
        ),
        "REDIS_URL: must start with redis://, rediss:// or unix://.": _has_scheme(
            settings.redis_url, "redis", "rediss", "unix"
        ),
        "PUBLIC_URL: must be an address such as https://api.example.com.": _is_origin(
            settings.public_url
        ),
        **_checks_of_sockets(settings),
        "CORS_ORIGINS: each must be an origin such as https://example.com, without a path.": all(
            origin == "*" or _is_origin(origin) for origin in settings.cors_origins
        ),
        "PUSH_SANDBOX_URL: must be an address on this machine, such as http://127.0.0.1:8002.": (
            not settings.push_sandbox_url
            or (
                _is_origin(settings.push_sandbox_url)
                and _split(settings.push_sandbox_url).hostname in {"127.0.0.1", "localhost", "::1"}
            )
        ),
        "TRUSTED_PROXY: must be the proxy's IP address.": _is_address(settings.trusted_proxy),
        "PROGRAMME_TIME_ZONE: must be a zone such as Europe/Paris.": _is_zone(
            settings.programme_time_zone
        ),
        "MINIMUM_AGE: must be from 0 to 99.": 0 <= settings.minimum_age <= 99,
        "BY_HAND_MEMBERS_A_DAY and BY_HAND_POINTS_A_DAY: can't be negative.": min(
            settings.by_hand_members_a_day, settings.by_hand_points_a_day
        )
        >= 0,
        "DRAIN_SECONDS: must be from 0 to 60.": 0 <= settings.drain_seconds <= 60,
        "POOL_SIZE and API_PROCESSES: must be at least 1.": min(
            settings.pool_size, settings.api_processes
        )
        >= 1,
        "The limits (…_PER_MINUTE): must be at least 1.": min(_limits(settings)) >= 1,
    }
    return [reason for reason, holds in (checks | _wrong_mail(settings)).items() if not holds]


def _checks_of_sockets(settings: Settings) -> dict[str, bool]:
    return {
        "LIVE_URL: must be an address such as wss://api.example.com/live.": _is_socket(
            settings.live_url
        ),
        "LIVE_STRANGERS_PER_ADDRESS: must be at least 1.": settings.live_strangers_per_address >= 1,
    }


def _wrong_mail(settings: Settings) -> dict[str, bool]:
    return {
        "SMTP_URL: must be like smtps://user:password@mail.example.com, or smtp://… with "
        "STARTTLS.": _leads_to_mail(settings.smtp_url),
        "MAIL_FROM: must be an address such as Ambassade <hello@example.com>, wherever SMTP_URL "
        "is set.": not settings.smtp_url or _is_mail_address(settings.mail_from),
    }


def unsafe_values(settings: Settings) -> list[str]:
    """What production must not run with."""
    dangers = {
        "FIREBASE_AUTH_EMULATOR_HOST is set: anybody could forge a token.": bool(
            settings.firebase_auth_emulator_host
        ),
        "PUSH_SANDBOX_URL is set: no push would reach a phone.": bool(settings.push_sandbox_url),
        "SMTP_URL is a folder: no mail would reach anybody.": settings.smtp_url.startswith("file:"),
        "FIREBASE_PROJECT_ID is missing: no token could be checked.": (
            not settings.firebase_project_id
        ),
        "DEMO_MOVES is on: made-up activities would be credited.": settings.demo_moves,
        "LOG_LEVEL is debug: libraries would log statements and addresses.": (
            settings.log_level == "debug"
        ),
        "ALLOWED_HOSTS contains a wildcard: list the exact names.": _has_wildcard(
            settings.allowed_hosts
        ),
        "CORS_ORIGINS contains a wildcard: list the exact origins.": _has_wildcard(
            settings.cors_origins
        ),
        "PUBLIC_URL isn't https://.": not settings.public_url.startswith("https://"),
        "LIVE_URL isn't wss://.": bool(
            settings.live_url and not settings.live_url.startswith("wss://")
        ),
        "ALLOWED_HOSTS doesn't contain the host of PUBLIC_URL.": (
            _split(settings.public_url).hostname not in settings.allowed_hosts
        ),
        "DATABASE_URL is missing, so the embedded PostgreSQL would be used: set it, or say "
        "EMBEDDED_IN_PRODUCTION=yes.": (
            not settings.database_url and not settings.embedded_in_production
        ),
        "DATABASE_URL has an empty or guessable password.": _is_guessable(settings.database_url),
        "DATABASE_OWNER_URL has an empty or guessable password.": (
            bool(settings.database_owner_url) and _is_guessable(settings.database_owner_url)
        ),
        f"METRICS_TOKEN is shorter than {SHORTEST_SECRET} characters.": (
            settings.metrics_token is not None and len(settings.metrics_token) < SHORTEST_SECRET
        ),
    }
    return [reason for reason, holds in dangers.items() if holds]


def _is_guessable(url: str) -> bool:
    database = _split(url)
    local = database.hostname in {None, "localhost", "127.0.0.1", "::1"}
    return not local and (database.password or "").lower() in GUESSABLE


def _limits(settings: Settings) -> list[int]:
    return [
        value
        for name, value in msgspec.structs.asdict(settings).items()
        if name.endswith("_per_minute")
    ]


def _has_scheme(url: str, *schemes: str) -> bool:
    return not url or _split(url).scheme in schemes


def _is_origin(url: str) -> bool:
    parts = _split(url)
    bare = parts.path in {"", "/"} and not parts.query and not parts.fragment
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare


def _is_socket(url: str) -> bool:
    parts = _split(url)
    fits = parts.scheme in {"ws", "wss"} and parts.path == "/live" and not parts.query
    return not url or (fits and bool(parts.hostname))


def _split(url: str) -> SplitResult:
    """The parts of an address; none when it has no sense."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _is_address(address: str | None) -> bool:
    try:
        return address is None or bool(ipaddress.ip_address(address))
    except ValueError:
        return False


def _leads_to_mail(url: str) -> bool:
    try:
        return not url or bool(transport_in(url))
    except ValueError:
        return False


def _is_mail_address(text: str) -> bool:
    try:
        return bool(address_of(text))
    except AddressUnusable:
        return False


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _has_wildcard(names: tuple[str, ...]) -> bool:
    return any("*" in name for name in names)
