"""The charter's versions, and who accepted which."""

from enum import StrEnum

from piccolo.columns import JSONB, BigSerial, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from community.members.tables import Member
from ground.languages import Language


class Channel(StrEnum):
    """Where somebody accepted."""

    APP = "app"
    CONSOLE = "console"
    DEMO = "demo"


class CharterVersion(Table, tablename="charter_version"):
    """A published text of the charter. Append-only: a change is a new version."""

    version = Integer(primary_key=True, default=None, null=False)
    # The text in Markdown by language: {"fr": "...", "en": "..."}
    texts = JSONB(default=None, null=False)
    published_at = Timestamptz(default=None, null=False)

    versions_start_at_one = Check("version >= 1")


class Acceptance(Table, tablename="charter_acceptance"):
    """The proof that somebody joined of their own will. Append-only: triggers forbid the rest.

    Holds no personal data, so neither leaving nor erasure touches it.
    """

    id = BigSerial(primary_key=True)
    member = ForeignKey(Member, null=False, on_delete=OnDelete.restrict, index=True)
    version = ForeignKey(CharterVersion, null=False, on_delete=OnDelete.restrict)
    accepted_at = Timestamptz(default=None, null=False)
    channel = Varchar(length=10, choices=Channel, default=None, null=False)
    # The language in which they read it.
    locale = Varchar(length=10, choices=Language, default=None, null=False)

    acceptance_channel_is_known = Check("channel IN ('app', 'console', 'demo')")
