"""Tokens in the Firebase Auth emulator's format: unsigned, so only good outside of production."""

import base64
from datetime import datetime, timedelta

import msgspec

from ground import clock

HOUR = timedelta(hours=1)


def emulator_token(  # noqa: PLR0913
    project_id: str,
    uid: str,
    *,
    name: str | None = None,
    email: str | None = None,
    email_verified: bool = True,
    issued_at: datetime | None = None,
    lasts: timedelta = HOUR,
) -> str:
    """A token as the emulator gives it out for a person."""
    now = int((issued_at or clock.now()).timestamp())
    identities = {"email": [email]} if email else {}
    claims = {
        "iss": f"https://securetoken.google.com/{project_id}",
        "aud": project_id,
        "sub": uid,
        "user_id": uid,
        "auth_time": now,
        "iat": now,
        "exp": now + int(lasts.total_seconds()),
        "firebase": {"identities": identities, "sign_in_provider": "custom"},
    }
    if name:
        claims["name"] = name
    if email:
        claims |= {"email": email, "email_verified": email_verified}
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _part(content: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(content)).decode().rstrip("=")
