"""A service account that opens nothing but the sandbox."""

from functools import cache

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from server.config import DEVELOPMENT_PROJECT


def service_account(sandbox: str) -> str:
    """A key like Google's, made on the spot, that gets its access tokens from the sandbox."""
    return msgspec.json.encode(
        {
            "type": "service_account",
            "project_id": DEVELOPMENT_PROJECT,
            "private_key_id": "sandbox",
            "private_key": _private_key(),
            "client_email": f"sandbox@{DEVELOPMENT_PROJECT}.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{sandbox}/token",
        }
    ).decode()


@cache
def _private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
