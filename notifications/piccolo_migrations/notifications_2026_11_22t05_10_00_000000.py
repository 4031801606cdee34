"""Journeys, who is in them, and what of members they may look at."""

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
from piccolo.constraints import Unique

ID = "2026-11-22T05:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Journeys"

MAYBE = {"null": True, "default": None}
NEEDED = {"null": False, "default": None}
MOMENT = (Timestamptz, NEEDED)
NO_MOMENT = (Timestamptz, MAYBE)
SLUG = (Varchar, {"length": 60})
ID_COLUMN = (BigSerial, {"primary_key": True})

TABLES = {
    ("Journey", "journey"): {
        "slug": (Varchar, {"length": 60, "primary_key": True}),
        "version": (Integer, {"default": 1}),
        "enabled": (Boolean, {"default": True}),
        "changed_at": MOMENT,
    },
    ("JourneyPlan", "journey_plan"): {
        "id": ID_COLUMN,
        "slug": SLUG,
        "version": (Integer, NEEDED),
        "plan": (JSONB, NEEDED),
        "written_at": MOMENT,
    },
    ("JourneyFact", "journey_fact"): {
        "id": ID_COLUMN,
        "member_id": (UUID, NEEDED),
        "fact": (Varchar, {"length": 200}),
        "first_at": MOMENT,
        "last_at": MOMENT,
        "name": (JSONB, MAYBE),
        "is_fresh": (Boolean, {"default": True}),
    },
    ("JourneyRun", "journey_run"): {
        "id": ID_COLUMN,
        "slug": SLUG,
        "version": (Integer, NEEDED),
        "member_id": (UUID, NEEDED),
        "name": (JSONB, MAYBE),
        "began_at": MOMENT,
        "place": (Integer, {"default": 0}),
        "since": MOMENT,
        "due_at": NO_MOMENT,
        "ended_at": NO_MOMENT,
        "ended_as": (Varchar, {"length": 10, "default": ""}),
    },
    ("JourneyStep", "journey_step"): {
        "id": ID_COLUMN,
        "run_id": (BigInt, NEEDED),
        "place": (Integer, NEEDED),
        "at": MOMENT,
    },
}
UNIQUE = {
    ("JourneyPlan", "journey_plan", "a_plan_has_one_of_each_version"): ["slug", "version"],
    ("JourneyFact", "journey_fact", "a_fact_is_kept_once"): ["member_id", "fact"],
    ("JourneyStep", "journey_step", "a_step_is_taken_once"): ["run_id", "place"],
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
    for (class_name, tablename, name), columns in UNIQUE.items():
        manager.add_constraint(
            table_class_name=class_name,
            tablename=tablename,
            constraint_name=name,
            constraint_class=Unique,
            params={"columns": columns, "nulls_distinct": True},
        )
    return manager
