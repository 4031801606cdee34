"""What members are told, what waits to be sent, and how much of their attention was asked for."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check

ID = "2026-11-22T04:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Notifications, the outbox and attention"

KEY = (BigSerial, {"primary_key": True})
MAYBE = {"null": True, "default": None}
MOMENT = (Timestamptz, {})
NO_MOMENT = (Timestamptz, MAYBE)
MEMBER = (UUID, {"null": False, "default": None})
KIND = (Varchar, {"length": 60})
NAME = (Varchar, {"length": 200, "default": ""})

TABLES = {
    ("Notification", "notification"): {
        "id": KEY,
        "member_id": MEMBER,
        "category": KIND,
        "collapse_key": NAME,
        "once": NAME,
        "facts": (JSONB, {"default": "{}"}),
        "actors": (Array, {"base_column": UUID(), "default": list}),
        "likes": (Integer, {"default": 1}),
        "told_at": MOMENT,
        "shown_at": NO_MOMENT,
        "read_at": NO_MOMENT,
        "archived_at": NO_MOMENT,
        "declined_at": NO_MOMENT,
    },
    ("Outbox", "outbox"): {
        "id": KEY,
        "notification_id": (BigInt, {}),
        "member_id": MEMBER,
        "category": KIND,
        "collapse_id": (Varchar, {"length": 64}),
        "due_at": MOMENT,
        "expires_at": MOMENT,
        "held_until": NO_MOMENT,
        "tries": (Integer, {}),
    },
    ("DeliveryLine", "delivery_line"): {
        "id": KEY,
        "notification_id": (BigInt, {}),
        "member_id": MEMBER,
        "channel": (Varchar, {"length": 10}),
        "outcome": (Varchar, {"length": 10}),
        "why": (Varchar, {"length": 40, "default": ""}),
        "until": NO_MOMENT,
        "at": MOMENT,
    },
    ("Attention", "attention"): {
        "member_id": (UUID, {"primary_key": True, "null": False, "default": None}),
        "rest_until": NO_MOMENT,
        "rest_why": (Varchar, {"length": 60, "default": ""}),
    },
    ("AttentionSpend", "attention_spend"): {
        "id": KEY,
        "member_id": MEMBER,
        "notification_id": (BigInt, {}),
        "kind": KIND,
        "at": MOMENT,
    },
    ("AttentionRefusal", "attention_refusal"): {
        "id": KEY,
        "member_id": MEMBER,
        "kind": KIND,
        "noes": (Integer, {}),
        "last_no_at": MOMENT,
    },
    ("AttentionCeiling", "attention_ceiling"): {
        "id": (SmallInt, {"primary_key": True, "default": 1}),
        "asks": (SmallInt, {"default": 2}),
        "days": (SmallInt, {"default": 7}),
        "changed_at": MOMENT,
    },
    ("Preferences", "preferences"): {
        "expected": (Boolean, {"default": False}),
        "choices": (JSONB, {"default": "{}"}),
        "quiet_from": (SmallInt, {"default": 1260}),
        "quiet_until": (SmallInt, {"default": 480}),
        "quiet_days": (Array, {"base_column": SmallInt(), "default": list}),
        "asks": (SmallInt, MAYBE),
        "paused_until": NO_MOMENT,
        "lock_screen": (Boolean, {"default": False}),
        "digest": (Varchar, {"length": 7, "default": "weekly"}),
    },
}
CHECKS = {
    ("Notification", "a_notification_has_one_or_more_likes"): "likes >= 1",
    ("AttentionCeiling", "there_is_one_ceiling"): "id = 1",
    (
        "AttentionCeiling",
        "the_ceiling_is_a_few_asks_in_some_days",
    ): "asks BETWEEN 0 AND 20 AND days BETWEEN 1 AND 90",
}
NAMES = {class_name: tablename for class_name, tablename in TABLES}

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
    for (class_name, name), condition in CHECKS.items():
        manager.add_constraint(
            table_class_name=class_name,
            tablename=NAMES[class_name],
            constraint_name=name,
            constraint_class=Check,
            params={"condition": condition},
        )
    return manager
