"""When each line of the schedule ticked last, and what was missed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigSerial, Boolean, Integer, Timestamptz, Varchar

ID = "2026-11-22T05:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The schedule's ticks"

NEEDED = {"null": False, "default": None}
MOMENT = (Timestamptz, NEEDED)

TABLES = {
    ("ScheduleTick", "schedule_tick"): {
        "task": (Varchar, {"length": 60, "primary_key": True}),
        "ticked_at": MOMENT,
    },
    ("ScheduleGap", "schedule_gap"): {
        "id": (BigSerial, {"primary_key": True}),
        "task": (Varchar, {"length": 60}),
        "first_at": MOMENT,
        "last_at": MOMENT,
        "ticks": (Integer, NEEDED),
        "made_up": (Boolean, NEEDED),
        "noted_at": MOMENT,
    },
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ground", description=DESCRIPTION)
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
    return manager
