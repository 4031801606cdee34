from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID, BigSerial, Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique

ID = "2026-11-22T00:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Who is in a segment"

PLAIN = {
    "null": False,
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}
COLUMNS = {
    "id": (BigSerial, {"primary_key": True}),
    "segment": (Varchar, {"length": 80, "default": ""}),
    "period": (Varchar, {"length": 100, "default": ""}),
    "member_id": (UUID, {"default": None, "index": True}),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )
    manager.add_table(class_name="SegmentMember", tablename="segment_member")
    for name, (column_class, params) in COLUMNS.items():
        manager.add_column(
            table_class_name="SegmentMember",
            tablename="segment_member",
            column_name=name,
            db_column_name=name,
            column_class_name=column_class.__name__,
            column_class=column_class,
            params=PLAIN | params,
        )
    manager.add_constraint(
        table_class_name="SegmentMember",
        tablename="segment_member",
        constraint_name="in_it_once",
        constraint_class=Unique,
        params={
            "columns": ["segment", "period", "member_id"],
            "nulls_distinct": True,
        },
    )
    return manager
