"""The keys of the brand's systems."""

from piccolo.columns import UUID, Array, Bytea, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check
from piccolo.table import Table


class IntegrationKey(Table, tablename="integration_key"):
    """What a system of the brand signs in with. A migration adds: one current key a source.

    Only a digest of the secret is kept. SHA-256 is enough, and slow hashing would add nothing:
    the secret is 256 random bits, so there is nothing to guess.
    """

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=60)
    # What the ledger calls the system. A key that replaces another has the same.
    source = Varchar(length=40)
    digest = Bytea(default=None, null=False, unique=True)
    # The beginning of the secret, by which people tell keys apart.
    prefix = Varchar(length=12)
    scopes: Array = Array(base_column=Varchar(length=40), default=list)
    created_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    replaced_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)

    key_source_is_plain = Check("source ~ '^[a-z][a-z0-9-]*$'")
