"""How a member wants to be spoken to, and what time it is where they are."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from ground.languages import Language


class Preferences(Table, tablename="preferences"):
    """Written by community when a member joins or changes them; read by all that is above.

    `quiet_from` and `quiet_until` are minutes of the member's day, `quiet_days` weekdays from
    Monday (0). `choices` says by category which channels were switched on or off by the member.
    An `expected` member was imported and has not come yet: nothing is told to them.
    """

    member_id = UUID(primary_key=True, default=None, null=False)
    locale = Varchar(length=10, choices=Language, default="fr")
    # A name of the IANA database, such as `Europe/Paris`.
    time_zone = Varchar(length=64, default="Europe/Paris")
    expected = Boolean(default=False)
    choices = JSONB(default="{}")
    quiet_from = SmallInt(default=1260)
    quiet_until = SmallInt(default=480)
    quiet_days = Array(base_column=SmallInt(), default=list)
    # How many times a window the member lets themselves be asked; null is the programme's.
    asks = SmallInt(null=True, default=None)
    paused_until = Timestamptz(null=True, default=None)
    # Whether what is personal may stand on a locked screen.
    lock_screen = Boolean(default=False)
    digest = Varchar(length=7, default="weekly")
    # When to look next; null until it is worked out, and when wishes changed.
    digest_at = Timestamptz(null=True, default=None)
