"""Digests, and where members may be written to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import JSONB, UUID, BigSerial, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Unique

ID = "2026-11-22T05:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Digests and mail"

MAYBE = {"null": True, "default": None}
NEEDED = {"null": False, "default": None}
MOMENT = (Timestamptz, {})
NO_MOMENT = (Timestamptz, MAYBE)
COUNT = (SmallInt, {"default": 0})

TABLES = {
    ("Digest", "digest"): {
        "id": (BigSerial, {"primary_key": True}),
        "member_id": (UUID, NEEDED),
        "period": (Varchar, {"length": 10}),
        "often": (Varchar, {"length": 7}),
        "since": MOMENT,
        "until": MOMENT,
        "content": (JSONB, {}),
        "mail_due_at": NO_MOMENT,
        "mail_held_until": NO_MOMENT,
        "mail_tries": COUNT,
        "mailed_at": NO_MOMENT,
    },
    ("MailAddress", "mail_address"): {
        "member_id": (UUID, {"primary_key": True, "null": False, "default": None}),
        "token": (Varchar, {"length": 43, "unique": True}),
        "address": (Varchar, {"length": 254, "null": True, "default": None}),
        "chosen_at": NO_MOMENT,
        "failures": COUNT,
        "refused_at": NO_MOMENT,
    },
    ("Preferences", "preferences"): {"digest_at": NO_MOMENT},
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)
    for (class_name, tablename), columns in TABLES.items():
        if class_name != "Preferences":
            manager.add_table(class_name=class_name, tablename=tablename)
        for name, (column_class, params) in columns.items():
            manager.add_column(
                table_class_name=class_name,
                tablename=tablename,
                column_name=name,
                db_column_name=name,
                column_class_name=column_class.__name__,
                column_class=column_class,
                params=dict(params),
            )
    manager.add_constraint(
        table_class_name="Digest",
        tablename="digest",
        constraint_name="a_digest_a_period",
        constraint_class=Unique,
        params={"columns": ["member_id", "period"], "nulls_distinct": True},
    )
    return manager
