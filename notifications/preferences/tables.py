"""How a member wants to be spoken to, and what time it is where they are."""

from piccolo.columns import UUID, Varchar
from piccolo.table import Table

from ground.languages import Language


class Preferences(Table, tablename="preferences"):
    """Written by community when a member joins or changes them; read by all that is above."""

    member_id = UUID(primary_key=True, default=None, null=False)
    locale = Varchar(length=10, choices=Language, default="fr")
    # A name of the IANA database, such as `Europe/Paris`.
    time_zone = Varchar(length=64, default="Europe/Paris")
