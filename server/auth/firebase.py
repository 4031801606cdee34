"""Verifies Firebase ID tokens: the one module that does, and never in the event loop."""

import asyncio
import hashlib
import itertools
import json
import os
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import firebase_admin
import google.auth.credentials
import msgspec
import structlog
from firebase_admin import auth, credentials

from ground import clock
from server.config import Settings, SettingsRefused
from server.errors import SOON, CredentialsInvalid, Unavailable

log = structlog.get_logger(__name__)

EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"
# Nothing listens there: the variable alone makes firebase-admin read the emulator's tokens.
NO_EMULATOR = "localhost:9099"
SKEW_SECONDS = 10
LONGEST_TOKEN = 8192
LONGEST_CACHED_SECONDS = 300.0
MOST_CACHED = 10_000
CERTIFICATE_SECONDS = 5
_names = itertools.count(1)


class Claims(msgspec.Struct, frozen=True):
    """What a verified token says about its owner."""

    sub: str
    exp: float
    iat: float
    email: str | None = None
    email_verified: bool = False
    name: str | None = None


class NoCredential(credentials.Base):  # type: ignore[misc]
    """Verifying needs no credentials: Google's certificates are public."""

    def get_credential(self) -> google.auth.credentials.Credentials:
        return google.auth.credentials.AnonymousCredentials()  # type: ignore[no-untyped-call]


class TokenVerifier:
    """Verifies tokens of one project, and remembers for a while which ones were good."""

    def __init__(self, settings: Settings) -> None:
        self.emulated = not settings.in_production
        if self.emulated:
            os.environ.setdefault(EMULATOR, NO_EMULATOR)
        self._app = firebase_admin.initialize_app(
            _credential(settings),
            {"projectId": settings.project_id, "httpTimeout": CERTIFICATE_SECONDS},
            name=f"ambassade-{next(_names)}",
        )
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="tokens")
        self._good: OrderedDict[bytes, tuple[Claims, float]] = OrderedDict()
        self._certificates_away_until = 0.0

    def close(self) -> None:
        firebase_admin.delete_app(self._app)
        self._threads.shutdown(wait=False)

    async def verified(self, token: str) -> Claims:
        """The claims of a token, or `CredentialsInvalid`."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._good.get(digest)
        if known is not None and time.monotonic() < known[1]:
            _refuse_outdated(known[0])
            return known[0]
        claims = await self._freshly_verified(token)
        self._good[digest] = (claims, time.monotonic() + LONGEST_CACHED_SECONDS)
        if len(self._good) > MOST_CACHED:
            self._good.popitem(last=False)
        return claims

    async def _freshly_verified(self, token: str) -> Claims:
        _refuse_misshapen(token)
        if time.monotonic() < self._certificates_away_until:
            raise Unavailable(retry_after=SOON)
        loop = asyncio.get_running_loop()
        try:
            decoded = await loop.run_in_executor(self._threads, partial(self._verify, token))
        except auth.CertificateFetchError as failure:
            # Without certificates nobody is let in; and nobody waits for them one by one.
            self._certificates_away_until = time.monotonic() + SOON
            raise Unavailable(retry_after=SOON) from failure
        except auth.InvalidIdTokenError as failure:
            raise CredentialsInvalid from failure
        except Exception as failure:
            # The SDK raises whatever a hostile token makes it stumble over. None gets in.
            log.warning("token_refused", reason=type(failure).__name__)
            raise CredentialsInvalid from failure
        try:
            claims = msgspec.convert(decoded, Claims)
        except msgspec.ValidationError as failure:
            raise CredentialsInvalid from failure
        _refuse_outdated(claims)
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        if not self.emulated and os.environ.get(EMULATOR):
            raise RuntimeError("the emulator's switch is on in production")
        decoded: dict[str, Any] = auth.verify_id_token(
            token, app=self._app, clock_skew_seconds=SKEW_SECONDS
        )
        return decoded


def _refuse_misshapen(token: str) -> None:
    """Spare the SDK what can't be a token."""
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise CredentialsInvalid


def _refuse_outdated(claims: Claims) -> None:
    """In emulator mode the SDK checks no time at all, so this is done here for both modes."""
    now = clock.now().timestamp()
    if claims.exp + SKEW_SECONDS <= now or claims.iat - SKEW_SECONDS > now:
        raise CredentialsInvalid


def _credential(settings: Settings) -> credentials.Base:
    given = settings.firebase_credentials
    if given is None:
        return NoCredential()
    try:
        return credentials.Certificate(json.loads(given) if given.startswith("{") else given)
    except (OSError, ValueError) as failure:
        reason = "FIREBASE_CREDENTIALS: not a service account's key, nor a file that holds one."
        raise SettingsRefused([reason]) from failure
