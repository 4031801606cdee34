"""Codes with which people prove who they are elsewhere."""

from piccolo.columns import UUID, BigSerial, Bytea, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class ClaimCode(Table, tablename="claim_code"):
    """A secret that a system gave to one of its users. A newer one replaces it; use removes it."""

    id = BigSerial(primary_key=True)
    source = Varchar(length=80)
    external_id = Varchar(length=200)
    digest = Bytea(default=None, null=False, unique=True)
    issued_by = UUID(default=None, null=False, help_text="The integration key.")
    expires_at = Timestamptz(default=None, null=False)

    one_code_a_person = Unique([source, external_id])
