"""Which system calls: what an integration key proves."""

from uuid import UUID

import msgspec

from ground.callers import Caller


class System(msgspec.Struct, frozen=True):
    """A system of the brand. Its source is what the ledger calls it."""

    key_id: UUID
    source: str

    @classmethod
    def of(cls, caller: Caller) -> "System":
        if caller.key_id is None or caller.source is None:
            raise LookupError("only a system's route may ask for the system")
        return cls(caller.key_id, caller.source)
