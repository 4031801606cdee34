"""What Piccolo has to know of this package."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from ground.tables import AuditEntry, IdempotencyKey, ScheduleGap, ScheduleTick

APP_CONFIG = AppConfig(
    app_name="ground",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[AuditEntry, IdempotencyKey, ScheduleGap, ScheduleTick],
)
