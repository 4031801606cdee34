"""The people of the community, and what else they are called."""

from enum import StrEnum

from piccolo.columns import UUID, BigSerial, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from ground.roles import Role


class MemberState(StrEnum):
    """Where a person stands with the community."""

    ACTIVE = "active"
    UNCLAIMED = "unclaimed"
    LEFT = "left"
    MERGED = "merged"


class Member(Table, tablename="member"):
    """A person in the community. Rows are anonymised, never deleted.

    A merged row keeps its uid, so that either of a person's sign-ins leads to the survivor.
    """

    id = UUID(primary_key=True, default=UUID4())
    # How Firebase calls the person.
    uid = Varchar(length=128, null=True, default=None, unique=True)
    state = Varchar(length=10, choices=MemberState, default=None, null=False)
    role = Varchar(length=12, choices=Role, default="ambassador")
    display_name = Varchar(length=60, default="")
    pseudonym = Varchar(length=60, null=True, default=None)
    # Recognises an imported person by a proven address. Nobody can be written to with it.
    address_digest = Bytea(null=True, default=None, index=True)
    # Recognises who left and asked to be able to find again what they earned.
    return_digest = Bytea(null=True, default=None, unique=True)
    merged_into: ForeignKey["Member"] = ForeignKey(
        "self", null=True, on_delete=OnDelete.restrict, index=True
    )
    created_at = Timestamptz(default=None, null=False)
    # When they came of their own will. Empty for who was only imported.
    joined_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)

    member_state_is_known = Check("state IN ('active', 'unclaimed', 'left', 'merged')")
    member_role_is_known = Check("role IN ('ambassador', 'moderator', 'manager', 'admin')")
    only_who_joined_has_a_name = Check(
        "CASE WHEN state = 'active' THEN display_name <> '' AND joined_at IS NOT NULL"
        " ELSE display_name = '' AND pseudonym IS NULL AND role = 'ambassador' END"
    )
    only_who_is_here_signs_in = Check("uid IS NULL OR state IN ('active', 'merged')")
    only_the_unclaimed_are_expected = Check("address_digest IS NULL OR state = 'unclaimed'")
    only_who_left_returns = Check("return_digest IS NULL OR state = 'left'")
    the_merged_have_a_survivor = Check("(state = 'merged') = (merged_into IS NOT NULL)")


class ExternalIdentity(Table, tablename="external_identity"):
    """What another system calls a member.

    It outlives leaving, so that an import doesn't bring back who left.
    """

    id = BigSerial(primary_key=True)
    source = Varchar(length=80)
    external_id = Varchar(length=200)
    member = ForeignKey(Member, null=False, on_delete=OnDelete.restrict, index=True)
    linked_at = Timestamptz(default=None, null=False)

    one_member_a_name = Unique([source, external_id])


class StaffGrant(Table, tablename="staff_grant"):
    """A role for somebody who hasn't joined yet. Taken up by joining, and short-lived."""

    # `uid:...` or `address:...`
    subject = Varchar(length=260, primary_key=True)
    role = Varchar(length=12, choices=Role, default=None, null=False)
    granted_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)

    granted_role_is_known = Check("role IN ('moderator', 'manager', 'admin')")
