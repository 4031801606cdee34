"""Campaigns, and to whom each of them went."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique

ID = "2026-11-22T05:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Campaigns"

MAYBE = {"null": True, "default": None}
NEEDED = {"null": False, "default": None}
NO_MOMENT = (Timestamptz, MAYBE)
SOMEBODY = (UUID, MAYBE)
NUMBER = (Integer, {"default": 0})

TABLES = {
    ("Campaign", "campaign"): {
        "id": (UUID, {"primary_key": True, **NEEDED}),
        "definition": (JSONB, NEEDED),
        "revision": (Integer, {"default": 1}),
        "state": (Varchar, {"length": 10, "default": "draft"}),
        "created_by": SOMEBODY,
        "created_at": (Timestamptz, NEEDED),
        "wanted_by": SOMEBODY,
        "wanted_at": NO_MOMENT,
        "approved_by": SOMEBODY,
        "scheduled_at": NO_MOMENT,
        "starts_at": NO_MOMENT,
        "began_at": NO_MOMENT,
        "next_at": NO_MOMENT,
        "ended_at": NO_MOMENT,
        "size": NUMBER,
        "seen": NUMBER,
        "told": NUMBER,
        "after": SOMEBODY,
    },
    ("CampaignMember", "campaign_member"): {
        "id": (BigSerial, {"primary_key": True}),
        "campaign": (UUID, NEEDED),
        "member_id": (UUID, NEEDED),
        "notification_id": (BigInt, NEEDED),
        "muted_before": (Boolean, {"default": False}),
        "opened_at": NO_MOMENT,
    },
}
CHECKS = {
    "campaign_state_is_known": (
        "state IN ('draft', 'proposed', 'scheduled', 'sending', 'sent', 'stopped')"
    ),
    "a_campaign_has_anothers_second_word": "approved_by IS NULL OR approved_by <> wanted_by",
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
    for name, condition in CHECKS.items():
        manager.add_constraint(
            table_class_name="Campaign",
            tablename="campaign",
            constraint_name=name,
            constraint_class=Check,
            params={"condition": condition},
        )
    manager.add_constraint(
        table_class_name="CampaignMember",
        tablename="campaign_member",
        constraint_name="a_campaign_goes_to_a_member_once",
        constraint_class=Unique,
        params={"columns": ["campaign", "member_id"], "nulls_distinct": True},
    )
    return manager
