"""Who takes part, as far as recognition has to know: no name, no address."""

from enum import StrEnum

from piccolo.columns import UUID, Boolean, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check
from piccolo.table import Table


class PlayerState(StrEnum):
    """Where somebody stands with the programme."""

    ACTIVE = "active"
    UNCLAIMED = "unclaimed"
    LEFT = "left"
    MERGED = "merged"


class Population(StrEnum):
    """On which footing somebody takes part. Employees are kept apart, to be spared pressure."""

    CUSTOMER = "customer"
    EMPLOYEE = "employee"
    PARTNER = "partner"


class Visibility(StrEnum):
    """How somebody appears to other members. Hidden is what nobody has to ask for."""

    HIDDEN = "hidden"
    PSEUDONYM = "pseudonym"
    NAME = "name"


class Player(Table, tablename="player"):
    """A member as boards and badges see them. Written by community when a member changes."""

    member_id = UUID(primary_key=True, default=None, null=False)
    state = Varchar(length=10, choices=PlayerState, default=None, null=False)
    population = Varchar(length=10, choices=Population, default="customer")
    visibility = Varchar(length=10, choices=Visibility, default="hidden")
    # Appearing on a public site is a consent of its own.
    public_visibility = Boolean(default=False)
    # Who runs the programme doesn't compete in it.
    staff = Boolean(default=False)
    joined_at = Timestamptz(default=None, null=False)
    # What ties are listed by: it says nothing about anybody, and leads nowhere.
    board_alias = UUID(default=UUID4(), null=False, unique=True)

    player_state_is_known = Check("state IN ('active', 'unclaimed', 'left', 'merged')")
    player_population_is_known = Check("population IN ('customer', 'employee', 'partner')")
    player_visibility_is_known = Check("visibility IN ('hidden', 'pseudonym', 'name')")
    only_the_active_appear = Check(
        "state = 'active' OR (visibility = 'hidden' AND NOT public_visibility)"
    )
