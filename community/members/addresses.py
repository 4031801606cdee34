"""Recognise an e-mail address without keeping it."""

import hashlib
from typing import Final

LONGEST: Final = 254


def normal_address(address: str) -> str:
    """The form in which two spellings of one address are equal.

    Only ASCII is folded, and dots and plus signs are kept: what some providers take for the
    same isn't so for all, and claiming must not hand over a stranger's history.
    """
    trimmed = address.strip()
    return trimmed.lower() if trimmed.isascii() else trimmed


def is_address(text: str) -> bool:
    """Whether the text has the form of an address. Firebase is what proves that it is one."""
    mailbox, at, host = text.rpartition("@")
    return bool(mailbox and at and host) and len(text) <= LONGEST and not text.split()[1:]


def address_digest(address: str) -> bytes:
    """What an imported address is kept as.

    A digest serves to recognise and not to write to. Whoever holds the table and already has
    an address can check it, so it is dropped as soon as the person comes.
    """
    return _digest("address", normal_address(address))


def uid_digest(uid: str) -> bytes:
    """What a sign-in is kept as for somebody who left and wants to be able to come back."""
    return _digest("uid", uid)


def _digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"ambassade:{kind}:{text}".encode()).digest()
