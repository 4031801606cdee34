"""Keep bytes so that only who knows a word of their own can read them. Pure but for chance."""

import hashlib
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12


def seal(word: str, place: bytes, clear: bytes) -> bytes:
    """What is kept. It opens with the word, and only at the place that it was sealed for."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(word, place).encrypt(nonce, clear, place)


def unseal(word: str, place: bytes, kept: bytes) -> bytes:
    """What was sealed with the word, for the place."""
    return _cipher(word, place).decrypt(kept[:NONCE], kept[NONCE:], place)


def _cipher(word: str, place: bytes) -> AESGCM:
    # Slow on purpose, since the word is somebody else's and may be a poor one.
    return AESGCM(hashlib.scrypt(word.encode(), salt=place, n=1 << 12, r=8, p=1, dklen=32))
