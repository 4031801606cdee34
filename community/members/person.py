"""Who stands before us: what a verified token proves."""

import msgspec

from community.members.addresses import is_address, normal_address
from ground.callers import Caller


class Person(msgspec.Struct, frozen=True):
    """A signed-in person, member or not. The address counts only if Firebase verified it."""

    uid: str
    address: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Person":
        if caller.uid is None:
            raise LookupError("only a person's route may ask for the person")
        proven = caller.email if caller.email_verified else None
        if proven is None or not is_address(proven):
            return cls(caller.uid)
        return cls(caller.uid, normal_address(proven))
