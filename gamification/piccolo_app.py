"""What members' acts are worth: registered with Piccolo."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="gamification",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [
            "gamification.players.tables",
            "gamification.catalogue.tables",
            "gamification.catalogue.drafts.tables",
            "gamification.catalogue.previews.tables",
            "gamification.catalogue.releases.tables",
            "gamification.ledger.tables",
            "gamification.badges.tables",
            "gamification.by_hand.tables",
            "gamification.challenges.tables",
            "gamification.holds.tables",
            "gamification.tiers.tables",
            "gamification.standings.tables",
            "gamification.boards.tables",
            "gamification.segments.tables",
            "gamification.squads.tables",
        ]
    ),
    migration_dependencies=[],
    commands=[],
)
