"""Squads, who is in them, who was asked, and the codes that lead there."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.uuid import UUID4
from piccolo.constraints import Check, Unique
from piccolo.table import Table

ID = "2026-11-22T04:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Squads"


class Squad(Table, tablename="squad", schema=None):
    id = UUID(primary_key=True, default=UUID4())


KEY = (BigSerial, {"primary_key": True})
OWN_ID = (UUID, {"primary_key": True, "default": UUID4()})
MAYBE = {"null": True, "default": None}
GIVEN = {"null": False, "default": None}
MOMENT = (Timestamptz, GIVEN)
OF_SQUAD = {"references": Squad, "on_delete": OnDelete.cascade, "null": False}
MEMBER = (UUID, {**GIVEN, "index": True})

TABLES = {
    ("Squad", "squad"): {
        "id": OWN_ID,
        "name": (Varchar, {"length": 60, **GIVEN}),
        "most": (SmallInt, {"default": 12}),
        "members": (SmallInt, {"default": 0}),
        "is_open": (Boolean, {"default": False}),
        "founded_at": MOMENT,
        "renamed_because": (JSONB, MAYBE),
        "dissolved_at": (Timestamptz, MAYBE),
        "dissolved_because": (JSONB, MAYBE),
    },
    ("SquadMember", "squad_member"): {
        "id": KEY,
        "squad": (ForeignKey, OF_SQUAD),
        "member_id": MEMBER,
        "joined_at": MOMENT,
        "appears": (Boolean, {"default": False}),
    },
    ("SquadInvitation", "squad_invitation"): {
        "id": KEY,
        "squad": (ForeignKey, OF_SQUAD),
        "member_id": MEMBER,
        "invited_by": (UUID, GIVEN),
        "asked_at": MOMENT,
        "expires_at": MOMENT,
        "declined_at": (Timestamptz, MAYBE),
    },
    ("SquadCode", "squad_code"): {
        "id": OWN_ID,
        "squad": (ForeignKey, {**OF_SQUAD, "index": True}),
        "digest": (Bytea, {**GIVEN, "unique": True}),
        "made_at": MOMENT,
        "expires_at": MOMENT,
    },
}

CHECKS = {
    "a_squad_is_small": "most BETWEEN 2 AND 30",
    "a_squad_has_room_for_its_members": "members BETWEEN 0 AND most",
    "nobody_is_in_what_was_dissolved": "dissolved_at IS NULL OR members = 0",
}
ONCE = {
    ("SquadMember", "squad_member"): "once_in_a_squad",
    ("SquadInvitation", "squad_invitation"): "asked_once_by_a_squad",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
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
    for name, condition in CHECKS.items():
        manager.add_constraint(
            table_class_name="Squad",
            tablename="squad",
            constraint_name=name,
            constraint_class=Check,
            params={"condition": condition},
        )
    for (class_name, tablename), name in ONCE.items():
        manager.add_constraint(
            table_class_name=class_name,
            tablename=tablename,
            constraint_name=name,
            constraint_class=Unique,
            params={"columns": ["squad", "member_id"], "nulls_distinct": True},
        )
    return manager
