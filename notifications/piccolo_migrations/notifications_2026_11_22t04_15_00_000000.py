"""On which devices members are reached, what is being pushed, and whether anything may be."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique

ID = "2026-11-22T04:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Devices and pushes"

MAYBE = {"null": True, "default": None}
NEEDED = {"null": False, "default": None}
MOMENT = (Timestamptz, NEEDED)
NO_MOMENT = (Timestamptz, MAYBE)
WORD = (Varchar, {"length": 30, "default": ""})

TABLES = {
    ("Device", "device"): {
        "id": (UUID, {"primary_key": True, **NEEDED}),
        "member_id": (UUID, {**NEEDED, "index": True}),
        "token": (Varchar, {"length": 2048, "unique": True}),
        "platform": (Varchar, {"length": 10}),
        "app_version": (Varchar, {"length": 40, "default": ""}),
        "locale": (Varchar, {"length": 10, "default": ""}),
        "first_seen_at": MOMENT,
        "last_seen_at": (Timestamptz, {**NEEDED, "index": True}),
        "set_aside_at": NO_MOMENT,
    },
    ("PushDelivery", "push_delivery"): {
        "id": (BigSerial, {"primary_key": True}),
        "outbox_id": (BigInt, NEEDED),
        "notification_id": (BigInt, {**NEEDED, "index": True}),
        "member_id": (UUID, NEEDED),
        "device_id": (UUID, NEEDED),
        "push": (JSONB, NEEDED),
        "state": (Varchar, {"length": 10, "default": "due"}),
        "due_at": MOMENT,
        "expires_at": (Timestamptz, {**NEEDED, "index": True}),
        "claim": (UUID, MAYBE),
        "tries": (Integer, {"default": 0}),
        "repeats": (Integer, {"default": 0}),
        "fault": WORD,
        "done_at": NO_MOMENT,
    },
    ("PushGate", "push_gate"): {
        "project": (Varchar, {"length": 120, "primary_key": True}),
        "held_until": NO_MOMENT,
        "held_times": (Integer, {"default": 0}),
        "held_because": WORD,
        "stopped_at": NO_MOMENT,
        "stopped_because": WORD,
    },
}
CHECKS = {
    ("Device", "device", "device_platform_is_known"): "platform IN ('android', 'ios', 'web')",
    ("Device", "device", "a_device_has_a_token"): "token <> ''",
    ("PushDelivery", "push_delivery", "push_state_is_known"): (
        "state IN ('due', 'sending', 'sent', 'failed', 'dropped')"
    ),
    ("PushDelivery", "push_delivery", "only_what_is_sent_is_held"): (
        "(state = 'sending') = (claim IS NOT NULL)"
    ),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)
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
    for (class_name, tablename, name), condition in CHECKS.items():
        manager.add_constraint(
            table_class_name=class_name,
            tablename=tablename,
            constraint_name=name,
            constraint_class=Check,
            params={"condition": condition},
        )
    manager.add_constraint(
        table_class_name="PushDelivery",
        tablename="push_delivery",
        constraint_name="once_to_a_device",
        constraint_class=Unique,
        params={"columns": ["outbox_id", "device_id"], "nulls_distinct": True},
    )
    return manager
