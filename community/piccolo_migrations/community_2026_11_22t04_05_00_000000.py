"""The keys that stand in the pages of public sites."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID, Array, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check

ID = "2026-11-22T04:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Publishable keys"
TABLE = {"table_class_name": "PublishableKey", "tablename": "publishable_key"}
PLAIN = {
    "default": None,
    "null": False,
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="community", description=DESCRIPTION)
    manager.add_table("PublishableKey", tablename="publishable_key")

    def add(name: str, kind: type, **params: object) -> None:
        manager.add_column(
            **TABLE,
            column_name=name,
            db_column_name=name,
            column_class_name=kind.__name__,
            column_class=kind,
            params=PLAIN | params,
        )

    add("id", UUID, primary_key=True, default=UUID4())
    add("key", Varchar, length=40, unique=True)
    add("name", Varchar, length=60, default="")
    add("boards", Array, base_column=Varchar(length=80), default=list)
    add("challenges", Array, base_column=Varchar(length=80), default=list)
    add("origins", Array, base_column=Varchar(length=200), default=list)
    add("created_by", Varchar, length=80, default="")
    add("created_at", Timestamptz)
    add("revoked_at", Timestamptz, null=True)
    manager.add_constraint(
        **TABLE,
        constraint_name="publishable_key_is_recognised",
        constraint_class=Check,
        params={"condition": "key ~ '^pk_[A-Za-z0-9_-]{16,37}$'"},
    )
    return manager
