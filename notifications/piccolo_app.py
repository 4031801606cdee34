"""What Piccolo has to know of this package."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from notifications.preferences.tables import Preferences

APP_CONFIG = AppConfig(
    app_name="notifications",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Preferences],
)
