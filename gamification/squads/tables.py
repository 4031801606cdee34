"""Squads: a few members who do things together."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Squad(Table, tablename="squad"):
    """A squad. It is gone when the last one leaves; one that staff dissolved stays as a record.

    `members` is how many there are: whoever joins changes this row, so that they take turns.
    """

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=60, default=None, null=False)
    most = SmallInt(default=12)
    members = SmallInt(default=0)
    is_open = Boolean(default=False)
    founded_at = Timestamptz(default=None, null=False)
    # What staff did about it, and why.
    renamed_because = JSONB(null=True, default=None)
    dissolved_at = Timestamptz(null=True, default=None)
    dissolved_because = JSONB(null=True, default=None)

    a_squad_is_small = Check("most BETWEEN 2 AND 30")
    a_squad_has_room_for_its_members = Check("members BETWEEN 0 AND most")
    nobody_is_in_what_was_dissolved = Check("dissolved_at IS NULL OR members = 0")


class SquadMember(Table, tablename="squad_member"):
    """Somebody in a squad. Whoever has been there the longest has the say of a founder."""

    id = BigSerial(primary_key=True)
    squad = ForeignKey(Squad, null=False, on_delete=OnDelete.cascade)
    member_id = UUID(default=None, null=False, index=True)
    joined_at = Timestamptz(default=None, null=False)
    # Whether the others see their name although they are hidden elsewhere.
    appears = Boolean(default=False)

    once_in_a_squad = Unique([squad, member_id])


class SquadInvitation(Table, tablename="squad_invitation"):
    """A member who was asked to join. After a no it stays, so that nobody asks again."""

    id = BigSerial(primary_key=True)
    squad = ForeignKey(Squad, null=False, on_delete=OnDelete.cascade)
    member_id = UUID(default=None, null=False, index=True)
    invited_by = UUID(default=None, null=False)
    asked_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    declined_at = Timestamptz(null=True, default=None)

    asked_once_by_a_squad = Unique([squad, member_id])


class SquadCode(Table, tablename="squad_code"):
    """A code that lets whoever has it join. Only its digest is kept: it is 128 random bits."""

    id = UUID(primary_key=True, default=UUID4())
    squad = ForeignKey(Squad, null=False, on_delete=OnDelete.cascade, index=True)
    digest = Bytea(default=None, null=False, unique=True)
    made_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
