"""One publication at work at a time; and what publications and previews are looked up by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T01:05:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "One publication at a time, and the indexes of publications and previews"

FORWARDS = """
CREATE UNIQUE INDEX one_release_at_work ON catalogue_release ((true))
    WHERE state IN ('running', 'going_back');
CREATE INDEX publication_of_release ON publication (release) WHERE release IS NOT NULL;
CREATE INDEX preview_member_in_order
    ON catalogue_preview_member (preview, what, slug, outcome, id);
"""
BACKWARDS = """
DROP INDEX one_release_at_work, publication_of_release, preview_member_in_order;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
