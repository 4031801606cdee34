"""The catalogue as managers steer it: drafts, publications as acts, previews."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique

ID = "2026-11-22T01:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Drafts, publications as acts, and previews"

KEY = (BigSerial, {"primary_key": True})
MAYBE = {"null": True, "default": None}
MOMENT = (Timestamptz, {})
NO_MOMENT = (Timestamptz, MAYBE)
SLUG = (Varchar, {"length": 80})

TABLES = {
    ("Draft", "catalogue_draft"): {
        "revision": KEY,
        "what": (Varchar, {"length": 10}),
        "slug": SLUG,
        "definition": (JSONB, MAYBE),
        "based_on": (Integer, {}),
        "edited_by": SLUG,
        "edited_at": MOMENT,
    },
    ("Release", "catalogue_release"): {
        "id": KEY,
        "state": (Varchar, {"length": 12}),
        "phase": (Varchar, {"length": 10, **MAYBE}),
        "changes": (JSONB, {}),
        "to_the_past": (Boolean, {"default": False}),
        "due_at": NO_MOMENT,
        "asked_by": SLUG,
        "asked_role": (Varchar, {"length": 20}),
        "asked_at": MOMENT,
        "in_force_at": NO_MOMENT,
        "rolled_back_by": (Varchar, {"length": 80, **MAYBE}),
        "rolled_back_role": (Varchar, {"length": 20, **MAYBE}),
        "finished_at": NO_MOMENT,
        "touched_at": NO_MOMENT,
        "revision_before": (BigInt, MAYBE),
        "members_done": (Integer, {}),
        "members_total": (Integer, {}),
        "last_member": (UUID, MAYBE),
        "decided": (BigInt, {}),
        "problem": (JSONB, MAYBE),
    },
    ("Preview", "catalogue_preview"): {
        "id": KEY,
        "state": (Varchar, {"length": 12}),
        "changes": (JSONB, {}),
        "to_the_past": (Boolean, {"default": False}),
        "revision": (BigInt, {}),
        "asked_by": SLUG,
        "asked_at": MOMENT,
        "expires_at": MOMENT,
        "finished_at": NO_MOMENT,
        "members_done": (Integer, {}),
        "members_total": (Integer, {}),
        "last_member": (UUID, MAYBE),
        "numbers": (JSONB, MAYBE),
    },
    ("PreviewMember", "catalogue_preview_member"): {
        "id": KEY,
        "preview": (BigInt, {}),
        "what": (Varchar, {"length": 10}),
        "slug": SLUG,
        "outcome": (Varchar, {"length": 6}),
        "member_id": (UUID, {"null": False, "default": None}),
        "subject": (Varchar, {"length": 200, "default": ""}),
        "held_since": NO_MOMENT,
        "would_hold_since": NO_MOMENT,
        "entries": (Array, {"base_column": BigInt(), "default": list}),
        "asks_for": (JSONB, MAYBE),
    },
    ("Publication", "publication"): {"release": (BigInt, MAYBE)},
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )
    for (class_name, tablename), columns in TABLES.items():
        if class_name != "Publication":
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
        table_class_name="Draft",
        tablename="catalogue_draft",
        constraint_name="one_draft_a_thing",
        constraint_class=Unique,
        params={"columns": ["what", "slug"], "nulls_distinct": True},
    )
    return manager
