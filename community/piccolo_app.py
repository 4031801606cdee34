"""What Piccolo has to know of this package."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from community.charter.tables import Acceptance, CharterVersion
from community.claims.tables import ClaimCode
from community.imports.tables import WaitingRow
from community.keys.tables import IntegrationKey
from community.members.tables import ExternalIdentity, Member, StaffGrant
from community.publishable.tables import PublishableKey

APP_CONFIG = AppConfig(
    app_name="community",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        Acceptance,
        CharterVersion,
        ClaimCode,
        ExternalIdentity,
        IntegrationKey,
        Member,
        PublishableKey,
        StaffGrant,
        WaitingRow,
    ],
)
