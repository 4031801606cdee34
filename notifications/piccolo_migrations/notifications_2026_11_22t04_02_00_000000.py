"""Channels, and what is announced on them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, BigSerial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique

ID = "2026-11-22T04:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Announcements"

CHANNEL = (Varchar, {"length": 120, "primary_key": True})

TABLES = {
    ("AnnouncementChannel", "announcement_channel"): {
        "channel": CHANNEL,
        "position": (BigInt, {}),
        "epoch": (Varchar, {"length": 40}),
    },
    ("Announcement", "announcement"): {
        "id": (BigSerial, {"primary_key": True}),
        "channel": (Varchar, {"length": 120}),
        "position": (BigInt, {}),
        "type": (Varchar, {"length": 60}),
        "data": (Text, {}),
        "said_at": (Timestamptz, {}),
        "relayed_at": (Timestamptz, {"null": True, "default": None}),
    },
    ("AnnouncementTold", "announcement_told"): {
        "channel": CHANNEL,
        "told": (Text, {}),
        "told_at": (Timestamptz, {}),
    },
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="notifications", description=DESCRIPTION
    )
    for (class_name, tablename), columns in TABLES.items():
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
        table_class_name="Announcement",
        tablename="announcement",
        constraint_name="one_event_a_position",
        constraint_class=Unique,
        params={"columns": ["channel", "position"], "nulls_distinct": True},
    )
    return manager
